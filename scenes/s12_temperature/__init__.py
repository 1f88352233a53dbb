"""Loop 12: One distribution, three temperatures: safe, lively, wild."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="12",
    stem="12-temperature",
    idea="One distribution, three temperatures: safe, lively, wild.",
    scene="Temperature",
    needs="temperatures",
    cost=6.0,
    extra=True,
)

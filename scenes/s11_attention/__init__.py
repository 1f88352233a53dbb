"""Loop 11: Attention looks back: earlier words lend what the next one needs."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="11",
    stem="11-attention",
    idea="Attention looks back: earlier words lend what the next one needs.",
    scene="Attention",
    needs="attention",
    cost=6.0,
    extra=True,
)

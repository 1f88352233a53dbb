"""Loop 90: how probable the model found each token that it wrote."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="90",
    stem="90-how-sure",
    idea="A model is sure of some tokens that it writes, and of others it is not.",
    scene="HowSure",
    extra=True,
)

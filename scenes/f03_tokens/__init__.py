"""Figure f03: Text is cut into tokens, each a number, each number a row of the embedding."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="f03",
    stem="tokens",
    idea="Text is cut into tokens, each a number, each number a row of the embedding.",
    scene="Tokens",
    extra=True,
)

"""Loop 06: Follow one token: word, vector, prediction, vector, word."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="06",
    stem="06-gpt3-embedding",
    idea="Follow one token: word, vector, prediction, vector, word.",
    scene="Embedding",
    cost=6.0,
)

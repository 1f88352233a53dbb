"""Loop 04: Output comes one token at a time; each is fed back."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="04",
    stem="04-gpt3-generate-tokens-output",
    idea="Output comes one token at a time; each is fed back.",
    scene="GenerateTokensOutput",
    cost=6.8,
)

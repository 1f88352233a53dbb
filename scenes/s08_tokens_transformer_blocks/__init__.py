"""Loop 08: Every token flows through the whole stack; we listen only after the prompt."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="08",
    stem="08-gpt3-tokens-transformer-blocks",
    idea="Every token flows through the whole stack; we listen only after the prompt.",
    scene="TokensTransformerBlocks",
    cost=6.3,
)

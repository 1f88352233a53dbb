"""Loop 07: The vector climbs a stack of decoder layers; that is the “deep”."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="07",
    stem="07-gpt3-processing-transformer-blocks",
    idea="The vector climbs a stack of decoder layers; that is the “deep”.",
    scene="ProcessingTransformerBlocks",
    cost=8.4,
)

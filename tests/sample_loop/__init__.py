"""Loop 77: the first token that follows the prompt, with its probability. A loop as small as they come."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="77",
    stem="77-first-token",
    idea="After the prompt, each token has a probability.",
    scene="FirstToken",
)

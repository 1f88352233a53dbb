"""Loop 05: Tracks side by side, one for each token: the context window."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="05",
    stem="05-gpt3-generate-output-context-window",
    idea="Tracks side by side, one for each token: the context window.",
    scene="ContextWindow",
    cost=9.6,
)

"""Loop 05: A place for each token, and no more than so many: the context window."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="05",
    stem="05-gpt3-generate-output-context-window",
    idea="A place for each token, and no more than so many: the context window.",
    scene="ContextWindow",
    cost=9.6,
)

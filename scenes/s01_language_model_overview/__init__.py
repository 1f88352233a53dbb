"""Loop 01: A trained language model turns a prompt into text."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="01",
    stem="01-gpt3-language-model-overview",
    idea="A trained language model turns a prompt into text.",
    scene="LanguageModelOverview",
    shapes=("wide", "narrow", "square"),
    cost=6.1,
)

"""Loop 02: Training exposes an untrained model to a vast amount of text, once."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="02",
    stem="02-gpt3-training-language-model",
    idea="Training exposes an untrained model to a vast amount of text, once.",
    scene="TrainingLanguageModel",
    needs="training",
    cost=6.5,
)

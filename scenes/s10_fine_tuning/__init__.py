"""Loop 10: Fine-tuning changes the weights to do one task better."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="10",
    stem="10-gpt3-fine-tuning",
    idea="Fine-tuning changes the weights to do one task better.",
    scene="FineTuning",
    needs="fine-tuning",
    cost=6.8,
)

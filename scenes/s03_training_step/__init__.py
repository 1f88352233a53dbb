"""Loop 03: Predict, measure the error, update the parameters; again and again."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="03",
    stem="03-gpt3-training-step-back-prop",
    idea="Predict, measure the error, update the parameters; again and again.",
    scene="TrainingStep",
    needs="training",
    cost=5.6,
)

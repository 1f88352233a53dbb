"""Figure f01: A window slides over a text, and each place gives a training example."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="f01",
    stem="gpt3-training-examples-sliding-window",
    idea="A window slides over a text, and each place gives a training example.",
    scene="SlidingWindow",
)

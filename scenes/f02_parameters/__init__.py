"""Figure f02: Training turns random values into appropriate ones."""

from scenes.entry import Entry

ENTRY = Entry(
    package=__name__,
    number="f02",
    stem="gpt3-parameters-weights",
    idea="Training turns random values into appropriate ones.",
    scene="ParametersFigure",
    needs="training",
)

"""Places loop 10 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    heading=message("Good at one thing"),
    paragraphs=(
        message(
            "Training can be taken up again. In fine-tuning a trained model gets some more "
            "examples, now all of one task, translation for instance. Its weights shift a little, "
            "towards values that suit this task better."
        ),
    ),
    caption=message("A short fine-tuning: examples go in, the weights change a little, the error falls."),
    alternative=message(
        "A trained model in a chamber labelled fine-tuning; pairs of phrases go into it. Beside it the curve "
        "of its error on unseen phrases; below, before and after, what it makes of one of them and how many "
        "of all are right, with ticks and crosses."
    ),
)

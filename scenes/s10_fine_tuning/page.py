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
    caption=message("A short fine-tuning: some weights, how they changed, and the error on unseen words."),
    alternative=message(
        "A trained model enters a chamber labelled fine-tuning; beside it the change of a block "
        "of weights, a curve of the error, and an answer before and after."
    ),
)

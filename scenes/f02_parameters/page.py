"""Places figure f02 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    after="04",
    heading=message("Made of numbers"),
    paragraphs=(
        message(
            "All that training leaves behind is numbers, called parameters. {subject} has "
            "{parameters} of them. In the untrained model they are random, and training looks for "
            "values that predict better."
        ),
        message(
            "They are arranged in matrices, and to predict a token is, for the most part, to "
            "multiply by one matrix after another. To see what that is good for we have to open "
            "the box."
        ),
    ),
    caption=message(
        "One question goes into the model before training and after it. Between the two guesses only the "
        "weights have changed."
    ),
    alternative=message(
        "A question goes into two boxes, the untrained and the trained model. In each some weights are "
        "printed as numbers, and out of each comes its guess."
    ),
)

"""Places loop 03 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    paragraphs=(
        message(
            "Each example is one small lesson. The model sees only the words given and predicts "
            "what follows. At first that is far off the mark. How far can be calculated, and from "
            "the error it follows for every number in the model which way it should move a "
            "little, so that the next prediction comes out better."
        ),
        message("Then comes the next example, and the next, millions of times."),
    ),
    caption=message("One training step: predict, measure the error, update the parameters, predict again."),
    alternative=message(
        "Words go into an untrained model; its prediction is compared with the correct word, and "
        "the error leads back to a block of weights and the change made to them."
    ),
)

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
    caption=message("Predict, measure the error, update the parameters: the error falls with every lap."),
    alternative=message(
        "A ring: words go into the model, in whose box some weights are seen, its guesses are compared with "
        "the correct word, and from the error, a large number over a falling curve, an arrow leads back to "
        "the weights."
    ),
)

"""Places figure f01 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    after="02",
    paragraphs=(
        message(
            "Nobody has to write the exercises, since the text holds them already. Slide a window "
            "along a sentence: the words inside are the question, and the word after them is the "
            "answer. A single sentence makes many such examples."
        ),
    ),
    caption=message("A window slides along a sentence and leaves a training example wherever it stops."),
    alternative=message(
        "A sentence, and below it training examples: the words given, and the next one asked for."
    ),
)

"""Loop 90 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    heading=message("How sure?"),
    paragraphs=(
        message(
            "Each token that a model writes was one of many. Some had hardly a rival; others won by a hair, "
            "and the text could have gone another way."
        ),
    ),
    caption=message("Each token that was written, and how probable the model found it."),
    alternative=message("A prompt, and below it tokens in rows, each with a bar for its probability."),
)

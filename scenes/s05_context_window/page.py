"""Places loop 05 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    heading=message("Inside the box"),
    paragraphs=(
        message(
            "{subject} has room for {context_window} tokens, a place for each. This is its context window. "
            "The prompt has to fit in, and so has everything the model adds to it."
        ),
    ),
    instead=message("A model has room for as many tokens as its context window has places."),
    caption=message(
        "The text takes the first places, the next token the one after them; the text can go on until all "
        "are full."
    ),
    alternative=message(
        "The box of {subject} with a grid of all its places, full: all pink but those of the prompt, which "
        "are green. Above the grid these few enlarged, each with its token, and the next token’s place. "
        "Outside the box stands a token for which there is no place."
    ),
)

"""Places loop 05 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    heading=message("Inside the box"),
    paragraphs=(
        message(
            "{subject} is {context_window} tokens wide: that many tracks run side by side, one "
            "for each token. This is its context window. The prompt has to fit in, and so has "
            "everything the model adds to it."
        ),
    ),
    instead=message("A model is as many tokens wide as its context window has tracks."),
    caption=message("The prompt takes the first tracks; all others are room for what is still to come."),
    alternative=message(
        "All tracks of {subject} as a grid, a few of them taken; above, the same few seen from near: the "
        "prompt’s tokens below their tracks, the last one highlighted in purple, and what came out above it."
    ),
)

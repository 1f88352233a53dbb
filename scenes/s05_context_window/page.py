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
    caption=message(
        "The prompt takes the first tracks, its answer the next; what follows takes the grey ones, until "
        "all are full."
    ),
    alternative=message(
        "All tracks of {subject} as a full grid, all grey but the first few. Above, these few seen from "
        "near: the prompt’s tokens below their tracks, and the answer below the next."
    ),
)

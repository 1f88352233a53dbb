"""Places loop 01 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    heading=message("It writes on"),
    paragraphs=(
        message(
            "Give a trained language model a few words, the prompt, and it continues them. The "
            "answer is looked up nowhere. It follows from what the model picked up when it was "
            "trained, from more text than anyone could read in a lifetime."
        ),
    ),
    caption=message("A prompt goes in, text comes out. The stronger a token’s pink, the likelier it was."),
    alternative=message("The prompt’s tokens above a box labelled {subject}, the output’s tokens below it."),
)

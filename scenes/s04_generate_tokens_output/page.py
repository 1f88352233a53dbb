"""Places loop 04 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    heading=message("One token at a time"),
    paragraphs=(
        message(
            "Now to what the trained model does when it writes. No sentence comes out whole. The "
            "model gives every token it knows a probability of coming next; one is chosen, put at "
            "the end of the text, and the text, now longer by that token, goes in again."
        ),
    ),
    caption=message("At each step the likeliest tokens; the one that is chosen goes back in as input."),
    alternative=message(
        "A line of text, and bars for the probabilities of the tokens that could come next; the "
        "chosen one is highlighted."
    ),
)

"""Places loop 12 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    after="04",
    paragraphs=(
        message(
            "Which token comes next is drawn from the probabilities. One number, the temperature, "
            "changes them before the draw: below 1 the likely tokens become likelier still, above 1 "
            "the unlikely ones get their chance."
        ),
    ),
    caption=message("The same prompt and the same random numbers, at three temperatures."),
    alternative=message(
        "Three ribbons from 0 to 100 percent, cut into the next token’s probabilities: at the lowest "
        "temperature almost all of one piece, at the highest mostly of all others. Below each, eight tokens."
    ),
)

"""Loop 77 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    heading=message("The first token"),
    paragraphs=(message("A prompt goes in, and one token comes out."),),
    caption=message("The first token with its probability."),
    alternative=message("A prompt above a box, and a token below it."),
)

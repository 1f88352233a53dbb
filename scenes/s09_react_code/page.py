"""Places loop 09 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    heading=message("Code from a description"),
    paragraphs=(
        message(
            "Who can continue text can also write programs. The prompt gives a few examples, each a "
            "description and the code that goes with it, and then a new description. Code is "
            "simply what most likely comes next in such a text, and it appears like any other "
            "answer, one token after another."
        ),
    ),
    caption=message("Examples and a description go in, code comes out, and a browser shows what it does."),
    alternative=message(
        "Examples of a description and its code, a new description, the generated code, and its "
        "preview in a browser."
    ),
)

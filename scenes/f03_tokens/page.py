"""Places figure f03 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    after="05",
    paragraphs=(
        message(
            "A model does not read letters, and not always words. Its tokenizer cuts the text into "
            "pieces that it has a number for, a frequent word whole (with the space before it), a rare "
            "one in parts. The number says which row of the embedding goes in as a vector."
        ),
    ),
    caption=message("Text is cut into tokens, each a number, each number a row of the embedding."),
    alternative=message(
        "A sentence, under its words the tokens they are cut into, under each token its number and a "
        "column of coloured cells."
    ),
)

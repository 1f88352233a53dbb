"""Places loop 06 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    paragraphs=(
        message("Let us follow a single token, the last one. What happens between it and the next?"),
    ),
    steps=(
        message("The token turns into a vector, a list of numbers that stands for it."),
        message("From this vector the layers compute another one, the prediction."),
        message("That one gives every token a score; the higher it is, the likelier the token comes next."),
    ),
    caption=message(
        "The last token becomes a vector, the vector another one, and that gives every token a score: the "
        "higher, the likelier it comes next."
    ),
    alternative=message(
        "A prompt and its last token’s vector as a row of coloured cells, the model, the vector that "
        "results, and from it a way to every token: bars for the scores of some, and how many more there "
        "are. The token that follows stands after the prompt."
    ),
)

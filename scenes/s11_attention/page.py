"""Places loop 11 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    after="08",
    paragraphs=(
        message(
            "How does a token look back? In every layer there are several attention heads. Each of "
            "them weighs the tokens before it, and takes over from each as much as its weight says: "
            "not the word itself, but values that the layer has made of it."
        ),
    ),
    caption=message("Two attention heads, and what the last token looks at in them."),
    alternative=message(
        "A sentence with broad arches from its last token back to two earlier ones, below each of these "
        "how hard it is looked at; below them the answer’s rank among all tokens as a curve, layer by "
        "layer, the first at the top."
    ),
)

"""Places loop 08 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    paragraphs=(
        message(
            "Every token takes the way up through the whole stack, and on it looks back at the "
            "tokens before. While the prompt is read, what comes out on top does not matter. Only "
            "above its last token do we begin to listen, and from there on each token that comes "
            "out goes in again at the bottom."
        ),
    ),
    caption=message(
        "An X-ray: a glow climbs the layers of each token, the stronger, the more a layer changes its vector."
    ),
    alternative=message(
        "A column of slabs for each token, one slab for a layer, and above it a guess in grey; "
        "above the prompt’s last column stands the answer that went in again "
        "below, and above the new last column the one after it. Under the words, arches lead from the "
        "prompt’s last one back to others."
    ),
)

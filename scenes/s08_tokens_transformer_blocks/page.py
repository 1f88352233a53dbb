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
        "An X-ray: the stronger a slab’s purple, the more that layer changed that token’s vector."
    ),
    alternative=message(
        "A column of slabs for each token, one slab for a layer; above the prompt’s last column stands "
        "the answer that went in again below, and above the new last column the one after it."
    ),
)

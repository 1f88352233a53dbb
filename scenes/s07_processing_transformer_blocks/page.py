"""Places loop 07 on the page."""

from scenes.page import Section
from scenes.wording import message

SECTION = Section(
    paragraphs=(
        message(
            "Between the vector that goes in and the one that comes out lie {layers} decoder layers, "
            "one on top of the other. That is what the “deep” in deep learning means."
        ),
        message("Each layer has {parameters_per_layer} parameters of its own to do its part."),
    ),
    instead=message(
        "Between the vector that goes in and the one that comes out lie decoder layers, "
        "one on top of the other. That is what the “deep” in deep learning means."
    ),
    caption=message("Layer by layer the vector changes, and the answer comes nearer to the first place."),
    alternative=message(
        "A stack of decoder layers with the vector in each as a row of coloured cells; beside "
        "each layer a bar for the answer’s place among all tokens there, the longer the nearer to the "
        "first, and over the bars its place in the end in large letters."
    ),
)

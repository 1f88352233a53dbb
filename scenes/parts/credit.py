"""The corner line that says whose values these are."""

from __future__ import annotations

from manim import DR

from scenes.parts.label import Label
from scenes.pieces import TextSource
from scenes.style import Style
from wording import Wording


def credit(model: str, text_source: TextSource, style: Style, wording: Wording) -> Label:
    """The traced model's name, and where the text is not the model's own, whose it is."""
    values = wording("values: {model}", model=model)
    line = {
        "model": values,
        "article": wording("text as in the article") + " · " + values,
        "given": wording("text given, not generated") + " · " + values,
    }[text_source]
    label = Label(line, style.type.small, style.palette.muted)
    room = style.px(1920 - 2 * 40)
    if label.width > room:
        label.scale(room / label.width)
    return label.to_corner(DR, buff=style.px(32))

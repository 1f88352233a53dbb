"""What stands in each row of a picture, at its left."""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, VGroup

from scenes.parts.paragraph import Paragraph
from scenes.style import Style

_LINES = 4


class RowNames(VGroup):
    """A column of ``names``, each so many pixels from the top, flush right where the widest ends.

    A name that is wider than ``width`` pixels takes several lines.
    """

    def __init__(self, names: Sequence[tuple[str, float]], style: Style, *, width: float) -> None:
        palette = style.palette
        found = [
            Paragraph(text, style, size=style.type.small, color=palette.muted, width=width, lines=_LINES)
            for text, _ in names
        ]
        self.edge = style.at(style.margin, 0)[0] + max(name.width for name in found)
        for name, (_, y) in zip(found, names, strict=True):
            name.move_to(style.at(0, y))
            for line in name.lines:
                line.align_to(self.edge * RIGHT, RIGHT)
        super().__init__(*found)

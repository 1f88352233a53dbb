"""What stands in each row of a picture, at its left."""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, VGroup

from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.style import Style


class RowNames(VGroup):
    """A column of ``names``, each so many pixels from the top, flush right where the widest ends."""

    def __init__(self, names: Sequence[tuple[str, float]], style: Style) -> None:
        self.style = style
        labels = [Label(text, style.type.small, style.palette.muted) for text, _ in names]
        self.edge = style.at(style.margin, 0)[0] + max(label.width for label in labels)
        for label, (_, y) in zip(labels, names, strict=True):
            label.move_to(style.at(0, y)).align_to(self.edge * RIGHT, RIGHT)
        super().__init__(*labels)

    def remark(self, text: str, y: float) -> Paragraph:
        """Words between two rows, in as many lines as it takes."""
        style = self.style
        words = Paragraph(
            text,
            style,
            size=style.type.small,
            color=style.palette.muted,
            width=self.width / style.px(1),
            lines=4,
        )
        for line in words:
            line.align_to(self.edge * RIGHT, RIGHT)
        words.set_y(style.at(0, y)[1])
        return words

"""A vector as a row of cells, blue for negative and orange for positive."""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, Square, VGroup, VMobject, interpolate_color
from manim.utils.color import ManimColor

from scenes.style import Style


def shade(value: float, largest: float, style: Style) -> ManimColor:
    """The colour of ``value`` on a scale from -``largest`` (blue) over 0 to ``largest`` (orange)."""
    palette = style.palette
    end = palette.positive if value > 0 else palette.negative
    part = min(1.0, abs(value) / largest) if largest else 0.0
    return interpolate_color(ManimColor(palette.zero), ManimColor(end), part)


class Vector(VGroup):
    """Values as square cells of ``cell`` pixels, on a scale up to ``largest``, by default of them."""

    def __init__(
        self,
        values: Sequence[float],
        style: Style,
        *,
        cell: float,
        gap: float,
        largest: float | None = None,
    ) -> None:
        largest = max(abs(value) for value in values) if largest is None else largest
        # one square for all: Manim takes a millisecond to make one, and a figure has thousands
        corners = Square(side_length=style.px(cell)).points
        stroke = style.stroke(style.hairline / 2)
        pitch = style.px(cell + gap) * RIGHT
        super().__init__()
        for place, value in enumerate(values):
            square = VMobject(
                fill_color=shade(value, largest, style),
                fill_opacity=1,
                stroke_color=style.palette.cell_edge,
                stroke_width=stroke,
            )
            square.points = corners + (place - (len(values) - 1) / 2) * pitch
            self.add(square)

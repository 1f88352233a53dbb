"""A vector as a row of cells, blue for negative and orange for positive."""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, Square, VGroup, VMobject, interpolate_color
from manim.utils.color import ManimColor

from scenes.marks import decoration, show
from scenes.style import Style
from scenes.traced_value import TracedValue


def shade(value: float, largest: float, style: Style, *, most: float = 1.0) -> ManimColor:
    """The colour of ``value`` on a scale from -``largest`` (blue) over 0 to ``largest`` (orange).

    ``most`` is how much of the colour it takes at the scale's ends.
    """
    palette = style.palette
    end = palette.positive if value > 0 else palette.negative
    part = most * min(1.0, abs(value) / largest) if largest else 0.0
    return interpolate_color(ManimColor(palette.zero), ManimColor(end), part)


class Vector(VGroup):
    """Values as square cells of ``cell`` pixels, on a scale up to ``largest``, by default of them.

    Of a value on screen, which is a list, only its numbers at ``places`` are drawn, by default all.
    """

    def __init__(
        self,
        values: TracedValue | Sequence[float],
        style: Style,
        *,
        cell: float,
        gap: float,
        largest: float | None = None,
        places: Sequence[int] | None = None,
    ) -> None:
        traced = values if isinstance(values, TracedValue) else None
        numbers = values.numbers if isinstance(values, TracedValue) else values
        places = range(len(numbers)) if places is None else places
        drawn = [numbers[place] for place in places]
        largest = max(abs(value) for value in drawn) if largest is None else largest
        # one square for all: Manim takes a millisecond to make one, and a figure has thousands
        corners = Square(side_length=style.px(cell)).points
        stroke = style.stroke(style.hairline / 2)
        pitch = style.px(cell + gap) * RIGHT
        super().__init__()
        for place, (cell_of, value) in enumerate(zip(places, drawn, strict=True)):
            square = VMobject(
                fill_color=shade(value, largest, style),
                fill_opacity=1,
                stroke_color=style.palette.cell_edge,
                stroke_width=stroke,
            )
            square.points = corners + (place - (len(drawn) - 1) / 2) * pitch
            self.add(decoration(square) if traced is None else show(square, traced, cell=cell_of))

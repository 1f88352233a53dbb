"""How many of some tries were right, a cell for each."""

from __future__ import annotations

from manim import RIGHT, Rectangle, VGroup

from scenes.style import Style

_LARGEST = 34  # pixels of a cell


class Tally(VGroup):
    """``count`` cells in at most ``width`` pixels; the first ``right`` of them are filled."""

    def __init__(self, right: int, count: int, style: Style, *, width: float) -> None:
        palette = style.palette
        pitch = min(_LARGEST * 1.28, width / max(1, count))
        cells = []
        for place in range(count):
            hit = place < right
            cell = Rectangle(
                width=style.px(pitch / 1.28),
                height=style.px(_LARGEST),
                fill_color=palette.output_fill if hit else palette.special_fill,
                fill_opacity=1,
                stroke_color=palette.output_edge if hit else palette.special_edge,
                stroke_width=style.stroke(min(style.hairline, pitch / 10)),
            )
            cells.append(cell.shift(style.px(pitch * place) * RIGHT))
        super().__init__(*cells)

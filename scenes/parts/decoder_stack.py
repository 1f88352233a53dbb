"""The stack of decoder layers, the first at the bottom."""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, UP, VGroup, interpolate_color
from manim.utils.color import ManimColor

from scenes.parts.label import Label
from scenes.parts.rounded import Rounded
from scenes.style import Style
from scenes.wording import Wording


def drawn_layers(count: int, rows: int = 12) -> tuple[int, ...]:
    """Which of ``count`` layers are drawn, counted from 1.

    All of them up to ``rows``; otherwise the last three, where answers settle, and evenly spaced ones
    below from the first on.
    """
    if count <= rows:
        return tuple(range(1, count + 1))
    last = (count - 2, count - 1, count)
    below = rows - len(last)
    step = (count - 6) / (below - 1) if count - 5 >= below else (count - 4) / (below - 1)
    return (*(round(1 + step * i) for i in range(below)), *last)


class DecoderStack(VGroup):
    """One slab per drawn layer with its number at the left; ``slabs`` and ``names`` go bottom up."""

    def __init__(
        self,
        layers: Sequence[int],
        style: Style,
        wording: Wording,
        *,
        width: float,
        height: float,
        pitch: float,
    ) -> None:
        palette = style.palette
        self.slabs = VGroup()
        self.names = VGroup()
        for row, layer in enumerate(layers):
            place = row / max(len(layers) - 1, 1)
            slab = Rounded(
                style.px(width),
                style.px(height),
                style.px(10),
                fill_color=interpolate_color(
                    ManimColor(palette.layer_first), ManimColor(palette.layer_last), place
                ),
                fill_opacity=1,
                stroke_color=palette.layer_edge,
                stroke_width=style.stroke(style.hairline),
            ).shift(UP * style.px(pitch * row))
            number = wording.integer(layer)
            ends = row in (0, len(layers) - 1)
            text = wording("layer {number}", number=number) if ends else number
            name = Label(text, style.type.small, palette.muted).next_to(slab, LEFT, buff=style.px(22))
            self.slabs.add(slab)
            self.names.add(name.level_with(slab))
        super().__init__(self.slabs, self.names)

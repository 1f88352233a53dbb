"""The stack of decoder layers, the first at the bottom."""

from __future__ import annotations

from collections.abc import Container, Sequence

from manim import LEFT, UP, VGroup, interpolate_color
from manim.utils.color import ManimColor

from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.parts.rounded import Rounded
from scenes.style import Style
from scenes.wording import Wording


class DecoderStack(VGroup):
    """One slab per drawn layer; ``slabs`` go bottom up, ``names`` are the numbers at their left.

    Only the rows in ``named`` carry their numbers; those at the ends say that it is a layer's.
    """

    def __init__(
        self,
        layers: Sequence[int],
        style: Style,
        wording: Wording,
        *,
        width: float,
        height: float,
        pitch: float,
        named: Container[int],
    ) -> None:
        palette = style.palette
        self.slabs = VGroup()
        self.names = VGroup()
        for row, layer in enumerate(layers):
            place = row / max(len(layers) - 1, 1)
            slab = Rounded(
                style.px(width),
                style.px(height),
                style.px(min(10, height / 3)),
                fill_color=interpolate_color(
                    ManimColor(palette.layer_first), ManimColor(palette.layer_last), place
                ),
                fill_opacity=1,
                stroke_color=palette.layer_edge,
                stroke_width=style.stroke(style.hairline),
            ).shift(UP * style.px(pitch * row))
            self.slabs.add(decoration(slab))
            if row in named:
                number = wording.integer(layer)
                ends = row in (0, len(layers) - 1)
                text = wording("layer {number}", number=number) if ends else number
                name = Label(text, style.type.small, palette.muted).next_to(slab, LEFT, buff=style.px(22))
                self.names.add(name.level_with(slab))
        super().__init__(self.slabs, self.names)

"""The scale of the output chips' pink."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, VGroup

from scenes.marks import decoration
from scenes.parts.paragraph import Paragraph
from scenes.parts.rounded import Rounded
from scenes.parts.token import saturation
from scenes.style import Style
from scenes.wording import Wording

_HEIGHT, _GAP = 40, 18  # pixels: the strip, and below the words


class ProbabilityScale(VGroup):
    """A strip of all shades, from the most unlikely token to the most likely, and what they mean above it."""

    def __init__(self, style: Style, wording: Wording, *, width: float) -> None:
        palette, px = style.palette, style.px
        strip = Rounded(
            px(width),
            px(_HEIGHT),
            px(style.chip_radius),
            stroke_color=palette.output_edge,
            stroke_width=style.stroke(style.hairline),
        )
        ends = [saturation(probability, style).to_hex() for probability in (0.0, 1.0)]
        strip.set_fill(ends, opacity=1)  # type: ignore[arg-type]  # a gradient, see ModelBox
        strip.set_sheen_direction(RIGHT)
        words = Paragraph(
            wording("how likely the model found each token: 0 to 100%"),
            style,
            size=style.type.small,
            color=palette.muted,
            width=width,
            lines=3,
        )
        super().__init__(words, decoration(strip))
        self.arrange(DOWN, buff=px(_GAP), aligned_edge=LEFT)

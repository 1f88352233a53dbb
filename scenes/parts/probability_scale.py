"""The scale of the output chips' pink."""

from __future__ import annotations

from manim import DOWN, LEFT, RIGHT, VGroup

from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.rounded import Rounded
from scenes.parts.token import saturation
from scenes.style import Style
from scenes.wording import Wording

_HEIGHT, _GAP, _BESIDE = 40, 18, 16  # pixels: the strip, below the words, beside the ends of the scale


class ProbabilityScale(VGroup):
    """A strip of all shades between 0 and 100 %, and above it ``words`` that say what they mean."""

    def __init__(self, words: str, style: Style, wording: Wording, *, width: float) -> None:
        palette, px, size = style.palette, style.px, style.type.small
        low, high = (Label(end, size, palette.muted) for end in (wording("0%"), wording("100%")))
        strip = Rounded(
            px(width) - low.width - high.width - 2 * px(_BESIDE),
            px(_HEIGHT),
            px(style.chip_radius),
            stroke_color=palette.output_edge,
            stroke_width=style.stroke(style.hairline),
        )
        ends = [saturation(probability, style).to_hex() for probability in (0.0, 1.0)]
        strip.set_fill(ends, opacity=1)  # type: ignore[arg-type]  # a gradient, see ModelBox
        strip.set_sheen_direction(RIGHT)
        scale = VGroup(low, decoration(strip), high).arrange(RIGHT, buff=px(_BESIDE))
        above = Paragraph(words, style, size=size, color=palette.muted, width=width, lines=3)
        super().__init__(above, scale)
        self.arrange(DOWN, buff=px(_GAP), aligned_edge=LEFT)

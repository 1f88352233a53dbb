"""The chamber a model is trained in: a dashed room with its heading and gear."""

from __future__ import annotations

from typing import Literal

from manim import DOWN, LEFT, RIGHT, UP, DashedVMobject, VGroup

from scenes.marks import decoration
from scenes.parts.gear import Gear
from scenes.parts.label import Label
from scenes.parts.rounded import Rounded
from scenes.style import Style

Training = Literal["pre-training", "fine-tuning"]

_RADIUS, _DASH = 56, 44
_GEAR, _SMALL_GEAR = 92, 68
_APART = 20  # pixels between gear and heading


class Chamber(VGroup):
    """``room`` of ``width`` by ``height`` pixels, orange for pre-training and teal for fine-tuning.

    The heading, of one line or more, stands above it, flush with its left edge, after a ``gear``: in smaller
    type where it is wider than ``heading_width`` pixels, by default as wide as the room. Gear and heading
    are ``small`` under another heading.
    """

    def __init__(
        self,
        heading: str,
        style: Style,
        *,
        width: float,
        height: float,
        training: Training,
        heading_width: float | None = None,
        small: bool = False,
    ) -> None:
        palette = style.palette
        edge, ink = {
            "pre-training": (palette.training_edge, palette.training_text),
            "fine-tuning": (palette.tuning_edge, palette.tuning_text),
        }[training]
        self.frame = Rounded(
            style.px(width),
            style.px(height),
            style.px(_RADIUS),
            stroke_color=edge,
            stroke_width=style.stroke(style.line * 1.3),
        )
        self.room = DashedVMobject(self.frame, num_dashes=round(2 * (width + height) / _DASH))
        self.gear = Gear(_SMALL_GEAR if small else _GEAR, ink, style)
        across = self.gear.width + style.px(_APART)
        room = style.px(width if heading_width is None else heading_width) - across
        sizes = (style.type.title, style.type.heading, style.type.body)
        for size in sizes[-1:] if small else sizes:
            lines = (Label(line, size, ink, weight="SEMIBOLD") for line in heading.split("\n"))
            words = VGroup(*lines).arrange(DOWN, buff=style.px(style.line_gap))
            if words.width <= room:
                break
        self.head = head = VGroup(self.gear, words).arrange(RIGHT, buff=style.px(_APART))
        if len(words) == 1:
            words[0].level_with(self.gear)
        head.next_to(self.room, UP, buff=style.px(18), aligned_edge=LEFT)
        super().__init__(decoration(self.room), head)

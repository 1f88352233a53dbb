"""A bar that fills."""

from __future__ import annotations

from manim import LEFT, Animation, Mobject, UpdateFromAlphaFunc, VGroup, linear

from scenes.marks import decoration
from scenes.parts.rounded import Rounded
from scenes.stage import take_paths
from scenes.style import Style


class Meter(VGroup):
    """A full bar of ``width`` by ``height`` pixels in its trough."""

    def __init__(self, color: str, style: Style, *, width: float, height: float) -> None:
        self.style, self.color_of_fill = style, color
        self.size = (width, height)
        self.trough = self._bar(1).set_fill(style.palette.special_fill)
        self.filling = self._bar(1)
        super().__init__(*map(decoration, (self.trough, self.filling)))

    def fill(self, start: float, end: float) -> Animation:
        """From one share of the whole to another, at an even speed."""

        def grow(mobject: Mobject, alpha: float) -> None:
            bar = self._bar(start + (end - start) * alpha)
            take_paths(mobject, bar.move_to(self.trough).align_to(self.trough, LEFT))

        return UpdateFromAlphaFunc(self.filling, grow, rate_func=linear)

    def _bar(self, share: float) -> Rounded:
        width, height = self.size
        return Rounded(
            self.style.px(max(width * share, height)),
            self.style.px(height),
            self.style.px(height / 2),
            fill_color=self.color_of_fill,
            fill_opacity=1,
            stroke_width=0,
        )

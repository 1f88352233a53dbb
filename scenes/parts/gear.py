"""A cog wheel: it turns while a model is trained."""

from __future__ import annotations

import numpy as np
from manim import TAU, Animation, Circle, Rotate, VMobject, linear

from scenes.marks import decoration
from scenes.style import Style

_TEETH = 8


class Gear(VMobject):
    """A wheel of ``size`` pixels across with a hole in the middle."""

    def __init__(self, size: float, color: str, style: Style) -> None:
        super().__init__(fill_color=color, fill_opacity=1, stroke_width=0)
        radius = style.px(size / 2)
        pitch = TAU / _TEETH
        # each tooth's foot, shoulders and foot: how far along the pitch, how far out
        corners = [
            radius * reach * np.array([np.cos(angle), np.sin(angle), 0.0])
            for tooth in range(_TEETH)
            for part, reach in ((0.12, 0.76), (0.24, 1.0), (0.52, 1.0), (0.64, 0.76))
            for angle in [pitch * (tooth + part)]
        ]
        self.start_new_path(corners[0]).add_points_as_corners([*corners[1:], corners[0]])
        # the other way round: what winds back is left open
        decoration(self)
        self.append_points(Circle(radius=radius * 0.36).reverse_points().points)

    def turn(self, teeth: int) -> Animation:
        """Turn on by so many teeth: the wheel then looks as before."""
        return Rotate(self, -teeth * TAU / _TEETH, about_point=self.get_center(), rate_func=linear)

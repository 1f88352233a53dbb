"""The model as a box that glows while it computes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from manim import UR, Animation, Mobject, RoundedRectangle, UpdateFromAlphaFunc, VGroup, VMobject

from scenes.parts.label import Label
from scenes.style import Style


class ModelBox(VGroup):
    """The trained model: a gradient from olive to violet, its name in the middle."""

    def __init__(self, name: str, style: Style, width: float, height: float) -> None:
        palette = style.palette
        self.style = style
        self.box = RoundedRectangle(
            width=style.px(width),
            height=style.px(height),
            corner_radius=style.px(34),
            stroke_color=palette.model_edge,
            stroke_width=style.stroke(style.line),
        )
        # several colours make a gradient, though Manim's annotation names one
        self.box.set_fill(list(palette.trained), opacity=1)  # type: ignore[arg-type]
        self.box.set_sheen_direction(UR)
        label = Label(name, style.type.display, palette.model_text, weight="LIGHT")
        room = style.px(width * 0.84)
        if label.width > room:
            label.scale(room / label.width)
        super().__init__(self.box, label.move_to(self.box))

    def glow(self, strengths: Sequence[float]) -> Animation:
        """One forward pass down the edge: layer by layer, each as bright as its strength (0 to 1)."""
        rim = self._rim(len(strengths))
        half = 2.5  # how many layers shine at once, to either side

        def shine(mobject: Mobject, alpha: float) -> None:
            front = -half + alpha * (len(strengths) + 2 * half)
            for layer, (segment, strength) in enumerate(zip(rim, strengths, strict=True)):
                near = max(0.0, 1 - abs(layer - front) / half)
                segment.set_stroke(opacity=near)
                segment.set_stroke(width=self.style.stroke(8 + 26 * near * strength))

        return UpdateFromAlphaFunc(rim, shine, remover=True)

    def _rim(self, layers: int) -> VGroup:
        """The edge cut into one pair of pieces per layer, from the top down both sides."""
        outline = self.box.copy().set_fill(opacity=0).set_sheen_direction(UR)
        top = self.box.get_top()
        corners = np.array([outline.point_from_proportion(a) for a in np.linspace(0, 1, 721)[:-1]])
        start = int(np.argmin(np.linalg.norm(corners - top, axis=1)))
        around = np.roll(corners, -start, axis=0)
        around = np.concatenate([around, around[:1]])
        half = len(around) // 2
        cuts = np.linspace(0, half, layers + 1).round().astype(int)
        return VGroup(
            *(
                VGroup(*(self._piece(side[a : b + 1]) for side in (around, around[::-1])))
                for a, b in pairwise(cuts)
            )
        )

    def _piece(self, points: np.ndarray) -> VMobject:
        piece = VMobject(stroke_color=self.style.palette.track, stroke_opacity=0)
        piece.set_points_as_corners(points if len(points) > 1 else np.repeat(points, 2, axis=0))
        return piece

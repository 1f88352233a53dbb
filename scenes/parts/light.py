"""The band of light that goes through a model's box while it computes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, ManimColor, VMobject, linear

from scenes.parts.rounded import Rounded
from scenes.style import Point

LENGTH = 0.4  # of the band, in parts of the way through the box
_FRONT = 0.3  # of the band, ahead of its brightest place
PEAK = LENGTH * _FRONT  # from the band's front to its brightest place, in parts of the way
_FAINT, _BRIGHT = 0.34, 0.74  # opacity at the brightest place, for a strength of 0 and of 1
_STOPS = 13  # of the gradient
_STEPS = 6  # of each round corner


class Light(VMobject):
    """Light inside a box: nothing is seen of it until it sweeps."""

    def __init__(self, color: str) -> None:
        super().__init__(stroke_width=0)
        self.colour = ManimColor(color).to_rgb()

    def shine(
        self, box: VMobject, radius: float, direction: Point, strengths: Sequence[float], progress: float
    ) -> None:
        """Draw the light when it is ``progress`` (0 to 1) of its way from one side of ``box`` to the other.

        At each place it is as bright as the layer that lies there changed the vector (``strengths``, 0 to 1).
        """
        axis = int(abs(direction[1]) > 0.5)
        sign = float(np.sign(direction[axis]))
        half, across = (box.width / 2, box.height / 2)[:: 1 - 2 * axis]
        # where the band begins and ends, from 0 at the entry to 1 at the exit, and what of it is in the box
        front = progress * (1 + LENGTH)
        start, end = max(0.0, front - LENGTH), min(1.0, front)
        if end - start < 1e-3:
            self.clear_points()
            return
        places = np.array([start, *_corner_places(radius, half, start, end), end]) * 2 - 1
        depth = radius - np.minimum(radius, half - np.abs(places) * half)
        reach = across - radius + np.sqrt(np.maximum(0, radius**2 - depth**2))
        outline = np.zeros((2 * len(places) + 1, 3))
        outline[:, axis] = np.concatenate([places, places[::-1], places[:1]]) * half * sign
        outline[:, 1 - axis] = np.concatenate([reach, -reach[::-1], reach[:1]])
        self.set_points_as_corners(outline + box.get_center())
        self._colour(np.linspace(start, end, _STOPS), front, strengths)
        # Manim lays the gradient from one side of the shape to the other
        self.sheen_direction = np.asarray(direction, float)

    def _colour(self, places: Point, front: float, strengths: Sequence[float]) -> None:
        """Colour the gradient's stops: dark at the band's ends, brightest a little behind its front."""
        within = (front - places) / LENGTH  # 0 at the band's front, 1 at its end
        shape = np.clip(np.where(within < _FRONT, within / _FRONT, (1 - within) / (1 - _FRONT)), 0, 1)
        layers = np.linspace(0, 1, len(strengths)) if len(strengths) > 1 else np.array([0.5])
        strength = np.clip(np.interp(places, layers, strengths), 0, 1)
        opacity = shape * (_FAINT + (_BRIGHT - _FAINT) * strength)
        self.fill_rgbas = np.column_stack([np.tile(self.colour, (len(places), 1)), opacity])


class Sweep(Animation):
    """The light goes through the box once."""

    def __init__(
        self,
        light: Light,
        box: Rounded,
        radius: float,
        direction: Point,
        strengths: Sequence[float],
        **options: Any,
    ) -> None:
        super().__init__(light, **{"rate_func": linear, **options})
        self.light, self.way = light, (box, radius, direction, strengths)

    def create_starting_mobject(self) -> VMobject:
        """Nothing to keep: the light is drawn anew at each time."""
        return self.light

    def interpolate_mobject(self, alpha: float) -> None:
        """Draw the light at ``alpha`` of the time."""
        self.light.shine(*self.way, self.rate_func(alpha))


def _corner_places(radius: float, half: float, start: float, end: float) -> list[float]:
    """Places along the way, between ``start`` and ``end``, at which the box's round corners are drawn."""
    bend = [(1 - np.cos(angle)) * radius / (2 * half) for angle in np.linspace(0, np.pi / 2, _STEPS)]
    return [place for place in (*bend, *(1 - each for each in reversed(bend))) if start < place < end]

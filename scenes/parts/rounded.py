"""A rectangle with round corners, drawn at once."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from manim import Mobject, VMobject

# how far the handles of the Bézier curve that is nearest to a quarter of a circle reach, at radius 1
_BEND = 4 / 3 * math.tan(math.pi / 8)


class Rounded(VMobject):
    """A rectangle with corners of ``radius``, all in scene units.

    The very path of Manim's ``RoundedRectangle``, which takes some milliseconds to find it: a picture has
    hundreds of chips.
    """

    def __init__(self, width: float, height: float, radius: float, **look: Any) -> None:
        super().__init__(**look)
        x, y = width / 2, height / 2
        bend = radius * (1 - _BEND)
        # the corner at the upper right, from its right end to its upper one; the others are its mirror images
        corner = np.array([(x, y - radius), (x, y - bend), (x - bend, y), (x - radius, y)])
        corners = [
            corner,
            (corner * (-1, 1))[::-1],
            corner * (-1, -1),
            (corner * (1, -1))[::-1],
        ]
        parts = []
        for place, bow in enumerate(corners):
            start, end = bow[-1], corners[(place + 1) % 4][0]
            parts += [bow, np.linspace(start, end, 4)]
        flat = np.concatenate(parts)
        self.points = np.column_stack([flat, np.zeros(len(flat))])


def around(part: Mobject, air: float, radius: float, **look: Any) -> Rounded:
    """A rectangle around ``part``, with so much ``air`` between them, in scene units."""
    return Rounded(part.width + 2 * air, part.height + 2 * air, radius, **look).move_to(part)

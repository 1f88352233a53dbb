"""A chip on its way: it takes a breath, flies and lands; a pale outline keeps its old place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np
from manim import DL, UR, Animation, Mobject, Scene, VMobject, smooth

from scenes.parts.arrow import route
from scenes.style import Point, Style

_BREATH, _LIFT = 0.1, 1.06  # seconds before the flight, and how large the chip is in it
_LANDING = 0.8  # of the way, from where on the chip shrinks to its own size again
_EDGE = 8  # pixels between a box's edge and a chip that is hidden behind it
V = TypeVar("V", bound=VMobject)


class Flight(Animation):
    """The chip flies from where it stands through ``corners``, rounded where they turn, to the last of them.

    It lifts with a breath before it starts, to ``lift`` times its size, and arrives ``size`` times as
    large as it was. ``start`` and ``end`` are parts of the move's time: chips that fly in one move may
    follow each other. ``remover`` takes the chip off the stage when it has arrived.
    """

    origin: Point
    _kept: list[tuple[Mobject, Point]]
    _way: VMobject | None

    def __init__(
        self,
        chip: VMobject,
        corners: Sequence[Point],
        style: Style,
        *,
        size: float = 1.0,
        lift: float = _LIFT,
        start: float = 0.0,
        end: float = 1.0,
        **options: Any,
    ) -> None:
        super().__init__(chip, **{"rate_func": smooth, **options})
        self.corners, self.style, self.size, self.span = corners, style, size, (start, end)
        self.lift = lift

    def create_starting_mobject(self) -> Mobject:
        """Keep where the chip's shapes are; the chip stands for its own start."""
        assert isinstance(self.mobject, Mobject)
        self.origin = self.mobject.get_center()
        self._kept = [
            (shape, shape.points - self.origin) for shape in self.mobject.family_members_with_points()
        ]
        corners = [self.origin]
        for corner in self.corners:
            if not np.allclose(corner, corners[-1]):
                corners.append(np.asarray(corner, float))
        self._way = route(corners, self.style, "#000000") if len(corners) > 1 else None
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Set the chip to where it is at ``alpha`` of the time."""
        start, end = self.span
        time = min(1.0, max(0.0, (alpha - start) / (end - start)))
        seconds = max(1e-6, (end - start) * self.run_time)
        breath = min(0.5, _BREATH / seconds)
        gone = self.rate_func(min(1.0, max(0.0, (time - breath) / (1 - breath))))
        lifted = min(1.0, time / breath, (1 - gone) / (1 - _LANDING))
        place = self.origin if self._way is None or gone == 0 else self._way.point_from_proportion(gone)
        if gone < 1:
            # by whole pixels: a video keeps what moves by parts of one in many more bytes
            pixel = self.style.px(1)
            place = self.origin + np.round((place - self.origin) / pixel) * pixel
        size = (1 + (self.lift - 1) * lifted) * (1 + (self.size - 1) * gone)
        for shape, points in self._kept:
            shape.points = place + points * size

    def clean_up_from_scene(self, scene: Scene) -> None:
        """Put the chip exactly where it was going."""
        self.interpolate(1)
        super().clean_up_from_scene(scene)


def in_turn(count: int, together: float = 0.5) -> list[tuple[float, float]]:
    """When each of ``count`` chips of one move starts and ends; each is on its way for ``together`` of it."""
    if count == 1:
        return [(0.0, 1.0)]
    starts = np.linspace(0, 1 - together, count)
    return [(float(start), float(start + together)) for start in starts]


def pale(chip: V, style: Style) -> V:
    """Return the outline that a chip leaves behind: no filling, grey edge and letters."""
    left = chip.copy()
    ground = getattr(left, "box", None)
    for shape in left.family_members_with_points():
        assert isinstance(shape, VMobject)
        if shape is ground:
            shape.set_fill(opacity=0)
            shape.set_stroke(style.palette.special_edge, width=style.stroke(style.hairline))
            continue
        if shape.fill_opacity:
            shape.set_fill(style.palette.muted)
        if shape.stroke_width:
            shape.set_stroke(style.palette.muted)
    return left


def behind(chip: VMobject, box: VMobject, side: Point, style: Style) -> Point:
    """The place just behind the edge of ``box`` on this ``side`` (UP, LEFT …) where a chip is hidden.

    It is as near to the chip's own place as the box is wide: a chip that goes in there, below the box on the
    stage, goes straight in.
    """
    half = np.array([chip.width / 2, chip.height / 2, 0]) + style.px(_EDGE)
    low, high = box.get_corner(DL) + half, box.get_corner(UR) - half
    middle = box.get_center()
    # a chip that is wider than the box is hidden as well as can be
    low, high = np.minimum(low, middle), np.maximum(high, middle)
    place: Point = np.clip(chip.get_center(), low, high)
    axis = int(abs(side[1]) > 0.5)
    place[axis] = (high if side[axis] > 0 else low)[axis]
    return place

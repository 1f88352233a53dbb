"""Which mobject shows which value: marks that parts set where they draw one, and the boxes made of them.

A part that draws a ``TracedValue`` marks its mobject once, by ``show``; what it draws besides is marked by
``decoration``. Labels of printed values do so by themselves. Nothing is found by its text or colour.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from manim import Mobject, VMobject

from scenes.frame import UNITS_PER_PX
from scenes.style import Point
from scenes.traced_value import TracedValue, traced_values

M = TypeVar("M", bound=Mobject)
Box = tuple[float, float, float, float]  # x, y of the upper left corner, width, height, in parts of the frame

_LEAST = 14  # pixels: a box's sides, so that the point of a curve can be pointed at
_STROKE = 0.01  # Manim's unit of a stroke's width
_DIGITS = 4


@dataclass(frozen=True)
class Mark:
    """One value on a mobject, or on those of its ``points``; of a list its number ``cell``."""

    value: TracedValue
    cell: int | None = None
    points: slice | None = None

    def __deepcopy__(self, memo: object) -> Mark:
        """Return the mark itself: the copy of a mobject shows the same value."""
        return self


def show(mobject: M, value: TracedValue, *, cell: int | None = None, points: slice | None = None) -> M:
    """Mark that ``mobject`` shows ``value``, or its number ``cell``, with all or some of its ``points``."""
    mobject.__dict__.setdefault("marks", []).append(Mark(value, cell, points))
    return mobject


def decoration(mobject: M) -> M:
    """Mark that ``mobject`` shows no value itself; what is in it may."""
    mobject.__dict__["is_decoration"] = True
    return mobject


def marks_of(mobject: Mobject) -> list[Mark]:
    """Return the marks of the mobject itself."""
    found: list[Mark] = mobject.__dict__.get("marks", [])
    return found


def is_decoration(mobject: Mobject) -> bool:
    """Return whether the mobject itself is marked as decoration."""
    return bool(mobject.__dict__.get("is_decoration"))


def shown(
    mobjects: Iterable[Mobject], within: frozenset[int] = frozenset()
) -> Iterator[tuple[Mobject, Mark]]:
    """Yield each mobject that shows a value, with its mark: the outermost of those that show the same."""
    for mobject in mobjects:
        marks = marks_of(mobject)
        inside = within
        for mark in marks:
            if id(mark.value) not in within:
                yield mobject, mark
                if mark.points is None and mark.cell is None:
                    inside |= {id(mark.value)}
        yield from shown(mobject.submobjects, inside)


def boxes(mobjects: Iterable[Mobject], content: Any, frame: tuple[float, float]) -> Mapping[str, Any]:
    """Return where the values of ``content`` stand, by their paths, in a frame of this width and height.

    Each has its ``box``, or ``boxes`` where it is shown several times; of a list its ``cells``, one for each
    of its numbers, None where that is not drawn. A value that is not to be seen has none of them.
    """
    paths: dict[int, tuple[str, TracedValue]] = {}
    for path, value in traced_values(content):
        paths.setdefault(id(value), (path, value))
    found: dict[str, dict[str, Any]] = {}
    for mobject, mark in shown(mobjects):
        if id(mark.value) not in paths or (box := _box(mobject, mark, frame)) is None:
            continue
        path, value = paths[id(mark.value)]
        if mark.cell is None:
            found.setdefault(path, {}).setdefault("boxes", []).append(box)
        else:
            cells = found.setdefault(path, {}).setdefault("cells", [None] * len(value.numbers))
            cells[mark.cell] = box
    for where in found.values():
        if len(where.get("boxes", ())) == 1:
            where["box"] = where.pop("boxes")[0]
    return found


def _box(mobject: Mobject, mark: Mark, frame: tuple[float, float]) -> list[float] | None:
    """The box of what is to be seen, at least so large that it can be pointed at; None where nothing is."""
    parts = [mobject] if mark.points is not None else mobject.get_family()
    corners = [extent for part in parts if (extent := _extent(part, mark.points)) is not None]
    if not corners:
        return None
    low = np.min([corner[0] for corner in corners], axis=0)
    high = np.max([corner[1] for corner in corners], axis=0)
    more = np.maximum(0, _LEAST * UNITS_PER_PX - (high - low)) / 2
    size = np.array(frame)
    # the frame's middle is the origin, and y goes upwards
    left, right = np.clip((np.array([low[0] - more[0], high[0] + more[0]]) / size[0]) + 0.5, 0, 1)
    top, foot = np.clip(0.5 - np.array([high[1] + more[1], low[1] - more[1]]) / size[1], 0, 1)
    return [round(float(each), _DIGITS) for each in (left, top, right - left, foot - top)]


def _extent(part: Mobject, points: slice | None) -> tuple[Point, Point] | None:
    """The lower left and upper right corner of what a mobject itself paints; None where it paints nothing."""
    if not isinstance(part, VMobject) or not len(part.points):
        return None
    filled = part.fill_rgbas[:, 3].max() > 0
    stroked = part.stroke_width > 0 and part.stroke_rgbas[:, 3].max() > 0
    if not filled and not stroked:
        return None
    own = part.points if points is None else part.points[points]
    edge = part.stroke_width * _STROKE / 2 if stroked else 0.0
    return own[:, :2].min(axis=0) - edge, own[:, :2].max(axis=0) + edge

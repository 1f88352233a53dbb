"""What may not be on any stage: something outside of the frame, a word over another, too small a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np
from manim import Arrow, DashedVMobject, Mobject, Triangle, VGroup, VMobject

from scenes.frame import UNITS_PER_PX, WIDE, Frame
from scenes.parts.gear import Gear
from scenes.parts.label import Label
from scenes.parts.token import TokenChip

LEAST_LETTERS, LEAST_LABEL = 36, 34  # px, on a chip and elsewhere


@dataclass(frozen=True)
class Box:
    """Where something stands, in pixels from the frame's middle, and what it is."""

    what: str
    left: float
    right: float
    bottom: float
    top: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than a hair's breadth (2 px) both ways."""
        across = min(self.right, other.right) - max(self.left, other.left)
        along = min(self.top, other.top) - max(self.bottom, other.bottom)
        return across > 2 and along > 2

    def contains(self, other: Box) -> bool:
        """Whether the other lies within this one."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.bottom <= other.bottom and other.top <= self.top


def around(frame: Frame) -> Box:
    """The frame's edges."""
    return Box("frame", -frame.width / 2, frame.width / 2, -frame.height / 2, frame.height / 2)


def box(mobject: Mobject, what: str) -> Box:
    points = mobject.get_points_defining_boundary()[:, :2] / UNITS_PER_PX
    return Box(what, *np.stack([points.min(axis=0), points.max(axis=0)], axis=1).ravel())


def drawn(mobjects: list[Mobject]) -> Iterator[VMobject]:
    """All that has a path and paint."""
    for mobject in mobjects:
        for member in mobject.get_family():
            if isinstance(member, VMobject) and len(member.points) > 4 and _painted(member):
                yield member


def outside(stage: list[Mobject], frame: Frame = WIDE) -> list[Box]:
    """What leaves the frame."""
    found = (box(member, type(member).__name__ + getattr(member, "text", "")) for member in drawn(stage))
    return [each for each in found if not around(frame).contains(each)]


def covered(stage: list[Mobject]) -> list[tuple[Box, Box]]:
    """Words that stand on words or on chips, chips that stand on chips."""
    letters = _letters(stage)
    labels = [member for member in drawn(stage) if isinstance(member, Label)]
    words = [box(label, label.text) for label in labels]
    free = [box(label, label.text) for label in labels if id(label) not in letters]
    chips = [box(chip.box, "chip") for chip in _chips(stage)]
    pairs = (*combinations(words, 2), *combinations(chips, 2), *product(free, chips))
    return [(one, other) for one, other in pairs if one.overlaps(other)]


def crossed(stage: list[Mobject]) -> list[tuple[str, Box]]:
    """Words and chips that a gear, a chamber's border or an arrow's line runs through."""
    words = [box(member, member.text) for member in drawn(stage) if isinstance(member, Label)]
    words += [box(chip.box, "chip") for chip in _chips(stage)]
    return [(type(line).__name__, word) for line in _lines(stage) for word in words if _through(line, word)]


def too_small(stage: list[Mobject]) -> list[str]:
    """Texts below the smallest size. A label's box is its typographic one, cap line to descender."""
    letters = _letters(stage)
    return [
        member.text
        for member in drawn(stage)
        if isinstance(member, Label)
        and member.height / UNITS_PER_PX
        < (LEAST_LETTERS if member.text and id(member) in letters else LEAST_LABEL) - 0.5
    ]


def _letters(stage: list[Mobject]) -> set[int]:
    """The identities of what is written on chips."""
    return {id(member) for chip in _chips(stage) for member in chip.letters.get_family()}


def _lines(stage: list[Mobject]) -> Iterator[VMobject]:
    """The gears, the dashes of the chambers' borders and the arrows' lines."""
    parts = [part for mobject in stage for part in mobject.get_family()]
    for part in parts:
        if isinstance(part, Gear | Arrow):
            yield part
        elif isinstance(part, DashedVMobject):
            yield from part.submobjects
        elif isinstance(part, VGroup) and len(part) == 2 and isinstance(part[1], Triangle):
            yield part[0]  # a bent arrow's line, without its tip


def _through(line: VMobject, word: Box) -> bool:
    """Whether the path comes more than a hair's breadth (2 px) into the word's box."""
    # 40 points on each curve are less than a word's height apart
    curves = [line.get_nth_curve_function(number) for number in range(line.get_num_curves())]
    across, along = (
        np.array([curve(share) for curve in curves for share in np.linspace(0, 1, 40)]) / UNITS_PER_PX
    ).T[:2]
    inside = (across > word.left + 2) & (across < word.right - 2)
    return bool(np.any(inside & (along > word.bottom + 2) & (along < word.top - 2)))


def _painted(member: VMobject) -> bool:
    return bool(member.fill_opacity) or bool(member.stroke_width and member.stroke_opacity)


def _chips(stage: list[Mobject]) -> list[TokenChip]:
    return [part for mobject in stage for part in mobject.get_family() if isinstance(part, TokenChip)]

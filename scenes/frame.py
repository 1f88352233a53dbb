"""The shape of the picture: a scene's ``compose`` sets its parts by it, the parts do not know it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

UNITS_PER_PX = 8.0 / 1080  # Manim's units: its own frame, 1920×1080 pixels, is 8 units high


@dataclass(frozen=True)
class Frame:
    """A picture's size in pixels, and how much of each kind finds room in it.

    Attributes:
        name: What the shape is called.
        width: Pixels across.
        height: Pixels down.
        margin: Pixels left free at the left and at the right.
        columns: Tokens that stand side by side as columns with labels.
        rows: Rows of a stack or a list that carry labels.
        runners_up: Tokens shown beside the chosen one in a distribution.
        lines: Lines that a text's chips may take before they scroll.
    """

    name: str
    width: int
    height: int
    margin: int
    columns: int
    rows: int
    runners_up: int
    lines: int

    @property
    def is_tall(self) -> bool:
        """Whether parts follow each other from top to bottom rather than from left to right."""
        return self.height >= self.width

    @property
    def units(self) -> tuple[float, float]:
        """Width and height in Manim's units: its ``frame_width`` and ``frame_height``."""
        return self.width * UNITS_PER_PX, self.height * UNITS_PER_PX


WIDE = Frame("wide", 1920, 1080, margin=90, columns=9, rows=8, runners_up=3, lines=2)
NARROW = Frame("narrow", 1080, 1350, margin=60, columns=5, rows=6, runners_up=2, lines=3)
# the narrow composition with less height, for the scenes that find room in it: see an entry's ``shapes``
SQUARE = Frame("square", 1080, 1080, margin=60, columns=5, rows=4, runners_up=2, lines=2)
FRAMES: Mapping[str, Frame] = {frame.name: frame for frame in (WIDE, NARROW, SQUARE)}

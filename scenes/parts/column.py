"""A column of a picture: what stands in it, one below the other, flush left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

from manim import DOWN, LEFT, RIGHT, UP, VGroup, VMobject

from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.style import Style
from scenes.wording import Wording

_NUMBER = 68  # the em of a large number, in pixels
M = TypeVar("M", bound=VMobject)


@dataclass(frozen=True)
class Column:
    """Where it begins and how wide it is, in pixels."""

    style: Style
    left: float
    width: float

    def head(self, number: str, text: str, size: float) -> VGroup:
        """A step's number and name, ``size`` pixels to the em."""
        palette = self.style.palette
        count = Label(number, size, palette.text, weight="SEMIBOLD")
        words = Label(text, size, palette.text, weight="SEMIBOLD")
        return VGroup(count, words.next_to(count, RIGHT, buff=self.style.px(20)))

    def caption(self, text: str) -> Label:
        """Return a small caption for the thing below."""
        return Label(text, self.style.type.small, self.style.palette.muted)

    def text(self, text: str) -> Paragraph:
        """Return a small caption for the thing above, in two lines if need be."""
        size, color = self.style.type.small, self.style.palette.muted
        return Paragraph(text, self.style, size=size, color=color, width=self.width, lines=2)

    def number(self, text: str, color: str, size: float = _NUMBER) -> Label:
        """A large number, made smaller where it is wider than the column."""
        label = Label(text, size, color, weight="SEMIBOLD")
        room = self.style.px(self.width)
        return label.scale(room / label.width) if label.width > room else label

    def set(self, mobject: M, top: float) -> M:
        """Set at the left edge, ``top`` pixels down the frame."""
        at = self.style.at(self.left, top)
        mobject.align_to(at, LEFT).align_to(at, UP)
        return mobject

    def stack(self, parts: Sequence[VMobject], gaps: Sequence[float], top: float) -> None:
        """One below the other from ``top`` on, ``gaps`` pixels apart."""
        self.set(parts[0], top)
        for (above, part), gap in zip(pairwise(parts), gaps, strict=True):
            low = above.get_bottom() + self.style.px(gap) * DOWN
            self.set(part, 0).align_to(low, UP)


def numbered(columns: Sequence[Column], names: Sequence[str], wording: Wording, top: float) -> list[VGroup]:
    """The columns' heads, numbered from 1, all of one size: the largest that the longest leaves room for."""
    style = columns[0].style
    for size in (style.type.heading, style.type.body, style.type.small):
        heads = [
            column.set(column.head(wording.integer(number), name, size), top)
            for number, (column, name) in enumerate(zip(columns, names, strict=True), 1)
        ]
        pairs = zip(heads, columns, strict=True)
        if all(head.width <= style.px(column.width) for head, column in pairs):
            break
    return heads

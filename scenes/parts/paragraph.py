"""Text in several lines, cut off with an ellipsis where it is too long."""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

from manim import DOWN, LEFT, ORIGIN, RIGHT, VGroup

from scenes.fonts import MONO, SANS
from scenes.parts.label import Label
from scenes.parts.spelling import Sign, right_to_left, signs
from scenes.style import Style
from scenes.wording.printed import joined, part, spans_of

Weight = Literal["NORMAL", "MEDIUM", "SEMIBOLD"]
_BLANKS = str.maketrans("\t\n", "  ")
_LONGEST = 4000  # characters looked at
_NARROWEST = 0.1  # of an em: no letter is as narrow as that


class Paragraph(VGroup):
    """At most ``lines`` lines of ``width`` pixels, broken at spaces, and within words that are too long.

    A text that begins with letters written from right to left is set from there. ``shortened`` says that
    not all of it fits.
    """

    def __init__(
        self,
        text: str,
        style: Style,
        *,
        size: float,
        color: str,
        width: float,
        lines: int,
        weight: Weight = "NORMAL",
        mono: bool = False,
        centred: bool = False,
    ) -> None:
        self.room = style.px(width)
        self._look = (size, color, weight, mono)
        printed, text = text, text[:_LONGEST].replace("\r\n", " ").translate(_BLANKS)
        self._rtl = right_to_left(text)
        words = text.split(" ")
        broken = self._broken(words, lines + 1)
        self.shortened = len(broken) > lines
        if self.shortened:
            broken = [*broken[: lines - 1], self._fitting(broken[lines - 1] + " …", "…")]
        self.lines = [self._label(line) for line in self._marked(broken, printed)]
        super().__init__(*self.lines)
        start = RIGHT if self._rtl else LEFT
        self.arrange(DOWN, buff=style.px(size * 0.22), aligned_edge=ORIGIN if centred else start)

    def _marked(self, lines: Sequence[str], text: str) -> list[str]:
        """The lines of ``text``, with the values that are printed whole in one of them."""
        if not spans_of(text):
            return [*lines]
        found, done = [], 0
        for line in lines:
            kept = len(line.removesuffix("…").rstrip()) if self.shortened and line is lines[-1] else len(line)
            found.append(joined(part(text, done, done + kept), line[kept:]))
            done += kept + (text[done + kept : done + kept + 1] == " ")
        return found

    def _broken(self, words: Sequence[str], most: int) -> list[str]:
        """The lines, no more than ``most`` of them."""
        lines: list[str] = []
        left = list(reversed(words))
        while left and len(lines) < most:
            line = left.pop()
            while left and self._fits(f"{line} {left[-1]}"):
                line = f"{line} {left.pop()}"
            start = self._fitting(line)
            if start != line:  # a word longer than a line
                left.append(line[len(start) :])
            lines.append(start)
        return lines

    def _fitting(self, text: str, end: str = "") -> str:
        """As much of the text's beginning as fits, with ``end`` where something is cut, at least a letter."""
        if self._fits(text):
            return text
        ends = list(accumulate(len(sign.text) for sign in self._signs(text)))[: self._most]
        fitting = bisect.bisect_left(ends, True, lo=1, key=lambda stop: not self._fits(text[:stop] + end))
        return text[: ends[fitting - 1]] + end

    @property
    def _most(self) -> int:
        """More letters than a line can take."""
        size = self._look[0]
        return int(self.room / (_NARROWEST * Style.px(size))) + 2

    def _fits(self, text: str) -> bool:
        return len(self._signs(text)) <= self._most and self._label(text).width <= self.room

    def _signs(self, text: str) -> Sequence[Sign]:
        mono = self._look[3]
        return signs(text, MONO if mono else SANS)

    def _label(self, text: str) -> Label:
        size, color, weight, mono = self._look
        return Label(text, size, color, weight=weight, mono=mono, rtl=self._rtl)

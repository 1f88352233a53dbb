"""Text in several lines, cut off with an ellipsis where it is too long."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

from manim import DOWN, LEFT, ORIGIN, VGroup

from scenes.parts.label import Label
from scenes.parts.token import readable
from scenes.style import Style

Weight = Literal["NORMAL", "MEDIUM", "SEMIBOLD"]
_BLANKS = str.maketrans("\t\n", "  ")
_LONGEST = 4000  # letters looked at


class Paragraph(VGroup):
    """At most ``lines`` lines of ``width`` pixels, broken at spaces, and within words that are too long.

    A character without a glyph is spelt as its code point. ``shortened`` says that not all of it fits.
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
        words = readable(text.translate(_BLANKS), _LONGEST).split(" ")
        broken = self._broken(words, lines + 1)
        self.shortened = len(broken) > lines
        if self.shortened:
            broken = [*broken[: lines - 1], self._fitting(broken[lines - 1] + " …", "…")]
        self.lines = [self._label(line) for line in broken]
        super().__init__(*self.lines)
        self.arrange(DOWN, buff=style.px(size * 0.22), aligned_edge=ORIGIN if centred else LEFT)

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
        low, high = 1, len(text)
        while high - low > 1:
            middle = math.floor((low + high) / 2)
            low, high = (middle, high) if self._fits(text[:middle] + end) else (low, middle)
        return text[:low] + end

    def _fits(self, text: str) -> bool:
        return self._label(text).width <= self.room

    def _label(self, text: str) -> Label:
        size, color, weight, mono = self._look
        return Label(text, size, color, weight=weight, mono=mono)

"""Chips set in lines, like a text."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import RIGHT, UP, Animation, FadeOut, Mobject, VGroup, VMobject

from scenes.parts.label import Label
from scenes.style import Style
from wording import Wording

Places = dict[Mobject, np.ndarray]


class TokenLines(VGroup):  # type: ignore[misc]
    """Chips in at most ``lines`` lines of ``width`` pixels; what finds no room gives way to "… N tokens …".

    The first two chips stay, and the newest, as many as fit. A chip is one thing that ``reflow`` moves:
    the text grows and scrolls while its chips keep their identity.
    """

    def __init__(
        self, chips: Sequence[Mobject], style: Style, wording: Wording, *, width: float, lines: int
    ) -> None:
        self.chips = list(chips)
        self.style, self.wording = style, wording
        self.room, self.lines = style.px(width), lines
        # an empty path that marks where the first line begins, even while no chip stands there
        self.corner = VMobject().set_points(np.zeros((4, 3)))
        super().__init__()
        self.show(len(self.chips))

    @property
    def visible(self) -> list[Mobject]:
        """The chips (and the "…") that stand in the lines, in reading order."""
        return list(self.submobjects[1:])

    def show(self, count: int) -> TokenLines:
        """Set the first ``count`` chips, and no others, at once."""
        places = self._places(count)
        self.submobjects = [self.corner, *(chip.move_to(place) for chip, place in places.items())]
        return self

    def reflow(self, count: int) -> tuple[list[Animation], list[Mobject]]:
        """Set the first ``count`` chips anew.

        Returns the moves of those that were there, and the newcomers, which stand in their places but
        are not animated.
        """
        before = self.visible
        places = self._places(count)
        moves: list[Animation] = [FadeOut(chip) for chip in before if chip not in places]
        for chip, place in places.items():
            if chip not in before:
                chip.move_to(place)
            elif not np.allclose(chip.get_center(), place):
                moves.append(chip.animate.move_to(place))
        self.submobjects = [self.corner, *places]
        return moves, [chip for chip in places if chip not in before]

    def _places(self, count: int) -> Places:
        """Where each visible chip stands when the first ``count`` are set."""
        corner = self.corner.get_center()
        gap, leading = self.style.px(self.style.gap), self.style.px(self.style.gap * 1.4)
        places: Places = {}
        for number, row in enumerate(self._fitting(self.chips[:count])):
            left = corner[0]
            top = corner[1] - number * (self.style.px(self.style.chip_height) + leading)
            for chip in row:
                middle = top - self.style.px(self.style.chip_height) / 2
                places[chip] = (left + chip.width / 2) * RIGHT + middle * UP
                left += chip.width + gap
        return places

    def _fitting(self, chips: list[Mobject]) -> list[list[Mobject]]:
        rows = self._rows(chips)
        for hidden in range(1, len(chips)):
            if len(rows) <= self.lines:
                break
            kept = min(2, len(chips) - hidden - 1)
            text = self.wording("… {count} tokens …", count=self.wording.integer(hidden))
            gap = Label(text, self.style.type.small, self.style.palette.muted)
            rows = self._rows([*chips[:kept], gap, *chips[kept + hidden :]])
        return rows

    def _rows(self, chips: Sequence[Mobject]) -> list[list[Mobject]]:
        rows: list[list[Mobject]] = []
        used = 0.0
        for chip in chips:
            if not rows or used + chip.width > self.room:
                rows.append([])
                used = 0.0
            rows[-1].append(chip)
            used += chip.width + self.style.px(self.style.gap)
        return rows

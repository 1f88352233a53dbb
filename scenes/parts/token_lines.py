"""Chips set in lines, like a text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from manim import UP, Animation, MoveToTarget, VGroup, VMobject, smooth

from scenes.fade import FadeOut
from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.parts.token import OnDemand
from scenes.style import Point, Style
from scenes.wording import Wording

Places = dict[VMobject, Point]


def travel(mobject: VMobject, place: Point, rate_func: Callable[[float], float] = smooth) -> Animation:
    """The move of ``mobject`` from where it stands to ``place``."""
    mobject.generate_target()
    assert mobject.target is not None
    mobject.target.move_to(place)
    return MoveToTarget(mobject, rate_func=rate_func)


class TokenLines(VGroup):
    """Chips in at most ``lines`` lines of ``width`` pixels; what finds no room gives way to "… N tokens …".

    The first two chips stay, and the newest, as many as fit. A chip is one thing that ``reflow`` moves:
    the text grows and scrolls while its chips keep their identity.
    """

    def __init__(
        self,
        chips: Sequence[VMobject] | OnDemand,
        style: Style,
        wording: Wording,
        *,
        width: float,
        lines: int,
    ) -> None:
        self.chips = chips
        self.style, self.wording = style, wording
        self.room, self.lines = style.px(width), lines
        self._gaps: dict[int, Label] = {}
        self._widths: dict[VMobject, float] = {}
        # an empty path that marks where the first line begins, even while no chip stands there
        self.corner = decoration(VMobject().set_points(np.zeros((4, 3))))
        super().__init__()
        self.set_first(len(self.chips))

    @property
    def visible(self) -> list[VMobject]:
        """The chips (and the "…") that stand in the lines, in reading order."""
        return self.submobjects[1:]

    def set_first(self, count: int) -> None:
        """Set the first ``count`` chips, and no others, at once."""
        self.submobjects = [self.corner]
        for chip, place in self._places(count).items():
            self.submobjects.append(chip.move_to(place))

    def reflow(self, count: int) -> tuple[list[Animation], list[VMobject]]:
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
                moves.append(travel(chip, place))
        self.submobjects = [self.corner, *places]
        return moves, [chip for chip in places if chip not in before]

    def foot(self, count: int) -> Point:
        """Where the last of the first ``count`` chips will end below, in the middle."""
        *_, (_, place) = self._places(count).items()
        below: Point = place - self.style.px(self.style.chip_height) / 2 * UP
        return below

    def _places(self, count: int) -> Places:
        """Where each visible chip stands when the first ``count`` are set."""
        corner = self.corner.get_center()
        gap, height = self.style.px(self.style.gap), self.style.px(self.style.chip_height)
        places: Places = {}
        for number, row in enumerate(self._fitting(count)):
            left = corner[0]
            middle = corner[1] - height / 2 - number * (height + 1.4 * gap)
            for chip in row:
                places[chip] = np.array([left + self._width(chip) / 2, middle, 0])
                left += self._width(chip) + gap
        return places

    def _fitting(self, count: int) -> list[list[VMobject]]:
        rows = self._rows(self.chips[place] for place in range(count))
        if len(rows) <= self.lines:
            return rows
        # stands for any shorter count while we look for the right one
        widest = self._gap(sum(self._tokens(place) for place in range(count)))
        hidden = count - 1
        # From the end: a text may be long, what finds room of it is short.
        while hidden > 1 and len(self._rows(self._around(count, hidden - 1, widest))) <= self.lines:
            hidden -= 1
        kept = min(2, count - hidden - 1)
        tokens = sum(self._tokens(place) for place in range(kept, kept + hidden))
        return self._rows(self._around(count, hidden, self._gap(tokens)))

    def _tokens(self, place: int) -> int:
        """How many tokens the chip at ``place`` stands for."""
        return self.chips.tokens[place] if isinstance(self.chips, OnDemand) else 1

    def _around(self, count: int, hidden: int, gap: VMobject) -> list[VMobject]:
        """The first ``count`` chips with ``gap`` in the place of the hidden ones."""
        kept = min(2, count - hidden - 1)
        first, last = range(kept), range(kept + hidden, count)
        return [*(self.chips[i] for i in first), gap, *(self.chips[i] for i in last)]

    def _gap(self, hidden: int) -> Label:
        """ "… N tokens …", one and the same for the same number."""
        if hidden not in self._gaps:
            text = self.wording.plural("… {count} token …", "… {count} tokens …", hidden)
            self._gaps[hidden] = Label(text, self.style.type.small, self.style.palette.muted)
        return self._gaps[hidden]

    def _rows(self, chips: Iterable[VMobject]) -> list[list[VMobject]]:
        """The chips line by line, but for what comes after the first line too many."""
        rows: list[list[VMobject]] = []
        used = 0.0
        for chip in chips:
            width = self._width(chip)
            if not rows or used + width > self.room:
                if len(rows) > self.lines:
                    break
                rows.append([])
                used = 0.0
            rows[-1].append(chip)
            used += width + self.style.px(self.style.gap)
        return rows

    def _width(self, chip: VMobject) -> float:
        """A chip's width, measured once: Manim walks all of its points to tell."""
        if chip not in self._widths:
            self._widths[chip] = chip.width
        return self._widths[chip]

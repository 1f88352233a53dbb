"""How near a token is to the first place, row by row, as bars on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from manim import DOWN, LEFT, ORIGIN, RIGHT, UP, Animation, GrowFromEdge, Rectangle, VGroup, VMobject

from scenes.parts.label import Label
from scenes.style import Point, Style
from scenes.wording import Wording

_LEAST = 8  # pixels of the first place's bar
_GAP, _RISE, _FALL = 14, 6, 9  # pixels: from a bar to its label, how far that makes room for one beside it
_CLIFF = 30  # pixels between bars, from which on the longer one is in the way of the other's label


class PlaceBars(VGroup):
    """A bar for each of the ``places``, the first at the bottom: none for the first place, all for ``last``.

    ``full`` pixels are the last place. ``bars`` go bottom up; so do ``labels``, the printed places beside
    them. Of those of the rows ``printed``, by importance, the ones that find room are in the picture:
    ``kept`` are their rows.
    """

    def __init__(
        self,
        places: Sequence[float],
        last: float,
        style: Style,
        wording: Wording,
        *,
        full: float,
        pitch: float,
        thickness: float,
        printed: Iterable[int],
    ) -> None:
        self.style = style
        palette = style.palette
        self.bars, self.labels = VGroup(), VGroup()
        self._texts: list[Label] = []
        for row, place in enumerate(places):
            leads = place <= 1
            bar = Rectangle(
                width=style.px(max(_LEAST, full * math.log(place) / math.log(max(2, last)))),
                height=style.px(thickness),
                fill_color=palette.output_fill if leads else palette.track_fill,
                fill_opacity=1,
                stroke_color=palette.output_edge if leads else palette.track_edge,
                stroke_width=style.stroke(style.hairline),
            )
            weight = "SEMIBOLD" if leads else "NORMAL"
            label = Label(wording.ordinal(round(place)), style.type.small, palette.text, weight=weight)
            self.bars.add(bar.align_to(ORIGIN, LEFT).shift(style.px(pitch * row) * UP))
            self.labels.add(label)
            self._texts.append(label)
        for row, text in enumerate(self._texts):
            self._beside(row, text)
        self.kept = self._chosen(printed)
        super().__init__(self.bars, VGroup(*(self.labels[row] for row in self.kept)))

    def start(self, place: Point) -> None:
        """Set the first bar's left end here; all labels go with it, also those not in the picture."""
        VGroup(self.bars, self.labels).shift(place)

    def growth(self, row: int) -> Animation:
        """Return the animation in which a bar grows out of its row."""
        return GrowFromEdge(self.bars[row], LEFT)

    def _beside(self, row: int, label: Label) -> None:
        """Set a label at the end of its bar; where a bar beside is much longer or shorter, away from it."""
        px = self.style.px
        ends = [bar.get_right()[0] for bar in self.bars]
        label.next_to(self.bars[row], RIGHT, buff=px(_GAP)).level_with(self.bars[row])
        if row and ends[row - 1] > ends[row] + px(_CLIFF):
            label.shift(px(_RISE) * UP)
        elif row + 1 < len(ends) and ends[row + 1] < ends[row] - px(_CLIFF):
            label.shift(max(0, max(ends[max(0, row - 1) : row + 1]) - ends[row]) * RIGHT + px(_FALL) * DOWN)

    def _chosen(self, rows: Iterable[int]) -> list[int]:
        """Return the rows whose labels find room, each beside those before it."""
        chosen: list[int] = []
        for row in rows:
            label, above = self.labels[row], self.bars[row + 1 : row + 2]
            free = not any(_meet(label, self.labels[other], self.style.px(_GAP)) for other in chosen)
            if row not in chosen and free and not any(_meet(label, bar, 0) for bar in above):
                chosen.append(row)
        return sorted(chosen)


def _meet(one: VMobject, other: VMobject, gap: float) -> bool:
    """Return whether two mobjects share some room, or stand side by side with less than ``gap`` between."""
    across = abs(one.get_x() - other.get_x()) < (one.width + other.width) / 2 + gap
    return across and abs(one.get_y() - other.get_y()) < (one.height + other.height) / 2

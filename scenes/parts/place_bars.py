"""How near a token is to the first place, row by row, as bars on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from manim import DOWN, LEFT, ORIGIN, RIGHT, UP, Animation, GrowFromEdge, Line, Rectangle, VGroup, VMobject

from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.style import Point, Style
from scenes.traced_value import TracedValue
from scenes.wording import Wording

_LEAST = 8  # pixels of a bar
_MARKS = (1000, 10, 100)  # places on the scale, as far as there is room between its ends
_GAP, _RISE, _FALL = 14, 6, 9  # pixels: from a bar to its label, how far that makes room for one beside it
_CLEAR = 10  # from the line at the first place to a label
_BESIDE = 20  # right of the line, besides a label's own width
_BELOW = 15  # from the bars to the scale
_CLIFF = 30  # pixels between bars, from which on the longer one is in the way of the other's label


class PlaceBars(VGroup):
    """A bar for each of the ``places``, the first at the bottom: the longer, the nearer to the first place.

    ``width`` pixels are the bar of the first place, the longest, and room for a label beside it; the place
    ``last`` has no length; a scale below says so. ``bars`` go bottom up; so do ``labels``, the printed places
    beside them. Of those of the rows ``printed``, by importance, the ones that find room are in the picture:
    ``kept`` are their rows.
    """

    def __init__(
        self,
        places: Sequence[TracedValue],
        last: TracedValue,
        style: Style,
        wording: Wording,
        *,
        width: float,
        pitch: float,
        thickness: float,
        printed: Iterable[int],
    ) -> None:
        self.style = style
        palette = style.palette
        # the bars of higher places leave room enough for their longer labels
        longest = Label(wording.ordinal(10), style.type.small, palette.text, weight="SEMIBOLD")
        self.beside = longest.width / style.px(1) + _BESIDE
        self.full, self.last = width - self.beside, max(2.0, last.number)
        self.bars, self.labels = VGroup(), VGroup()
        self._texts: list[Label] = []
        for row, value in enumerate(places):
            place = value.number
            leads = place <= 1
            bar = Rectangle(
                width=style.px(max(_LEAST, self._length(place))),
                height=style.px(thickness),
                fill_color=palette.output_fill if leads else palette.track_fill,
                fill_opacity=1,
                stroke_color=palette.output_edge if leads else palette.track_edge,
                stroke_width=style.stroke(style.hairline),
            )
            weight = "SEMIBOLD" if leads else "NORMAL"
            label = Label(wording.ordinal(value), style.type.small, palette.text, weight=weight)
            self.bars.add(show(bar, value).align_to(ORIGIN, LEFT).shift(style.px(pitch * row) * UP))
            self.labels.add(label)
            self._texts.append(label)
        self.scale_below = self._scale(wording, last, pitch * (len(places) - 0.5))
        for row, text in enumerate(self._texts):
            self._beside(row, text)
        self.kept = self._chosen(printed)
        super().__init__(self.bars, VGroup(*(self.labels[row] for row in self.kept)))

    def start(self, place: Point) -> None:
        """Set the first bar's left end here; the scale and all labels go with it, also those not kept."""
        VGroup(self.bars, self.labels, self.scale_below).shift(place)

    def growth(self, row: int) -> Animation:
        """Return the animation in which a bar grows out of its row."""
        return GrowFromEdge(self.bars[row], LEFT)

    def clear(self, left: float, width: float) -> float:
        """Return where a label that would begin at ``left`` begins: beyond the line if that would cross it.

        It stays where there is too little room beyond the line.
        """
        clear, line = self.style.px(_CLEAR), float(self.scale_below[0].get_x())
        crossed = left < line + clear and left + width > line - clear
        return line + clear if crossed and clear + width <= self.style.px(self.beside) else left

    def _length(self, place: float) -> float:
        """The pixels of a place's bar."""
        return self.full * (1 - math.log(place) / math.log(self.last))

    def _scale(self, wording: Wording, last: TracedValue, high: float) -> VGroup:
        """A line at the first place, as high as the bars, and under them what some lengths stand for."""
        style, px = self.style, self.style.px
        low = self.bars[0].get_bottom()[1] - px(6)
        first = Line(px(self.full) * RIGHT + low * UP, px(self.full) * RIGHT + px(high) * UP)
        scale = VGroup(
            decoration(first).set_stroke(style.palette.output_edge, width=style.stroke(style.hairline))
        )
        for place in (1, self.last, *(each for each in _MARKS if each < self.last)):
            ordinal = wording.ordinal(last if place == last.number else round(place))
            texts = [wording("{place} (last)", place=ordinal), ordinal] if place == self.last else [ordinal]
            ink = style.palette.text if place == 1 else style.palette.muted
            for text in texts:
                label = Label(text, style.type.small, ink)
                label.move_to(px(self._length(place)) * RIGHT + (low - px(_BELOW) - label.height / 2) * UP)
                if place == self.last:
                    label.align_to(ORIGIN, LEFT)
                if not any(_meet(label, other, px(2 * _GAP)) for other in scale[1:]):
                    scale.add(label)
                    break
        return scale

    def _beside(self, row: int, label: Label) -> None:
        """Set a label at the end of its bar; away from a much longer bar above or below."""
        px = self.style.px
        ends = [bar.get_right()[0] for bar in self.bars]
        label.next_to(self.bars[row], RIGHT, buff=px(_GAP)).level_with(self.bars[row])
        if row and row + 1 < len(ends) and ends[row + 1] > ends[row] + px(_CLIFF):
            label.shift(px(_FALL) * DOWN)  # the first has the scale below it
        elif row and ends[row - 1] > ends[row] + px(_CLIFF):
            label.shift(px(_RISE) * UP)
        left = float(label.get_left()[0])
        label.shift((self.clear(left, label.width) - left) * RIGHT)

    def _chosen(self, rows: Iterable[int]) -> list[int]:
        """Return the rows whose labels find room, each beside those before it."""
        chosen: list[int] = []
        for row in rows:
            label, beside = (
                self.labels[row],
                [*self.bars[max(0, row - 1) : row], *self.bars[row + 1 : row + 2], *self.scale_below[1:]],
            )
            free = not any(_meet(label, self.labels[other], self.style.px(_GAP)) for other in chosen)
            if row not in chosen and free and not any(_meet(label, bar, 0) for bar in beside):
                chosen.append(row)
        return sorted(chosen)


def _meet(one: VMobject, other: VMobject, gap: float) -> bool:
    """Return whether two mobjects share some room, or stand side by side with less than ``gap`` between."""
    across = abs(one.get_x() - other.get_x()) < (one.width + other.width) / 2 + gap
    return across and abs(one.get_y() - other.get_y()) < (one.height + other.height) / 2

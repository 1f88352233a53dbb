"""How near a token is to the first place, row by row, as bars on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence

from manim import LEFT, ORIGIN, RIGHT, UP, Animation, GrowFromEdge, Line, Rectangle, VGroup, VMobject

from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.style import Point, Style
from scenes.traced_value import TracedValue
from scenes.wording import Wording

_LEAST = 8  # pixels of a bar
_MARKS = (100, 10, 1000)  # places on the scale, as far as there is room between its ends
_GAP, _BELOW = 9, 15  # pixels: half of what is between two labels of the scale; from the bars to those


class PlaceBars(VGroup):
    """A bar for each of the ``places``, the first at the bottom: the longer, the nearer to the first place.

    The first place's bar ends under its label on the scale, whose right end is ``width`` pixels from where
    the bars begin; the place ``last`` has no length. ``bars`` go bottom up.
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
    ) -> None:
        self.style = style
        palette = style.palette
        first = Label(wording.ordinal(1), style.type.small, palette.text)
        self.full, self.last = width - first.width / style.px(2), max(2.0, last.number)
        self.bars = VGroup()
        for row, value in enumerate(places):
            leads = value.number <= 1
            bar = Rectangle(
                width=style.px(max(_LEAST, self._length(value.number))),
                height=style.px(thickness),
                fill_color=palette.output_fill if leads else palette.track_fill,
                fill_opacity=1,
                stroke_color=palette.output_edge if leads else palette.track_edge,
                stroke_width=style.stroke(style.hairline),
            )
            self.bars.add(show(bar, value).align_to(ORIGIN, LEFT).shift(style.px(pitch * row) * UP))
        self.scale_below = self._scale(wording, last, first, pitch * (len(places) - 0.5))
        super().__init__(*self.bars)

    def start(self, place: Point) -> None:
        """Set the first bar's left end here; the scale goes with it."""
        VGroup(self.bars, self.scale_below).shift(place)

    def growth(self, row: int) -> Animation:
        """Return the animation in which a bar grows out of its row."""
        return GrowFromEdge(self.bars[row], LEFT)

    def _length(self, place: float) -> float:
        """The pixels of a place's bar."""
        return self.full * (1 - math.log(place) / math.log(self.last))

    def _scale(self, wording: Wording, last: TracedValue, first: Label, high: float) -> VGroup:
        """A line at the first place, as high as the bars, and under them what some lengths stand for."""
        style, px = self.style, self.style.px
        low = self.bars[0].get_bottom()[1] - px(6)
        line = Line(px(self.full) * RIGHT + low * UP, px(self.full) * RIGHT + px(high) * UP)
        scale = VGroup(
            decoration(line).set_stroke(style.palette.output_edge, width=style.stroke(style.hairline))
        )
        ordinal = wording.ordinal(last)
        ends = wording("{place} (last)", place=ordinal), ordinal, wording.integer(last)
        # rather a place between the ends than a longer name at one of them
        named = [self._labels(wording, first, end, low) for end in ends]
        scale.add(*max(named, key=lambda labels: len(labels) > 2))
        return scale

    def _labels(self, wording: Wording, first: Label, end: str, low: float) -> list[Label]:
        """The first place's label, the last one's, and those between that have room."""
        style, px = self.style, self.style.px
        found: list[Label] = []
        for place in (1, self.last, *(each for each in _MARKS if each < self.last)):
            text = end if place == self.last else wording.ordinal(round(place))
            label = first.copy() if place == 1 else Label(text, style.type.small, style.palette.muted)
            label.move_to(px(self._length(place)) * RIGHT + (low - px(_BELOW) - label.height / 2) * UP)
            if place == self.last:
                label.align_to(ORIGIN, LEFT)
            if not any(_meet(label, other, px(2 * _GAP)) for other in found):
                found.append(label)
        return found


def _meet(one: VMobject, other: VMobject, gap: float) -> bool:
    """Return whether two mobjects stand side by side with less than ``gap`` between."""
    return bool(abs(one.get_x() - other.get_x()) < (one.width + other.width) / 2 + gap)

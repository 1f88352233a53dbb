"""How clearly a vector points to each of some tokens: a bar each, from zero."""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, RIGHT, UP, Animation, GrowFromEdge, Line, Rectangle, VGroup, smooth, squish_rate_func

from scenes.fade import FadeIn
from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.parts.token import TokenText
from scenes.style import Point, Style
from scenes.traced_value import TracedValue
from scenes.wording import Wording

_GAP = 24  # pixels: between a text and the longest bar below zero, and between a bar and its logit


class LogitBars(VGroup):
    """A row for each token: its text, its bar, its logit; then a row that says how many ``more`` there are.

    The rows are at most ``width`` pixels wide, from where the texts begin, on; ``pitch`` is the way down to
    the next row. The row of the ``chosen`` token is pink. A line of zero stands where the bars begin.
    ``names`` are the texts, ``bars`` the bars and their logits, ``axis`` is the line of zero with
    the logits' ``title``, over the first one's place.
    """

    def __init__(
        self,
        scores: Sequence[tuple[TracedValue, TracedValue, bool]],
        more: str,
        title: str,
        style: Style,
        wording: Wording,
        *,
        width: float,
        pitch: float,
        longest: int,
    ) -> None:
        palette, px = style.palette, style.px
        names = [TokenText(token, style, longest=longest) for token, _, _ in scores]
        numbers = [Label(wording.decimal(logit), style.type.body, palette.text) for _, logit, _ in scores]
        begin = max(name.width for name in names) + px(_GAP)
        full = px(width) - begin - max(number.width for number in numbers) - px(_GAP)
        logits = [logit.number for _, logit, _ in scores]
        lowest, highest = min(0.0, *logits), max(0.0, *logits)
        unit = full / (highest - lowest or 1)
        zero = begin - lowest * unit
        self.pitch = px(pitch)
        self.rows = VGroup()
        for number, (name, label, (_, value, chosen)) in enumerate(zip(names, numbers, scores, strict=True)):
            logit = value.number
            y = -self.pitch * number
            fill, edge = palette.track_fill, palette.track_edge
            if chosen:
                fill, edge = palette.output_fill, palette.output_edge
            bar = Rectangle(
                width=max(abs(logit) * unit, px(3)),
                height=px(pitch * 0.7),
                fill_color=fill,
                fill_opacity=1,
                stroke_color=edge,
                stroke_width=style.stroke(style.hairline),
            )
            show(bar, value).move_to((zero, y, 0), aligned_edge=LEFT if logit >= 0 else RIGHT)
            name.align_to((0, 0, 0), LEFT).level_with(bar)
            label.next_to((begin + full, y, 0), RIGHT, buff=px(_GAP)).level_with(bar)
            if logit >= 0:
                label.next_to(bar, RIGHT, buff=px(_GAP)).level_with(bar)
            self.rows.add(VGroup(name, bar, label))
        line = Line((zero, px(pitch * 0.45), 0), (zero, -px(pitch * (len(scores) - 0.55)), 0))
        line.set_stroke(palette.muted, width=style.stroke(style.hairline))
        head = Label(title, style.type.small, palette.muted)
        head.next_to((0, px(pitch * 0.35), 0), UP, buff=px(6)).align_to((px(width), 0, 0), RIGHT)
        axis = VGroup(decoration(line), head)
        others = Label(more, style.type.body, palette.muted)
        others.move_to((0, -self.pitch * len(scores), 0), aligned_edge=LEFT)
        super().__init__(self.rows, axis, others)
        self.axis = axis
        self.names = VGroup(*(name for name, _, _ in self.rows), others)
        self.bars = VGroup(*(VGroup(bar, label) for _, bar, label in self.rows))

    @property
    def starts(self) -> list[Point]:
        """Where each row begins, that of all others too."""
        left, top = self.names[-1].get_left()[0], self.rows[0][1].get_y()
        return [left * RIGHT + (top - row * self.pitch) * UP for row in range(len(self.rows) + 1)]

    def growth(self, number: int) -> list[Animation]:
        """The bar of a row grows from zero, then its number is there."""
        _, bar, label = self.rows[number]
        side = LEFT if bar.get_x() >= self.axis[0].get_x() else RIGHT
        return [GrowFromEdge(bar, side), FadeIn(label, rate_func=squish_rate_func(smooth, 0.7, 1))]

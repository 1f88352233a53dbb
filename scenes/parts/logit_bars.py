"""How clearly a vector points to each of some tokens: a bar each, from zero."""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, RIGHT, Animation, GrowFromEdge, Line, Rectangle, VGroup, smooth, squish_rate_func

from scenes.fade import FadeIn
from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.parts.token import TokenText
from scenes.style import Style
from scenes.traced_value import TracedValue
from scenes.wording import Wording


class LogitBars(VGroup):
    """A row for each token: its text, its bar, its logit; then the line of zero, from which the bars go.

    The bars with their logits are at most ``width`` pixels wide, from the first row's left end, where they
    stand, on; the texts end before it. ``pitch`` is the way down to the next row. The row of the ``chosen``
    token is pink.
    """

    def __init__(
        self,
        scores: Sequence[tuple[TracedValue, TracedValue, bool]],
        style: Style,
        wording: Wording,
        *,
        width: float,
        pitch: float,
        longest: int,
    ) -> None:
        palette, px = style.palette, style.px
        names = [TokenText(token, style, longest=longest) for token, _, _ in scores]
        numbers = [Label(wording.decimal(logit), style.type.small, palette.text) for _, logit, _ in scores]
        full = px(width) - max(number.width for number in numbers) - px(16)
        logits = [logit.number for _, logit, _ in scores]
        lowest, highest = min(0.0, *logits), max(0.0, *logits)
        unit = full / (highest - lowest or 1)
        zero = -lowest * unit
        self.rows = VGroup()
        for number, (name, label, (_, value, chosen)) in enumerate(zip(names, numbers, scores, strict=True)):
            logit = value.number
            y = -px(pitch * number)
            fill, edge = palette.track_fill, palette.track_edge
            if chosen:
                fill, edge = palette.output_fill, palette.output_edge
            bar = Rectangle(
                width=max(abs(logit) * unit, px(3)),
                height=px(pitch * 0.6),
                fill_color=fill,
                fill_opacity=1,
                stroke_color=edge,
                stroke_width=style.stroke(style.hairline),
            )
            show(bar, value).move_to((zero, y, 0), aligned_edge=LEFT if logit >= 0 else RIGHT)
            name.align_to((-px(20), 0, 0), RIGHT).level_with(bar)
            label.next_to((full, y, 0), RIGHT, buff=px(16)).level_with(bar)
            if logit >= 0:
                label.next_to(bar, RIGHT, buff=px(16)).level_with(bar)
            self.rows.add(VGroup(name, bar, label))
        axis = Line((zero, px(pitch * 0.45), 0), (zero, -px(pitch * (len(scores) - 0.55)), 0))
        axis.set_stroke(palette.muted, width=style.stroke(style.hairline))
        super().__init__(self.rows, decoration(axis))
        self.names = VGroup(axis, *(name for name, _, _ in self.rows))

    def growth(self, number: int) -> list[Animation]:
        """The bar of a row grows from zero, then its number is there."""
        _, bar, label = self.rows[number]
        side = LEFT if bar.get_x() >= self.submobjects[1].get_x() else RIGHT
        return [GrowFromEdge(bar, side), FadeIn(label, rate_func=squish_rate_func(smooth, 0.7, 1))]

"""Draws loop 03: a training step: predict, measure the error, update the parameters; and again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Create,
    Group,
    GrowFromEdge,
    Mobject,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.display_token import spaced
from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.climb import Climb
from scenes.parts.column import Column, numbered
from scenes.parts.credit import credit
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.probability_bars import ProbabilityBars
from scenes.parts.scaled_matrix import ScaledMatrix
from scenes.parts.token import TokenChip
from scenes.parts.token_lines import TokenLines, travel
from scenes.s03_training_step.content import Content

# pixels of the frame
_COLUMNS = ((90, 500), (668, 494), (1185, 645))
_HEADS, _TOP, _BELOW = 72, 148, 688  # how high heads stand, the first thing under them, the lower band
_OFTEN = 919  # how high the middle of what ends it stands
_GUTTER, _LOW = 636, 656  # where the way back runs up, and where it runs left


class TrainingStep(LoopScene):
    """Three numbered columns, the way back to the model, and below what many steps come to."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w = self.style, self.wording
        self.columns = [Column(style, left, width) for left, width in _COLUMNS]
        names = (w("Predict"), w("Measure the error"), w("Update the parameters"))
        heads = numbered(self.columns, names, w, _HEADS)
        asked = self._predict(self.columns[0])
        self._measure(self.columns[1])
        self._update(self.columns[2])
        self.back = self._back()
        self._again()
        model = w("untrained twin of {model}", model=w.model(self.content.model))
        corner = credit(model, self.content.text_source, style, w, spaced=spaced(self.content))
        self.fixed = [*heads, *asked, corner]
        lower = (self.gained, self.climb, self.counters[-1], self.often)
        return Group(
            *self.fixed, self.prediction, self.label, self.error, self.weights, self.change, self.back, *lower
        )

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        # at once rather than slowly: each frame in which 128 cells fade takes its bytes
        quickly = squish_rate_func(smooth, 0, 0.3)
        return [FadeOut(part, rate_func=quickly) for part in picture if part not in self.fixed]

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("predict"):
            falling = [chip.copy() for chip in self.features.visible]
            self.add(*falling)
            self.bring_to_front(self.features, self.box)  # out from under the one, into the other
            self.move(*(travel(chip, self.box.get_center()) for chip in falling), seconds=pace.move)
            self.remove(*falling)
            out, bars, scale = self.prediction
            self.add(*(row[0] for row in bars))
            self.move(FadeIn(out), FadeIn(scale), *bars.growth(), seconds=pace.move)
            self.rest(pace.rest)
        with self.beat("measure the error"):
            self.move(FadeIn(self.label), seconds=pace.quick)
            self.move(FadeIn(self.error), seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("update the parameters"):
            self.move(FadeIn(self.weights), seconds=pace.quick)
            self.move(FadeIn(self.change), seconds=pace.quick)
            line, tip = self.back
            self.move(Create(line), seconds=pace.move)
            self.move(FadeIn(tip), seconds=0.1)
            self.rest(pace.rest)
        with self.beat("predict again"):
            room = FadeIn(self.climb.grounds, self.climb.steps)
            self.move(self._around(), room, FadeIn(self.gained), *self._grow(0, 2), seconds=pace.move)
            self.rest(pace.rest)
        with self.beat("again and again"):
            self._repeat()
            self.move(FadeIn(self.often), seconds=pace.quick)

    def _repeat(self) -> None:
        """The steps after the first: each goes around once more and adds its column."""
        later = range(2, len(self.content.probabilities))
        seconds = max(0.12, min(0.4, 2 / len(later)))
        for step in later:
            if step > later[0]:
                self.remove(self.counters[step - 1])
            self.add(self.counters[step])
            self.move(self._around(), *self._grow(step, step + 1), seconds=seconds)

    def _around(self) -> Animation:
        return arrow.pulse(self.back[0], self.style)

    def _grow(self, first: int, end: int) -> list[GrowFromEdge]:
        return [GrowFromEdge(column, DOWN) for column in self.climb.columns[first:end]]

    def _predict(self, column: Column) -> list[Mobject]:
        """Features, the untrained model, its prediction; returns what stands there before it predicts."""
        style, w, px = self.style, self.wording, self.style.px
        head = column.set(column.caption(w("features")), _TOP)
        self.features = self._features(column).next_to(head, DOWN, buff=px(14)).align_to(head, LEFT)
        name = self.content.subject
        above = w("Untrained")
        self.box = ModelBox(
            name, style, column.width, style.box_height, trained=False, above=above, share=0.7
        )
        column.set(self.box, 394)
        high, low, gap = self.box.get_top()[1], self.box.get_bottom()[1], px(style.arrow_gap_small)
        into = self._down(self.features.visible[-1].get_bottom()[1] - gap, high + gap)
        out = self._down(low - gap, low - px(54))
        largest = max(row.probability.number for row in self.content.prediction)
        # what names and numbers leave to the longest bar
        room = max(60, column.width - self._bars(1 / largest).width / px(1))
        bars = self._bars(room / largest).next_to(out, DOWN, buff=px(8))
        bars.align_to(head, LEFT)
        scale = column.text(w("bars relative to the first"))
        scale.next_to(bars, DOWN, buff=px(12)).align_to(head, LEFT)
        self.prediction = VGroup(out, bars, scale)
        return [head, self.features, into, self.box]

    def _bars(self, full: float) -> ProbabilityBars:
        rows, style, w = self.content.prediction, self.style, self.wording
        return ProbabilityBars(rows, style, w, full=full, pitch=54, thickness=34, chosen="label")

    def _features(self, column: Column) -> TokenLines:
        """The features in at most two lines; long tokens are cut so that each has its place."""
        for longest in range(16, 3, -1):
            chips = [TokenChip(piece, self.style, longest=longest) for piece in self.content.features]
            lines = TokenLines(chips, self.style, self.wording, width=column.width, lines=2)
            if all(chip in lines.visible for chip in chips):
                break
        return lines

    def _measure(self, column: Column) -> None:
        """The correct word, the probability it was given, the error."""
        style, palette, w, content = self.style, self.style.palette, self.wording, self.content
        self.label = VGroup(
            column.caption(w("correct word (label)")),
            TokenChip(content.label, style, longest=15),
            column.caption(w("its probability p")),
            column.number(w.percent(content.probabilities[0].number), palette.label_edge),
        )
        number = column.number(w.decimal(content.error.number), palette.error)
        unit = Label(w("nats"), style.type.body, palette.muted)
        unit.next_to(number, RIGHT, buff=style.px(18)).align_to(number, DOWN)
        error = VGroup(number, unit)
        self.error = VGroup(column.caption(w("error = −log p")), error)
        column.stack([*self.label, *self.error], (14, 44, 6, 44, 6), _TOP)

    def _update(self, column: Column) -> None:
        """A block of weights and how the first step changed it."""
        style, w, content, gap = self.style, self.wording, self.content, 40
        side = (column.width - gap) / 2 - 8
        halves = [Column(style, column.left + place * (side + gap), side) for place in range(2)]
        self.matrices = [
            ScaledMatrix(each.values.numbers, each.columns, each.largest.number, style, w, side=side)
            for each in (content.weights, content.change)
        ]
        captions = [halves[0].caption(w("some weights")), halves[1].caption(w("their change"))]
        for half, caption, matrix in zip(halves, captions, self.matrices, strict=True):
            half.stack([caption, matrix], (14,), _TOP)
        law = column.caption(w("change = −rate × gradient"))
        law.next_to(self.matrices[0], DOWN, buff=style.px(14)).align_to(self.matrices[0], LEFT)
        self.weights = VGroup(captions[0], self.matrices[0])
        self.change = VGroup(captions[1], self.matrices[1], law)

    def _again(self) -> None:
        """Below: the label's probability after one step, after each, after the last."""
        style, palette, w, content = self.style, self.style.palette, self.wording, self.content
        first, last = Column(style, _COLUMNS[1][0], 330), Column(style, 1440, 390)
        chances = [chance.number for chance in content.probabilities]
        counters = []
        for step, chance in enumerate(chances):
            column = first if step == 1 else last
            counters.append(
                VGroup(
                    column.caption(w("p after step {number}", number=w.integer(step))),
                    column.number(w.percent(chance), palette.label_edge),
                )
            )
        gain = w("×{factor}", factor=w.significant(content.gain.number))
        gained = Label(gain, style.type.heading, palette.text, weight="SEMIBOLD")
        first.stack([*counters[1], gained], (4, 2), _BELOW)
        self.gained = VGroup(counters[1], gained)
        for counter in counters[2:]:
            last.stack([*counter], (4,), _BELOW)
        self.counters = counters
        later = last.caption(w("{optimiser} from step 2", optimiser=content.later))
        later.next_to(counters[-1], DOWN, buff=style.px(8)).align_to(counters[-1], LEFT)
        self.climb = Climb(chances, style, w, width=400, height=130)
        self.climb.align_to(style.at(1010, 0), LEFT).align_to(self.gained, UP)
        often = w("Repeated millions of times, with other examples")
        size, width = style.type.body, style.right - first.left
        lines = Paragraph(
            often, style, size=size, color=palette.text, width=width, lines=2, weight="SEMIBOLD"
        )
        lines.align_to(style.at(first.left, 0), LEFT).set_y(style.at(0, _OFTEN)[1])
        self.often = VGroup(lines, later)

    def _back(self) -> VGroup:
        """The way from the changed weights to the model."""
        style = self.style
        right, gutter = self.matrices[1].matrix.get_x(), style.at(_GUTTER, 0)[0]
        start, low = self.change.get_bottom()[1] - style.px(10), style.at(0, _LOW)[1]
        end = self.box.get_right() + style.px(style.arrow_gap_small) * RIGHT
        corners = [(right, start), (right, low), (gutter, low), (gutter, end[1])]
        return arrow.bent([*(np.array([x, y, 0]) for x, y in corners), end], style, style.palette.arrow)

    def _down(self, start: float, end: float) -> VMobject:
        x = self.box.get_x()
        return arrow.straight(np.array([x, start, 0]), np.array([x, end, 0]), self.style)

"""Draws loop 04: output comes one token at a time, and each is fed back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UL,
    UP,
    Animation,
    Arrow,
    Group,
    Mobject,
    Transform,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.display_token import spaced
from scenes.fade import FadeIn
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.credit import credit
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.probability_bars import ProbabilityBars
from scenes.parts.token import LONGEST, chips_of
from scenes.parts.token_lines import TokenLines
from scenes.s04_generate_tokens_output.content import Content, Step
from scenes.style import Point

_LONGEST_BAR, _SHORTEST_BAR, _BESIDE = 340, 60, 24  # pixels: 100 %, at most and least; right of the gutter
_GUTTER = 1030  # where the chosen token's way runs down, in pixels: between the model and the rows


class GenerateTokensOutput(LoopScene):
    """The sequence above, the model, its distribution to the right, the output below, and the way back."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w = self.style, self.style.palette, self.wording
        steps = self.content.steps
        given, written = chips_of(self.content.prompt, style, w), [step.chosen for step in steps]
        self.given = len(given)
        # the last token written is not fed back within this picture, so it has no place in the input
        self.input = TokenLines(given + chips_of(written[:-1], style, w), style, w, width=1740, lines=2)
        self.output = TokenLines(chips_of(written, style, w), style, w, width=_GUTTER - 150, lines=2)
        self.box = ModelBox(self.content.subject, style, 840, 290)
        self.counters = [self._counter(number) for number in range(1, len(steps) + 1)]
        so_far = Label(w("output so far, fed back as input"), style.type.body, palette.muted)
        above = VGroup(self.counters[-1], self.input).arrange(DOWN, buff=style.px(22), aligned_edge=LEFT)
        below = VGroup(so_far, self.output).arrange(DOWN, buff=style.px(20), aligned_edge=LEFT)
        column = VGroup(above, self.box, below).arrange(DOWN, buff=style.px(64), aligned_edge=LEFT)
        column.to_edge(LEFT, buff=style.px(style.margin)).shift(style.px(16) * UP)
        for counter in self.counters:
            counter.align_to(self.counters[-1], UL)
        self.bars = self._all_bars(steps)
        title = Label(w("probability of the next token"), style.type.body, palette.muted)
        title.next_to(self.bars[-1], UP, buff=style.px(30)).align_to(style.at(style.right, 0), RIGHT)
        self.into = self._into()
        side = self.box.get_right()[0] + style.px(style.arrow_gap)
        out = arrow.straight(
            np.array([side, title.get_y(), 0]), title.get_left() + style.px(24) * LEFT, style
        )
        self.back = self._back()
        self.taken = arrow.bent(self._way(len(steps) - 1), style, palette.output_edge)
        corner = credit(self.content.model, self.content.text_source, style, w, spaced=spaced(self.content))
        self.fixed = [self.box, so_far, title, out, self.back, corner]
        return Group(
            *self.fixed, self.counters[-1], self.input, self.into, self.bars[-1], self.taken, self.output
        )

    def question(self) -> Sequence[Mobject]:
        return [*self.fixed, self.input, self.into]

    def clearing(self, picture: Group) -> list[Animation]:
        moves, newcomers = self._reflow(self.given)
        return [*super().clearing(picture), *moves, *(FadeIn(chip) for chip in newcomers)]

    def story(self) -> None:
        pace = self.style.pace
        self.output.set_first(0)
        done = 0
        for count, seconds in self.stream(len(self.content.steps), pace.move, 4.6, least=0.36):
            slow, step = done < 2, done + count - 1
            each = seconds if slow else seconds / 3
            with self.beat(f"step {step + 1}"):
                self._feed(done, each)
                self._predict(done - 1, step, each)
                if slow:
                    self.rest(pace.rest)
                self._take(step, each)
            done += count

    def _feed(self, step: int, seconds: float) -> None:
        """The tokens written before ``step`` come to stand in the input, by the way back."""
        moves, newcomers = self._reflow(self.given + step)
        arrivals = [FadeIn(chip, rate_func=squish_rate_func(smooth, 0.6, 1)) for chip in newcomers]
        if step:
            self.move(arrow.pulse(self.back[0], self.style), *moves, *arrivals, seconds=seconds)

    def _predict(self, before: int, step: int, seconds: float) -> None:
        """The distribution of ``step`` takes the place of the one ``before``."""
        if before >= 0:
            self.remove(self.counters[before], *self.bars[before].get_family())
        bars = self.bars[step]
        self.add(self.counters[step], *(row[0] for row in bars))
        self.move(*bars.growth(), seconds=seconds)

    def _take(self, step: int, seconds: float) -> None:
        """The chosen token goes from its row to the end of the output."""
        moves, newcomers = self.output.reflow(step + 1)
        arrivals = [FadeIn(chip, rate_func=squish_rate_func(smooth, 0.6, 1)) for chip in newcomers]
        way = arrow.route(self._way(step), self.style, self.style.palette.output_edge)
        self.move(arrow.pulse(way, self.style), *moves, *arrivals, seconds=seconds)

    def _reflow(self, count: int) -> tuple[list[Animation], list[VMobject]]:
        """Set the first ``count`` tokens in the input; the arrow into the model begins below them."""
        moves, newcomers = self.input.reflow(count)
        longer = self._into()
        if not np.allclose(longer.get_top(), self.into.get_top()):
            moves.append(Transform(self.into, longer))
        return moves, newcomers

    def _counter(self, number: int) -> Label:
        total = len(self.content.steps)
        text = self.wording("Step {number} of {total}", number=number, total=total)
        return Label(text, self.style.type.heading, self.style.palette.text, weight="SEMIBOLD")

    def _all_bars(self, steps: Sequence[Step]) -> list[ProbabilityBars]:
        """Every step's bars: 100 % is as long as the widest chosen token leaves room for, in all of them."""
        for full in range(_LONGEST_BAR, _SHORTEST_BAR, -20):
            bars = [self._bars(step, full, LONGEST) for step in steps]
            if self._fit(bars):
                return bars
        for letters in range(LONGEST, 1, -1):
            bars = [self._bars(step, _SHORTEST_BAR, letters) for step in steps]
            if self._fit(bars):
                break
        return bars

    def _fit(self, steps: Sequence[ProbabilityBars]) -> bool:
        """Whether all names stand clear of the gutter."""
        left = self.style.at(_GUTTER + _BESIDE, 0)[0]
        return all(row[0].get_left()[0] >= left for bars in steps for row in bars)

    def _bars(self, step: Step, full: float, letters: int) -> ProbabilityBars:
        """The step's bars, right of the model, 100 % short of the margin."""
        style = self.style
        bars = ProbabilityBars(
            step.candidates, style, self.wording, full=full, pitch=78, longest_chosen=letters
        )
        bars.shift(style.at(style.right - 140 - full, 540))
        return bars.shift((self.box.get_top()[1] - style.px(124)) * UP)

    def _into(self) -> Arrow:
        """From the last line of the input into the model."""
        middle = self.box.get_center()[0] * RIGHT
        gap = self.style.px(self.style.arrow_gap_small)
        start = self.input.visible[-1].get_bottom()[1] - gap
        return arrow.straight(middle + start * UP, middle + (self.box.get_top()[1] + gap) * UP, self.style)

    def _back(self) -> VGroup:
        """The way from the output to the input, along the left margin."""
        away = self.style.px(self.style.arrow_gap) * LEFT
        start, end = (lines.visible[0].get_left() + away for lines in (self.output, self.input))
        gutter = self.style.at(40, 0)[0]
        corners = [start, np.array([gutter, start[1], 0]), np.array([gutter, end[1], 0]), end]
        return arrow.bent(corners, self.style, self.style.palette.output_edge)

    def _way(self, step: int) -> list[Point]:
        """The way of the chosen token from its row to the end of the output, clear of the other rows."""
        px = self.style.px
        chosen = next(i for i, c in enumerate(self.content.steps[step].candidates) if c.chosen)
        start = self.bars[step][chosen][0].get_left() + px(10) * LEFT
        end = self.output.visible[-1].get_right() + px(self.style.arrow_gap) * RIGHT
        gutter = self.style.at(_GUTTER, 0)[0]
        return [start, np.array([gutter, start[1], 0]), np.array([gutter, end[1], 0]), end]

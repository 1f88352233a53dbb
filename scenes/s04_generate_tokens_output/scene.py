"""Draws loop 04: output comes one token at a time, and each is fed back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Group,
    Mobject,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.display_token import spaced
from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.credit import credit
from scenes.parts.flight import Flight, behind, in_turn, pale
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.probability_bars import ProbabilityBars
from scenes.parts.title import title
from scenes.parts.token import LONGEST, chips_of
from scenes.parts.token_lines import TokenLines
from scenes.s04_generate_tokens_output.content import Content, Step
from scenes.style import Point

_LONGEST_BAR, _SHORTEST_BAR = 400, 60  # pixels: 100 %, at most and least
_NUMBER = 150  # of a printed probability
_OUT = 58  # of the arrow out of the model
_SLOW = 2  # steps that are shown in full


@dataclass(frozen=True)
class _Places:
    """Where the parts stand, in pixels.

    Attributes:
        counter: The step counter's middle.
        lines: The top of the text.
        box: The model: left, top, width, height.
        way_in: How far from the left the text goes in.
        exit: The side of the model at which the distribution comes out.
        bars: The distribution: left and right edge, the first row's middle, from row to row.
        lane: How far down the chosen token's way back turns to the text.
        gutter: How far from the left it goes up.
    """

    counter: float
    lines: float
    box: tuple[float, float, float, float]
    way_in: float
    exit: Point
    bars: tuple[float, float, float, float]
    lane: float
    gutter: float


_WIDE = _Places(83, 150, (90, 425, 790, 450), 230, RIGHT, (1010, 1830, 533, 88), 347, 975)
_TALL = _Places(152, 200, (60, 530, 880, 190), 230, DOWN, (60, 940, 897, 78), 478, 1000)


class GenerateTokensOutput(LoopScene):
    """The text, the model, its distribution, and the chosen token's way back to the end of the text."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, content = self.style, self.style.palette, self.wording, self.content
        self.places = places = _TALL if style.frame.is_tall else _WIDE
        steps = content.steps
        self.counters = [self._counter(number) for number in range(1, len(steps) + 1)]
        beside = 0 if style.frame.is_tall else self.counters[-1].width / style.px(1) + 60
        heading = title(w("Each new token goes back in as input"), style, width=style.room - beside)
        given = chips_of(content.prompt, style, w)
        self.given = len(given)
        written = chips_of([step.chosen for step in steps], style, w)
        lines = style.frame.lines
        self.text = TokenLines(given + written, style, w, width=style.room, lines=lines)
        self.text.shift(style.at(style.margin, places.lines) - self.text.corner.get_center())
        left, top, width, height = places.box
        self.box = ModelBox(content.subject, style, width, height)
        self.box.move_to(style.at(left + width / 2, top + height / 2))
        self._all_bars()
        head = Label(w("probability of the next token"), style.type.body, palette.muted)
        head.next_to(self.lit[-1], UP, buff=style.px(26)).align_to(style.at(places.bars[0], 0), LEFT)
        self.taken = arrow.bent(self._way_back(), style, palette.output_edge)
        corner = credit(content.model, content.text_source, style, w, spaced=spaced(content))
        self.fixed = [heading, *self._arrows(), head, self.box, corner]
        self.shown = self._left(len(steps) - 1)
        return Group(*self.fixed, self.counters[-1], self.shown, self.taken, self.text)

    def question(self) -> Sequence[Mobject]:
        return [*self.fixed, self.text]

    def clearing(self, picture: Group) -> list[Animation]:
        moves, newcomers = self.text.reflow(self.given)
        gone = [move for move in moves if isinstance(move, FadeOut)]
        stay = [move for move in moves if move not in gone]
        steps = unwind(self.counters[-1], self.shown, *gone, self.taken)
        return [steps, *stay, *(FadeIn(chip) for chip in newcomers)]

    def story(self) -> None:
        pace = self.style.pace
        done = 0
        for count, seconds in self.stream(len(self.content.steps), pace.move, 3.2, least=0.53):
            step = done + count - 1
            with self.beat(f"step {step + 1}"):
                self._wipe(step)
                if done < _SLOW:
                    seconds -= 0.1 * step
                    self._feed(seconds)
                    self._predict(step, seconds)
                    self.rest(pace.rest)
                    self._light_up(step, pace.quick)
                    self._take(step, seconds + 0.2)
                else:
                    growth = self._growth(step)
                    for bar in growth:
                        bar.rate_func = squish_rate_func(smooth, 0.4, 1)
                    self.move(self._light(step), *growth, seconds=seconds * 0.55)
                    self._take(step, seconds * 0.45)
            done += count

    def _wipe(self, step: int) -> None:
        """The counter goes on, and the distribution of the step before is gone."""
        self.remove(*self.counters, *self.shown.get_family())
        self.add(self.counters[step])

    def _feed(self, seconds: float) -> None:
        """The text goes into the model; its outline stays."""
        style, box = self.style, self.box
        going, self.outline = self.lift(*self.text.visible)
        self.bring_to_front(box)
        size = min(0.5, 0.8 * box.width / going.width, 0.8 * box.height / going.height)
        inside = behind(going.copy().scale(size), box, UP, style)
        self.move(Flight(going, [inside], style, size=size, remover=True), seconds=seconds)

    def _predict(self, step: int, seconds: float) -> None:
        """Light goes through the model, the distribution comes out of it and grows."""
        self.move(self._light(step), FadeIn(self.text), seconds=seconds)
        self.remove(self.outline)
        growth = self._growth(step)
        ways = []
        for row in self.plain[step]:
            place = row.get_center()
            row.move_to(behind(row, self.box, self.places.exit, self.style))
            ways.append(Flight(row, [place], self.style))
        self.bring_to_back(self.plain[step])
        self.move(*ways, seconds=seconds)
        self.move(*growth, seconds=seconds)

    def _light(self, step: int) -> Animation:
        return self.box.sweep(self.content.steps[step].updates.numbers, direction=self.places.exit)

    def _growth(self, step: int) -> list[Animation]:
        """The bars of a step, none of which is marked, grow from nothing."""
        self.shown = self.plain[step]
        growth = self.shown.growth()
        self.add(self.shown)
        return growth

    def _light_up(self, step: int, seconds: float) -> None:
        """The chosen row lights up."""
        row = self._row(self.lit[step], step)
        self.move(FadeIn(row), seconds=seconds)
        self.remove(row)

    def _take(self, step: int, seconds: float) -> None:
        """The chosen token's chip flies from its row to the end of the text.

        Those of steps that were passed over come before it, straight out of the model.
        """
        chip = self._row(self.lit[step], step)[0]
        self.remove(*self.shown.get_family())
        self.shown = self._left(step)
        self.add(self.shown)
        moves, newcomers = self.text.reflow(self.given + step + 1)
        flights = []
        times = in_turn(len(newcomers), 2 / (len(newcomers) + 1))
        for new, (start, end) in zip(newcomers, times, strict=True):
            place = new.get_center()
            new.move_to(chip)
            corners = self._corners(new, place)
            if new is not newcomers[-1]:
                new.move_to(behind(new, self.box, self.places.exit, self.style))
            flights.append(Flight(new, corners, self.style, start=start, end=end))
        self.bring_to_front(self.text, self.box)
        self.move(*flights, *moves, seconds=seconds)

    def _row(self, bars: ProbabilityBars, step: int) -> VGroup:
        """The chosen token's row."""
        candidates = self.content.steps[step].candidates
        row = bars[next(i for i, candidate in enumerate(candidates) if candidate.chosen)]
        assert isinstance(row, VGroup)
        return row

    def _left(self, step: int) -> ProbabilityBars:
        """The bars as the chosen token leaves them: its outline stays."""
        bars = self.lit[step].copy()
        row = self._row(bars, step)
        row.submobjects[0] = pale(row[0], self.style)
        return bars

    def _counter(self, number: int) -> Label:
        style, total = self.style, len(self.content.steps)
        text = self.wording("Step {number} of {total}", number=number, total=total)
        label = Label(text, style.type.heading, style.palette.text, weight="SEMIBOLD")
        label.level_with(VMobject().set_points(np.tile(style.at(0, self.places.counter), (4, 1))))
        if style.frame.is_tall:
            return label.align_to(style.at(style.margin, 0), LEFT)
        return label.align_to(style.at(style.right, 0), RIGHT)

    def _all_bars(self) -> None:
        """Every step's bars: 100 % is as long as the widest chosen token leaves room for, in all of them."""
        lengths = [(full, LONGEST) for full in range(_LONGEST_BAR, _SHORTEST_BAR, -20)]
        lengths += [(_SHORTEST_BAR, letters) for letters in range(LONGEST, 1, -1)]
        for length in lengths:
            self.lit = [self._bars(step, *length, lit=True) for step in self.content.steps]
            if self._fit(self.lit):
                break
        self.plain = [self._bars(step, *length, lit=False) for step in self.content.steps]

    def _fit(self, steps: Sequence[ProbabilityBars]) -> bool:
        """Whether all names stand in their place."""
        left = self.style.at(self.places.bars[0], 0)[0]
        return all(row[0].get_left()[0] >= left for bars in steps for row in bars)

    def _bars(self, step: Step, full: float, letters: int, *, lit: bool) -> ProbabilityBars:
        """The step's bars, 100 % and its number as far right as they may."""
        style, (_, right, first, pitch) = self.style, self.places.bars
        bars = ProbabilityBars(
            step.candidates, style, self.wording, full=full, pitch=pitch, longest_chosen=letters, lit=lit
        )
        return bars.shift(style.at(right - _NUMBER - full, first))

    def _arrows(self) -> list[VMobject]:
        """From the text into the model, and out of it to the distribution."""
        style, places = self.style, self.places
        gap = style.px(style.arrow_gap)
        above, below = self.text.visible[-1].get_bottom()[1], self.box.get_top()[1]
        x = style.at(places.way_in, 0)[0]
        into = np.array([x, above - gap, 0]), np.array([x, below + gap, 0])
        out = self.box.get_edge_center(places.exit) + gap * places.exit
        return [
            arrow.straight(*into, style),
            arrow.straight(out, out + style.px(_OUT) * places.exit, style),
        ]

    def _way_back(self) -> list[Point]:
        """The way of the last chosen token from its row to the end of the text."""
        style, places, last = self.style, self.places, len(self.content.steps) - 1
        row, end = self._row(self.lit[last], last), self.text.visible[-1].get_bottom()
        gap = style.px(style.arrow_gap_small)
        start = row.get_right() + gap * RIGHT if style.frame.is_tall else row.get_left() + gap * LEFT
        start[1] = row[1].get_y()
        gutter, lane = style.at(places.gutter, places.lane)[:2]
        return [
            start,
            np.array([gutter, start[1], 0]),
            np.array([gutter, lane, 0]),
            np.array([end[0], lane, 0]),
            end + gap * DOWN,
        ]

    def _corners(self, chip: VMobject, place: Point) -> list[Point]:
        """The way of a chip from its row to ``place``, in the frame with its whole width."""
        style, places = self.style, self.places
        furthest = style.at(style.frame.width - style.gap, 0)[0] - chip.width / 2
        gutter, lane = style.at(places.gutter, places.lane)[:2]
        gutter = min(gutter, furthest)
        return [
            np.array([gutter, chip.get_y(), 0]),
            np.array([gutter, lane, 0]),
            np.array([place[0], lane, 0]),
            place,
        ]

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
    Create,
    Group,
    Mobject,
    Transform,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.flight import Flight, behind, in_turn, pale
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.probability_bars import ProbabilityBars
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
        way_in: How far from the left the text goes in: under any first token.
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


_WIDE = _Places(83, 150, (90, 425, 700, 450), 132, RIGHT, (920, 1830, 533, 88), 347, 887)
_TALL = _Places(152, 200, (60, 530, 880, 190), 102, DOWN, (60, 940, 892, 73), 478, 1000)


class GenerateTokensOutput(LoopScene):
    """The text, the model, its distribution, and the chosen token's way back to the end of the text."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, content = self.style, self.style.palette, self.wording, self.content
        self.places = places = _TALL if style.frame.is_tall else _WIDE
        steps = content.steps
        self.counters = [self._counter(number) for number in range(1, len(steps) + 1)]
        beside = 0 if style.frame.is_tall else self.counters[-1].width / style.px(1) + 60
        self.heading = Heading(
            [
                w("The model reads the text"),
                w("It rates every possible next token"),
                self._choice(),
                w("Each new token goes back in as input"),
            ],
            style,
            width=style.room - beside,
        )
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
        self.head = head = Label(w("probability of the next token"), style.type.body, palette.muted)
        head.next_to(self.lit[-1], UP, buff=style.px(26)).align_to(style.at(places.bars[0], 0), LEFT)
        last = len(steps) - 1
        self.taken = self._way_back(last, self.text.visible[-1].get_bottom())
        corner = self.credit(content.text_source)
        self.into = self._way_in(self.text.visible[-1].get_bottom())
        self.fixed = [self.heading, self.into, self._way_out(), head, self.box, corner]
        self.shown = self._left(last)
        return Group(*self.fixed, self.counters[-1], self.shown, self.taken, self.text)

    def question(self) -> Sequence[Mobject]:
        return [*self.fixed, self.text]

    def clearing(self, picture: Group) -> list[Animation]:
        moves, newcomers = self.text.reflow(self.given)
        into = Transform(self.into, self._way_in(self.text.foot(self.given)))
        gone = [move for move in moves if isinstance(move, FadeOut)]
        stay = [move for move in moves if move not in gone]
        steps = unwind(self.counters[-1], self.shown, *gone, self.taken)
        return [steps, into, *stay, *(FadeIn(chip) for chip in newcomers), *self.heading.says(0)]

    def story(self) -> None:
        pace = self.style.pace
        self.way = VGroup()
        done = 0
        for count, seconds in self.stream(len(self.content.steps), pace.move, 2.7, least=0.53):
            step = done + count - 1
            with self.beat(f"step {step + 1}"):
                self._wipe(step)
                if done < _SLOW:
                    first = step == 0
                    seconds -= 0 if first else 0.15
                    self._feed(seconds)
                    self._predict(step, seconds)
                    if first:
                        self.rest(pace.rest)
                    self._light_up(step, pace.slow if first else pace.quick, way=first)
                    self._take(step, seconds + 0.2)
                    if first:
                        self.rest(pace.rest)
                        self.move(*self.heading.says(3), seconds=pace.quick)
                else:
                    growth = self._growth(step, 0.4)
                    self.move(self._light(step), *growth, seconds=seconds * 0.55)
                    self._take(step, seconds * 0.45)
            done += count

    def _wipe(self, step: int) -> None:
        """The counter goes on, and the distribution of the step before is gone."""
        self.remove(*self.counters, *self.way.get_family(), *self.shown.get_family())
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
        rows, ways = list(self.plain[step]), []
        # the one that goes furthest goes first, or all would come out one over the other
        times = in_turn(len(rows), 0.5)[::-1] if self.style.frame.is_tall else [(0.0, 1.0)] * len(rows)
        for row, (start, end) in zip(rows, times, strict=True):
            place = row.get_center()
            row.move_to(behind(row, self.box, self.places.exit, self.style))
            ways.append(Flight(row, [place], self.style, start=start, end=end))
        self.bring_to_back(self.plain[step])
        told = self.heading.says(1) if step == 0 else []
        self.move(*ways, *told, seconds=seconds)
        self.move(*growth, seconds=seconds)

    def _light(self, step: int) -> Animation:
        return self.box.sweep(self.content.steps[step].updates.numbers, direction=self.places.exit)

    def _growth(self, step: int, start: float = 0) -> list[Animation]:
        """The bars of a step, none of which is marked, grow from nothing."""
        self.shown = self.plain[step]
        growth = self.shown.growth(start)
        self.add(self.shown)
        return growth

    def _light_up(self, step: int, seconds: float, *, way: bool) -> None:
        """The chosen row lights up; then, if so, the ``way`` is drawn that its token is about to take."""
        row = self._row(self.lit[step], step)
        draws: list[Animation] = []
        if way:
            self.way = self._way_back(step, self.text.foot(self.given + step + 1))
            line, tip = self.way
            draws.append(Create(line, rate_func=squish_rate_func(smooth, 0.3, 1)))
            draws.append(FadeIn(tip, rate_func=squish_rate_func(smooth, 0.9, 1)))
        lights = squish_rate_func(smooth, 0, 0.3) if way else smooth
        told = self.heading.says(2) if step == 0 else []
        self.move(FadeIn(row, rate_func=lights), *draws, *told, seconds=seconds)
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
        into = self._way_in(newcomers[-1].get_bottom())
        if not np.allclose(into.get_top(), self.into.get_top()):
            moves.append(Transform(self.into, into))
        flights = []
        times = in_turn(len(newcomers), 2 / (len(newcomers) + 1))
        for new, (start, end) in zip(newcomers, times, strict=True):
            place = new.get_center()
            new.move_to(chip)
            corners = self._corners(new, place)
            if new is not newcomers[-1]:
                new.move_to(behind(new, self.box, self.places.exit, self.style))
            flights.append(Flight(new, corners, self.style, start=start, end=end))
        # the chips pass under what stands in their way
        bars = [part for row in self.shown for part in row[1:]]
        self.bring_to_front(self.text, self.box, self.head, *bars)
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

    def _choice(self) -> str:
        """How the tokens were chosen: always the likeliest, or not."""
        if all(step.candidates[0].chosen for step in self.content.steps):
            return self.wording("The likeliest is added to the text")
        return self.wording("One is chosen and added to the text")

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
            step.candidates,
            style,
            self.wording,
            full=full,
            pitch=pitch,
            longest_chosen=letters,
            lit=lit,
            rest=self.wording("all others together"),
        )
        return bars.shift(style.at(right - _NUMBER - full, first))

    def _way_in(self, foot: Point) -> VMobject:
        """The arrow from the text, whose last line ends at this ``foot``, into the model."""
        style, gap = self.style, self.style.px(self.style.arrow_gap)
        x, below = style.at(self.places.way_in, 0)[0], self.box.get_top()[1]
        return arrow.straight(np.array([x, foot[1] - gap, 0]), np.array([x, below + gap, 0]), style)

    def _way_out(self) -> VMobject:
        """The arrow out of the model to the distribution."""
        style, side = self.style, self.places.exit
        start = self.box.get_edge_center(side) + style.px(style.arrow_gap) * side
        return arrow.straight(start, start + style.px(_OUT) * side, style)

    def _way_back(self, step: int, end: Point) -> VGroup:
        """The arrow from the step's chosen row to the end of the text, under the token there."""
        style, places, row = self.style, self.places, self._row(self.lit[step], step)
        gap = style.px(style.arrow_gap_small)
        start = row.get_right() + gap * RIGHT if style.frame.is_tall else row.get_left() + gap * LEFT
        start[1] = row[1].get_y()
        gutter, lane = style.at(places.gutter, places.lane)[:2]
        corners = [
            start,
            np.array([gutter, start[1], 0]),
            np.array([gutter, lane, 0]),
            np.array([end[0], lane, 0]),
            end + gap * DOWN,
        ]
        return arrow.bent(corners, style, style.palette.output_edge)

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

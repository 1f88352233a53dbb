"""Draws loop 03: predict, measure the error, update the parameters; round and round, and the error falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    ApplyMethod,
    Create,
    Group,
    Mobject,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
    there_and_back,
)

from scenes.fade import FadeIn
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.column import Column
from scenes.parts.flight import Flight, behind, pale
from scenes.parts.guesses import Guesses
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.line_chart import LineChart
from scenes.parts.matrix import Matrix
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.token import TokenChip
from scenes.parts.token_lines import TokenLines
from scenes.s03_training_step.content import Content

_SECONDS = (1.3, 1.0, 0.7, 0.36)  # of the second lap, the third …; the last of all that follow
_BUDGET = 3.0  # seconds for all laps after the first
_EVEN = (0.6, 0.6)  # the light's strength: what each layer does is not recorded in a training
_COLOURS = 3  # steps in which the box takes on all of the trained model's colours
_SEEN = 0.2  # of the largest change: smaller ones are pale, and do not fly
_HIGH = 12  # pixels between a caption and what it names
_BESIDE = 44  # from the features to the correct word
_SPACE = 3  # pixels between the cells of a matrix
_CHART = 480  # pixels: the error's and its curve's height and what is above them, in the wide frame
_LOWER = 32  # pixels: how much longer the way from the guesses down may be


class TrainingStep(LoopScene):
    """A ring: the model, its guesses, their error, the change of its weights, and the model again."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, tall = self.style, self.wording, self.style.frame.is_tall
        model, guesses, error, weights = (
            (Column(style, 60, 400), Column(style, 560, 460), Column(style, 640, 380), Column(style, 60, 400))
            if tall
            else (
                Column(style, 90, 430),
                Column(style, 640, 480),
                Column(style, 1270, 560),
                Column(style, 640, 480),
            )
        )
        # in the wide frame the error stands at its right
        beside = 0 if tall else style.right - error.left + 60
        self.heading = Heading(self._sentences(), style, width=style.room - beside)
        example = self._example(144, style.room if tall else error.left - 40 - style.margin)
        low = self._down_to(example[-1])
        first_row = low + (44 if tall else 34)
        self._predict(model, guesses, first_row)
        lowest = max(self._down_to(guesses) for guesses in self.laps)
        second_row = lowest + 42 if tall else max(690, lowest + 24)
        if tall:
            self._measure(error, second_row, 120)
        else:
            self._count(error, 56)
            self._compare(error, 118)
            top = self._down_to(self.often) + 26
            self._measure(error, top, _CHART - top)
        self._update(weights, second_row)
        name = w("untrained twin of {model}", model=w.model(self.content.model))
        corner = self.credit(self.content.text_source, model=name)
        if tall:
            # side by side
            below = max(self._down_to(self.change), self._down_to(self.chart)) + 8
            self._count(Column(style, style.margin, 240), below)
            beside = 40 + max(count.get_right()[0] for count in self.counts) / style.px(1)
            beside += style.frame.width / 2
            self._compare(Column(style, beside, style.right - beside), below + 4)
            self._lower(corner)
        self._arrows(tall)
        self.fixed = [self.heading, *example, self.into, corner]
        return Group(
            *self.fixed, self.box, self.out, self.heads[0], self.guesses, self.onward, self.heads[1],
            self.error, self.chart, self.falls, self.heads[2], self.change, self.adds,
            self.weights, self.back, self.counter, self.often,
        )  # fmt: skip

    def _sentences(self) -> list[str]:
        """The story; that the error falls is told where it does."""
        w, errors = self.wording, self.content.errors.numbers
        return [
            w("1 The model guesses the next word"),
            w("2 The error says how wrong it was"),
            w("3 Its weights are adjusted a little"),
            w("Again and again, here on one text"),
            w("Guess, compare, adjust: the error falls")
            if errors[-1] < errors[0]
            else w("Guess, compare, adjust, again and again"),
        ]

    def question(self) -> Sequence[Mobject]:
        return [*self.fixed, self.box]

    def clearing(self, picture: Group) -> list[Animation]:
        # at once: cells and lines that fade all over the picture take a tenth of the video
        self.remove(*self.heads, self.out, self.onward, self.falls, self.adds, self.back, self.counter)
        self.remove(self.weights, self.change)
        told = [self.guesses, VGroup(self.error, self.chart), self.often]
        return [unwind(*told), self._colour(1, 0), *self.heading.says(0)]

    def story(self) -> None:
        pace = self.style.pace
        self.remove(self.box)
        self.add(self.grey)
        first = self.laps[0]
        with self.beat("predict"):
            outline = self._enter(pace.move, FadeIn(self.counts[0]))
            self.move(self.grey.sweep(_EVEN, direction=RIGHT), FadeIn(self.features), seconds=pace.move)
            self.remove(*outline)
            grows = [each for row in first.others for each in row.growth()]
            self.move(FadeIn(self.out, self.heads[0]), *grows, seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("measure the error"):
            # a chip on its way there would pass over the other rows
            breath = ApplyMethod(self.label.scale, 1.15, rate_func=there_and_back)
            self.move(breath, FadeIn(*first.label[:-1]), *first.label.growth()[1:], seconds=pace.move)
            self.add(first)
            seen = FadeIn(self.onward, self.heads[1], self.errors[0], self.chart.start())
            self.move(seen, *self.heading.says(1), seconds=pace.move)
            self.rest(pace.rest)
        with self.beat("update the parameters"):
            quick = squish_rate_func(smooth, 0.6, 1)
            weights = Create(self.falls), FadeIn(self.start, self.change, self.heads[2], rate_func=quick)
            self.move(*weights, *self.heading.says(2), seconds=pace.move)
            self.rest(pace.rest)
            self._adjust()
            self.move(Create(self.back[0]), seconds=pace.move)
            self.add(self.back)
            self.remove(self.grey)
            self.add(self.box)
            self.move(self._colour(0, self.shares[1]), seconds=pace.quick)
        with self.beat("again and again"):
            self._repeat()
            self.move(*self.heading.says(-1), seconds=pace.move)

    def _adjust(self) -> None:
        """The change goes into the weights, which are then others."""
        weights, change = self.matrices[0], self.matrices[1]
        cells = zip([cell for row in change for cell in row], self.content.change.values.numbers, strict=True)
        least = _SEEN * self.content.change.largest.number
        changed = VGroup(*(cell.copy() for cell, value in cells if abs(value) >= least))
        way = weights.get_center() - change.get_center()
        # which weights these are is recorded of this step alone: in later laps the grid stands still
        into = Flight(changed, [changed.get_center() + way], self.style, remover=True)
        self.move(into, FadeIn(self.adds), seconds=self.style.pace.move)
        self.remove(self.start)
        self.add(self.weights)

    def _repeat(self) -> None:
        """The next laps, ever faster: guesses, error and colour change with each."""
        count = len(self.laps) - 1
        paces = [_SECONDS[min(lap, len(_SECONDS) - 1)] for lap in range(count)]
        faster = min(1.0, _BUDGET / sum(paces))
        for lap, seconds in enumerate(paces, 1):
            self._go_round(lap, seconds * faster)

    def _go_round(self, lap: int, seconds: float) -> None:
        """Predict with the changed weights, measure the error, and change the weights once more."""
        before, now = self.laps[lap - 1], self.laps[lap]
        # where the correct word changes its row, it passes no others: they go before and come after
        moves = not np.allclose(before.label.word.get_center(), now.label.word.get_center())
        come = [FadeIn(now.others)] if moves else []
        if moves:
            self.remove(*before.others)
        self.remove(self.counts[lap - 1])
        self.add(self.counts[min(lap, len(self.counts) - 1)])
        through = arrow.pulse(self.out, self.style)
        told = [FadeIn(self.often), *self.heading.says(3)] if lap == 1 else []
        self.move(self.box.sweep(_EVEN, direction=RIGHT), through, *told, seconds=seconds * 0.4)
        self.remove(*before, self.errors[lap - 1])
        self.add(self.errors[lap], *(() if moves else now.others))
        drop = self.chart.draw(lap - 1, lap)
        self.move(now.label.taking_over(before.label), drop, seconds=seconds * 0.3)
        self.add(now.label, *self.chart.dots[lap : lap + 1])
        # the last lap's change is not followed to the model: its guesses would be the next lap's
        shares = self.shares[lap : lap + 2]
        ways = [arrow.pulse(way[0], self.style) for way in (self.falls, self.back)]
        self.move(*ways, *come, self._colour(shares[0], shares[-1]), seconds=seconds * 0.3)
        self.add(now)

    def _colour(self, start: float, end: float) -> Animation:
        """The model takes on the colours of a trained one, as far as its error has fallen."""

        # a gradient that changes in each frame costs a tenth of the video
        steps = max(1, round(abs(end - start) * _COLOURS))

        def colour(mobject: Mobject, alpha: float) -> None:
            self.box.colour(start + (end - start) * round(alpha * steps) / steps)

        return UpdateFromAlphaFunc(self.box, colour, rate_func=smooth)

    def _enter(self, seconds: float, *beside: Animation) -> list[VMobject]:
        """The features go into the model, ``beside`` other moves; returns the outlines that they leave."""
        going = [chip.copy() for chip in self.features.visible]
        outlines = [pale(chip, self.style) for chip in going]
        self.remove(self.features)
        self.add(*outlines, *going)
        self.bring_to_front(self.grey)
        flights = [
            Flight(chip, [behind(chip, self.grey, UP, self.style)], self.style, remover=True)
            for chip in going
        ]
        self.move(*flights, *beside, seconds=seconds)
        return outlines

    def _example(self, top: float, room: float) -> list[VMobject]:
        """The features and the correct word, each under its caption, in so many pixels."""
        style, w = self.style, self.wording
        whole = Column(style, style.margin, style.room)
        captions = [
            whole.set(whole.caption(text), top) for text in (w("the text so far"), w("correct next word"))
        ]
        # in the wide frame a second line would push down all that is below
        most = (2,) if style.frame.is_tall else (1, 2)
        for many, longest in product(most, range(16, 2, -1)):
            self.label = TokenChip(self.content.label, style, longest=longest)
            taken = max(self.label.width, captions[1].width) / style.px(1) + _BESIDE
            self.features = self._features(room - taken, longest, many)
            lines = self.features
            if all(lines.chips[place] in lines.visible for place in range(len(lines.chips))):
                break
        whole.set(self.features, top + 44 + _HIGH)
        edge = max(self.features.get_right()[0], captions[0].get_right()[0]) + style.px(_BESIDE)
        self.label.align_to(edge * RIGHT, LEFT).align_to(self.features, UP)
        captions[1].align_to(self.label, LEFT)
        return [*captions, self.label, self.features]

    def _features(self, width: float, longest: int, lines: int) -> TokenLines:
        style = replace(self.style, chip_padding=12) if self.style.frame.is_tall else self.style
        chips = [TokenChip(piece, style, longest=longest) for piece in self.content.features]
        return TokenLines(chips, self.style, self.wording, width=width, lines=lines)

    def _predict(self, model: Column, column: Column, top: float) -> None:
        """The model, grey and with its colours, and beside it what it guesses in each lap."""
        style, w, content = self.style, self.wording, self.content
        high = 230 if style.frame.is_tall else 250
        self.grey, self.box = (
            ModelBox(content.subject, style, model.width, high, trained=trained, above=above, share=0.7)
            for trained, above in ((False, w("Untrained")), (True, w("In training")))
        )
        caption = self._head(column, 1, w("guess"))
        count = content.vocabulary
        self.laps = [Guesses(lap.guesses, count, style, w, width=column.width) for lap in content.laps]
        for guesses in self.laps:
            column.stack([caption, guesses], (_HIGH + 10,), top)
        self.guesses = self.laps[-1]
        errors = [lap.error.number for lap in content.laps]
        self.shares = [min(1.0, max(0.0, 1 - error / max(errors[0], 1e-9))) for error in errors]
        for box in (self.grey, self.box):
            model.set(box, top)
            box.align_to(caption, UP).shift(style.px(36) * DOWN)
        self.box.colour(self.shares[-1])
        self.heads = [caption]

    def _measure(self, column: Column, top: float, height: float) -> None:
        """The error in each lap, and below it its curve over all of them, so many pixels high."""
        style, palette, w, content = self.style, self.style.palette, self.wording, self.content
        head, caption = self._head(column, 2, w("compare")), column.caption(w("error (0 is perfect)"))
        self.errors = [column.number(w.decimal(lap.error), palette.error) for lap in content.laps]
        count = len(content.laps) - 1
        self.chart = LineChart(
            content.errors,
            (w.decimal(content.laps[0].error), ""),
            w.integer(0),
            w.plural("{count} lap", "{count} laps", count),
            style,
            width=column.width - 40,
            height=height,
            color=palette.error,
        )
        for number in self.errors:
            column.stack([head, caption, number, self.chart], (_HIGH, 16, 20), top)
        self.error = self.errors[-1]
        self.heads.append(VGroup(head, caption))

    def _update(self, column: Column, top: float) -> None:
        """Some weights, and beside them on a scale of its own what one step changes of them."""
        style, w, content = self.style, self.wording, self.content
        head = column.set(self._head(column, 3, w("adjust")), top)
        self.heads.append(head)
        if style.frame.is_tall:
            top = self._down_to(head) + _HIGH
        else:  # beside the captions, over the way back
            head.align_to(style.at(column.left - 40, 0), RIGHT)
        side, gap = (136, 128) if style.frame.is_tall else (196, 104)
        halves = [Column(style, column.left + place * (side + gap), side) for place in range(2)]
        captions = [halves[0].caption(w("weights")), halves[1].caption(w("first change"))]
        weights, change = content.weights, content.change
        matrices = [
            Matrix(
                values,
                each.columns,
                style,
                cell=side / max(each.columns, len(values.numbers) // each.columns) - _SPACE,
                gap=_SPACE,
                largest=each.largest.number,
            )
            for values, each in (
                (content.adjusted, weights),
                (change.values, change),
                (weights.values, weights),
            )
        ]
        for half, caption, matrix in zip(halves, captions, matrices, strict=False):
            half.stack([caption, matrix], (_HIGH,), top)
        # an umlaut is taller than a capital
        captions[1].align_to(captions[0], DOWN)
        matrices[1].align_to(matrices[0], UP)
        matrices[2].move_to(matrices[0])
        self.matrices = matrices
        self.weights, self.start = (VGroup(captions[0], matrices[place]) for place in (0, 2))
        self.change = VGroup(captions[1], matrices[1])

    def _head(self, column: Column, number: int, text: str) -> VGroup:
        """A step's number and what happens in it."""
        return column.head(self.wording.integer(number), text, self.style.type.body)

    def _count(self, column: Column, top: float) -> None:
        """Which lap it is."""
        style, palette, w = self.style, self.style.palette, self.wording
        count = len(self.laps) - 1
        self.counts = [
            column.set(
                Label(
                    w("lap {number} of {count}", number=w.integer(lap), count=w.integer(count)),
                    style.type.body,
                    palette.text,
                    weight="SEMIBOLD",
                ),
                top,
            )
            for lap in range(1, count + 1)
        ]
        self.counter = self.counts[-1]

    def _compare(self, column: Column, top: float) -> None:
        """That a real training is not on one text."""
        style, w = self.style, self.wording
        text = w("real training: millions of texts")
        size, color = style.type.small, style.palette.text
        self.often = column.set(
            Paragraph(text, style, size=size, color=color, width=column.width, lines=2), top
        )

    def _lower(self, corner: Mobject) -> None:
        """What stands below the guesses moves down, as there is room, to make the way there longer."""
        style, last = self.style, min(part.get_bottom()[1] for part in (self.counter, self.often))
        room = last - corner.get_top()[1] - style.px(32)
        lower = [
            *self.heads[1:],
            *self.errors,
            self.chart,
            self.weights,
            self.start[1],
            self.change,
            *self.counts,
            self.often,
        ]
        VGroup(*lower).shift(min(style.px(_LOWER), max(0.0, room)) * DOWN)

    def _arrows(self, tall: bool) -> None:
        """The ring's ways: grey forward, orange back to the weights and to the model."""
        style, palette = self.style, self.style.palette
        gap = style.px(style.arrow_gap)
        low, high = self.features.get_bottom()[1] - gap, self.box.get_top()[1] + gap
        x = self.box.get_left()[0] + style.px(90)
        self.into = arrow.straight(np.array([x, low, 0]), np.array([x, high, 0]), style)
        self.out = self._across(self.box, self.guesses)
        right, edge = self.matrices[1].get_right() + gap * RIGHT, palette.training_edge
        if tall:
            # below the place that some laps have at their foot
            x, bottom = self.guesses.get_x(), min(lap.get_bottom()[1] for lap in self.laps)
            near = style.px(style.arrow_gap_small)
            start, end = (np.array([x, y, 0]) for y in (bottom - near, self.heads[1].get_top()[1] + near))
            self.onward: VMobject = arrow.straight(start, end, style)
            start = np.array([self.chart.axes.get_left()[0] - gap, right[1], 0])
            self.falls = arrow.bent([start, right], style, edge)
        else:
            self.onward = self._across(self.guesses, self.chart)
            x = self.chart.get_x()
            corners = [np.array([x, y, 0]) for y in (self.chart.get_bottom()[1] - gap, right[1])]
            self.falls = arrow.bent([*corners, right], style, edge)
        between = self.matrices[1].get_left() + gap * LEFT, self.matrices[0].get_right() + gap * RIGHT
        self.adds = arrow.straight(*between, style, edge)
        under = self.box.get_bottom() + gap * DOWN
        if tall:
            start = self.heads[2].get_top() + gap * UP
            self.back = arrow.bent([start, np.array([start[0], under[1], 0])], style, edge)
        else:
            start = self.matrices[0].get_left() + gap * LEFT
            self.back = arrow.bent([start, np.array([under[0], start[1], 0]), under], style, edge)

    def _across(self, start: Mobject, end: Mobject) -> VMobject:
        """To the right, at the height of the model's middle."""
        gap, y = self.style.px(self.style.arrow_gap), self.box.get_y()
        ends = start.get_right()[0] + gap, end.get_left()[0] - gap
        return arrow.straight(np.array([ends[0], y, 0]), np.array([ends[1], y, 0]), self.style)

    def _down_to(self, mobject: Mobject) -> float:
        """Where the mobject ends, in pixels below the frame's upper edge."""
        low: float = (self.style.at(0, 0)[1] - mobject.get_bottom()[1]) / self.style.px(1)
        return low

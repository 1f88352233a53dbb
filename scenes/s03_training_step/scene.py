"""Draws loop 03: predict, measure the error, update the parameters; round and round, and the error falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    Rectangle,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    smooth,
    there_and_back,
)

from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.column import Column
from scenes.parts.flight import Flight, behind, pale
from scenes.parts.guesses import Guesses
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.line_chart import LineChart
from scenes.parts.matrix import Matrix
from scenes.parts.open_box import OpenBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.token import TokenChip
from scenes.parts.token_lines import TokenLines
from scenes.s03_training_step.content import Content
from scenes.traced_value import TracedValue

_SECONDS = (1.3, 1.0, 0.7, 0.36)  # of the second lap, the third …; the last of all that follow
_BUDGET = 4.4  # seconds for all laps after the first
_EVEN = (0.6, 0.6)  # the light's strength: what each layer does is not recorded in a training
_COLOURS = 3  # steps in which the box takes on all of the trained model's colours
_SEEN = 0.2  # of the largest change: smaller ones are pale, and do not fly
_VEIL = 0.75  # how much of the weights is veiled while their change comes
_HIGH = 12  # pixels between a caption and what it names
_BESIDE = 44  # from the features to the correct word
_ASIDE = 42  # right of the correct word and its guesses in the tall frame: the way to the error
_UNDER = 14  # pixels from the words over the weights to these
_SPACE = 3  # pixels between the cells of a matrix
_TOP = 144  # pixels: where the example begins
_CAPTION = 44  # pixels: a caption's height
_RETURN = 8  # pixels: how wide the way back to the weights is
_NAME = 200  # pixels: what the model's name and the window's edges take of its height
_PRINT = 310  # pixels: how wide the small print is
_INTO = 62  # pixels: the way from the text into the model


@dataclass(frozen=True)
class _Plan:
    """Sizes and places in pixels of the frame.

    Attributes:
        model: Where the model begins, and how wide it is.
        guesses: The same of its guesses.
        error: The same of the error.
        chart: The same of its curve.
        below: How far the model ends above the credit, at least.
        cells: How wide and high its weights are, at most.
        words: How wide the words beside them are; 0 where they stand over them.
        bar: How thick a guess's bar is, and how far the next guess is from it.
        number: How high the error is printed.
    """

    model: tuple[float, float]
    guesses: tuple[float, float]
    error: tuple[float, float]
    chart: tuple[float, float]
    below: float
    cells: float
    words: float
    bar: tuple[float, float]
    number: float


_WIDE = _Plan(
    model=(90, 600),
    guesses=(786, 440),
    error=(1330, 500),
    chart=(1330, 500),
    below=140,
    cells=290,
    words=190,
    bar=(34, 40),
    number=120,
)
_TALL = _Plan(
    model=(60, 446),
    guesses=(586, 404),
    error=(60, 350),
    chart=(450, 570),
    below=456,
    cells=262,
    words=0,
    bar=(30, 34),
    number=110,
)


class TrainingStep(LoopScene):
    """A ring: the model with its weights, its guesses, their error, and back to the weights."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, tall = self.style, self.wording, self.style.frame.is_tall
        self.plan = plan = _TALL if tall else _WIDE
        self.heading = Heading(self._sentences(), style)
        name = w("untrained twin of {model}", model=w.model(self.content.model))
        corner = self.credit(self.content.text_source, model=name)
        model, guesses = Column(style, *plan.model), Column(style, *plan.guesses)
        example = self._example(model, guesses)
        top = self._down_to(self.features) + _INTO
        self.foot = (style.at(0, 0)[1] - corner.get_top()[1]) / style.px(1) - plan.below
        self._model(model, top)
        # a second line of features is above the model alone, in the wide frame
        self._predict(guesses, top if tall else self._down_to(self.label) + _INTO)
        self._measure(Column(style, *plan.error), Column(style, *plan.chart))
        self._arrows()
        self.fixed = [self.heading, *example, self.into, corner]
        return Group(
            *self.fixed, self.box, self.out, self.head, self.guesses, self.onward,
            self.asks, self.error, self.chart, self.counter, self.back, self.adjusts, self.print,
        )  # fmt: skip

    def _sentences(self) -> list[str]:
        """The story; that the error falls is told where it does."""
        w, errors = self.wording, self.content.errors.numbers
        return [
            w("The model guesses the next word"),
            w("The error says how wrong it was"),
            w("Its weights are adjusted a little"),
            w("Again and again, here on one text"),
            w("Guess, compare, adjust: the error falls")
            if errors[-1] < errors[0]
            else w("Guess, compare, adjust, again and again"),
        ]

    def question(self) -> Sequence[Mobject]:
        return [*self.fixed, self.box]

    def clearing(self, picture: Group) -> list[Animation]:
        # at once: lines that fade all over the picture take a tenth of the video
        self.remove(self.head, self.out, self.onward, self.asks, self.back, self.adjusts)
        self.remove(self.counter, self.print)
        told = unwind(self.guesses, VGroup(self.error, self.chart))
        return [told, self._colour(1, 0), *self.heading.says(0)]

    def story(self) -> None:
        pace = self.style.pace
        self.remove(self.box)
        self.add(self.grey)
        first = self.laps[0]
        with self.beat("predict"):
            outline = self._enter(pace.move)
            self.move(self.grey.box.sweep(_EVEN, direction=RIGHT), FadeIn(self.features), seconds=pace.move)
            self.remove(*outline)
            grows = [each for row in first.others for each in row.growth()]
            self.move(FadeIn(self.out, self.head), *grows, seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("measure the error"):
            # a chip on its way there would pass over the other rows
            breath = ApplyMethod(self.label.scale, 1.15, rate_func=there_and_back)
            self.move(breath, FadeIn(*first.label[:-1]), *first.label.growth()[1:], seconds=pace.move)
            self.add(first)
            start = VGroup(self.chart.axes, self.chart.dots[0])
            seen = FadeIn(self.onward, self.asks, self.errors[0], start)
            self.move(seen, *self.heading.says(1), seconds=pace.move)
            self.rest(pace.slow)
        with self.beat("update the parameters"):
            self.move(Create(self.back), FadeIn(self.adjusts), *self.heading.says(2), seconds=pace.move)
            self._adjust()
        with self.beat("again and again"):
            self._repeat()
            self.move(FadeIn(self.print), *self.heading.says(-1), seconds=pace.move)

    def _adjust(self) -> None:
        """The change goes into the weights, which are then others."""
        pace, style, change = self.style.pace, self.style, self.change
        cells = zip([cell for row in change for cell in row], self.content.change.values.numbers, strict=True)
        least = _SEEN * self.content.change.largest.number
        # which weights these are is recorded of this step alone: in later laps they stand still
        changed = VGroup(*(cell.copy() for cell, value in cells if abs(value) >= least))
        for cell in changed:
            cell.set_stroke(style.palette.training_edge, width=style.stroke(style.line))
        # the weights stand back while the change comes
        veil = Rectangle(width=change.width, height=change.height, stroke_width=0)
        veil.set_fill(style.palette.panel, opacity=_VEIL).move_to(change)
        # on a short way back it would be a mere spark
        way = [] if style.frame.is_tall else [arrow.pulse(self.back[0], style, 24)]
        self.move(*way, FadeIn(veil), FadeIn(changed), seconds=pace.slow)
        self.rest(pace.rest)
        self.remove(self.grey)
        self.add(self.box, veil, changed)
        self.move(FadeOut(veil, changed), self._colour(0, self.shares[1]), seconds=pace.slow)

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
        through = arrow.pulse(self.out, self.style)
        told = self.heading.says(3) if lap == 1 else []
        self.move(self.box.box.sweep(_EVEN, direction=RIGHT), through, *told, seconds=seconds * 0.4)
        self.remove(*before, self.errors[lap - 1], *self.counts[lap - 2 : lap - 1])
        # all that tells of the error changes at once; where the curve began is told now that it is another
        chart = self.chart
        self.add(self.errors[lap], self.counts[lap - 1], chart.first, chart.lines[lap - 1], chart.dots[lap])
        self.add(*(() if moves else now.others))
        self.move(now.label.taking_over(before.label), seconds=seconds * 0.3)
        self.add(now.label)
        # the last lap's change is not followed to the model: its guesses would be the next lap's
        shares = self.shares[lap : lap + 2]
        way = arrow.pulse(self.back[0], self.style, 24)
        self.move(way, *come, self._colour(shares[0], shares[-1]), seconds=seconds * 0.3)
        self.add(now)

    def _colour(self, start: float, end: float) -> Animation:
        """The model takes on the colours of a trained one, as far as its error has fallen."""

        # a gradient that changes in each frame costs a tenth of the video
        steps = max(1, round(abs(end - start) * _COLOURS))

        def colour(mobject: Mobject, alpha: float) -> None:
            self.box.box.colour(start + (end - start) * round(alpha * steps) / steps)

        return UpdateFromAlphaFunc(self.box.box, colour, rate_func=smooth)

    def _enter(self, seconds: float) -> list[VMobject]:
        """The features go into the model; returns the outlines that they leave."""
        going = [chip.copy() for chip in self.features.visible]
        outlines = [pale(chip, self.style) for chip in going]
        self.remove(self.features)
        self.add(*outlines, *going)
        self.bring_to_front(self.grey)
        flights = [
            Flight(chip, [behind(chip, self.grey.box, UP, self.style)], self.style, remover=True)
            for chip in going
        ]
        self.move(*flights, seconds=seconds)
        return outlines

    def _example(self, model: Column, guesses: Column) -> list[VMobject]:
        """The features above the model, the correct word above its guesses, each under its caption."""
        style, w, tall = self.style, self.wording, self.style.frame.is_tall
        texts, columns = (w("the text so far"), w("correct next word")), (model, guesses)
        captions = [
            column.set(column.caption(text), _TOP) for column, text in zip(columns, texts, strict=True)
        ]
        # in the wide frame a second line would push down all that is below
        for many, longest in product((2,) if tall else (1, 2), range(16, 2, -1)):
            self.label = TokenChip(self.content.label, style, longest=longest)
            # in the tall frame the correct word follows the features
            taken = max(self.label.width + style.px(_ASIDE), captions[1].width) / style.px(1) + _BESIDE
            self.features = self._features(style.room - taken if tall else model.width, longest, many)
            lines = self.features
            if all(lines.chips[place] in lines.visible for place in range(len(lines.chips))):
                break
        low = _TOP + _CAPTION + _HIGH
        model.set(self.features, low)
        guesses.set(self.label, low)
        if tall:
            edge = max(self.features.get_right()[0], captions[0].get_right()[0]) + style.px(_BESIDE)
            for part in (captions[1], self.label):
                part.align_to(edge * RIGHT, LEFT)
        return [*captions, self.label, self.features]

    def _features(self, width: float, longest: int, lines: int) -> TokenLines:
        style = replace(self.style, chip_padding=12)
        chips = [TokenChip(piece, style, longest=longest) for piece in self.content.features]
        return TokenLines(chips, self.style, self.wording, width=width, lines=lines)

    def _model(self, column: Column, top: float) -> None:
        """The model with some of its weights in it: grey before they change, with its colours after."""
        style, w, content = self.style, self.wording, self.content
        weights, change = content.weights, content.change
        errors = [lap.error.number for lap in content.laps]
        self.words = self._words()
        self.shares = [min(1.0, max(0.0, 1 - error / max(errors[0], 1e-9))) for error in errors]
        looks = ((weights.values, False, w("Untrained")), (content.adjusted, True, w("In training")))
        self.grey, self.box = (
            OpenBox(
                content.subject,
                self._window(self._cells(values, weights.columns, weights.largest)),
                style,
                column.width,
                self.foot - top,
                trained=trained,
                above=above,
            )
            for values, trained, above in looks
        )
        for box in (self.grey, self.box):
            column.set(box, top)
        self.box.box.colour(self.shares[-1])
        self.change = self._cells(change.values, change.columns, change.largest)
        self.change.move_to(self.box.shown[-1])

    def _words(self) -> Paragraph:
        """What the cells in the model are."""
        style, plan = self.style, self.plan
        return Paragraph(
            self.wording("some of its weights"),
            style,
            size=style.type.small,
            color=style.palette.panel_text,
            width=plan.words or plan.model[1] - 80,
            lines=3 if plan.words else 2,
            centred=not plan.words,
        )

    def _window(self, cells: Matrix) -> VGroup:
        """The weights, and what they are: beside them, or over them where the window is narrow."""
        parts = VGroup(self.words.copy(), cells)
        if self.plan.words:
            return parts.arrange(RIGHT, buff=self.style.px(40))
        return parts.arrange(DOWN, buff=self.style.px(_UNDER))

    def _cells(self, values: TracedValue, columns: int, largest: TracedValue) -> Matrix:
        """Weights, or their changes, each on a scale of its own."""
        high = self.foot - self._down_to(self.features) - _INTO - _NAME
        high -= 0 if self.plan.words else self.words.height / self.style.px(1) + _UNDER
        side = min(self.plan.cells, high) / max(columns, len(values.numbers) // columns)
        return Matrix(values, columns, self.style, cell=side - _SPACE, gap=_SPACE, largest=largest.number)

    def _predict(self, column: Column, top: float) -> None:
        """What the model guesses in each lap."""
        style, w, content = self.style, self.wording, self.content
        thickness, gap = self.plan.bar
        self.head = column.caption(w("its guesses"))
        self.laps = [
            Guesses(
                lap.guesses, content.vocabulary, style, w, width=column.width, thickness=thickness, gap=gap
            )
            for lap in content.laps
        ]
        for guesses in self.laps:
            column.stack([self.head, guesses], (_HIGH + 10,), top)
        self.guesses = self.laps[-1]

    def _measure(self, column: Column, curve: Column) -> None:
        """The error in each lap, which lap it is, and the curve of the error over all of them."""
        style, palette, w, content = self.style, self.style.palette, self.wording, self.content
        tall = style.frame.is_tall
        self.asks = column.caption(w("error (0 is perfect)"))
        self.errors = [
            column.number(w.decimal(lap.error), palette.error, self.plan.number) for lap in content.laps
        ]
        count = len(content.laps) - 1
        self.counts = [
            Label(
                w("after lap {number} of {count}", number=w.integer(lap), count=w.integer(count)),
                style.type.body,
                palette.text,
                weight="SEMIBOLD",
            )
            for lap in range(1, count + 1)
        ]
        top = self.foot + 116 if tall else _TOP
        for number in self.errors:
            column.stack([self.asks, number], (_HIGH,), top)
        self.error, self.counter = self.errors[-1], self.counts[-1]
        low = self._down_to(self.error)
        begins, ends = (top, top + 262) if tall else (low + 30, self.foot - 50)
        self.chart = LineChart(
            content.errors,
            (w.decimal(content.laps[0].error), ""),
            w.integer(0),
            "",
            style,
            width=curve.width - 40,
            height=ends - begins,
            color=palette.error,
        )
        axis = self.chart.axes[0]
        self.chart.shift(style.at(curve.left + 40, ends) - axis.get_corner(DOWN + LEFT))
        for each in self.counts:
            # in the wide frame the way back begins beside it
            each.scale(min(1, (axis.width - style.px(0 if tall else 60)) / each.width))
            column.set(each, low + 16) if tall else each.next_to(axis, DOWN, buff=style.px(12)).align_to(
                axis, RIGHT
            )
        self.print = Paragraph(
            w("real training: millions of texts"),
            style,
            size=style.type.small,
            color=palette.muted,
            width=_PRINT,
            lines=2,
        )
        column.set(self.print, self._down_to(self.counter) + 14)
        for line in () if tall else self.print.lines:
            line.align_to(axis, RIGHT)

    def _arrows(self) -> None:
        """The ring's ways: grey forward, orange back to the model."""
        style, palette, box, w = self.style, self.style.palette, self.box, self.wording
        gap = style.px(style.arrow_gap)
        low, high = self.features.get_bottom()[1] - gap, box.get_top()[1] + gap
        x = box.get_left()[0] + style.px(90)
        self.into = arrow.straight(np.array([x, low, 0]), np.array([x, high, 0]), style)
        y = box.get_y()
        ends = box.get_right()[0] + gap, self.guesses.get_left()[0] - gap
        self.out = arrow.straight(np.array([ends[0], y, 0]), np.array([ends[1], y, 0]), style)
        self.adjusts = Label(
            w("adjust the weights"), style.type.body, palette.training_text, weight="SEMIBOLD"
        )
        thick = replace(style, line=_RETURN)
        axis = self.chart.axes[0]
        # guesses and correct word meet on their way to the error
        word = self.label.get_right() + gap * RIGHT
        if style.frame.is_tall:
            x, near = self.guesses.get_x(), style.px(style.arrow_gap_small)
            # below the place that some laps have at their foot
            bottom = min(lap.get_bottom()[1] for lap in self.laps)
            start, end = (np.array([x, y, 0]) for y in (bottom - near, self.chart.axes.get_top()[1] + near))
            meet = start + 0.4 * (end - start)
            far = style.at(style.right, 0)[0] - style.px(style.line / 2)
            corners = [word, np.array([far, word[1], 0]), np.array([far, meet[1], 0]), meet]
            self.onward = VGroup(
                arrow.straight(start, end, style), arrow.route(corners, style, palette.arrow)
            )
            x = box.get_left()[0] + style.px(90)
            ways = [np.array([x, y, 0]) for y in (self.asks.get_top()[1] + gap, box.get_bottom()[1] - gap)]
            self.back = arrow.bent(ways, thick, palette.training_edge)
            self.adjusts.next_to(self.back, RIGHT, buff=style.px(24))
        else:
            start = np.array([self.guesses.get_right()[0] + gap, y, 0])
            end = np.array([self.asks.get_left()[0] - gap, word[1], 0])
            meet = np.array([(start[0] + end[0]) / 2, word[1], 0])
            corners = [start, np.array([meet[0], y, 0]), meet]
            word[0] = min(word[0], meet[0])
            self.onward = VGroup(arrow.straight(word, end, style), arrow.route(corners, style, palette.arrow))
            under_axis = min(self.counter.get_left()[0], self.print.get_left()[0])
            x, y = (
                min(axis.get_left()[0] + style.px(100), under_axis - style.px(24)),
                box.get_bottom()[1] - style.px(88),
            )
            under = box.get_bottom() + gap * DOWN
            corners = [np.array([x, axis.get_bottom()[1] - gap, 0]), np.array([x, y, 0])]
            corners += [np.array([under[0], y, 0]), under]
            self.back = arrow.bent(corners, thick, palette.training_edge)
            self.adjusts.move_to(np.array([(x + under[0]) / 2, y, 0])).shift(style.px(34) * UP)

    def _down_to(self, mobject: Mobject) -> float:
        """Where the mobject ends, in pixels below the frame's upper edge."""
        low: float = (self.style.at(0, 0)[1] - mobject.get_bottom()[1]) / self.style.px(1)
        return low

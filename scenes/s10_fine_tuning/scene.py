"""Draws loop 10: fine-tuning changes the weights to do one task better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from manim import LEFT, RIGHT, UP, Animation, Dot, Group, Mobject, VGroup, VMobject

from scenes.display_token import DisplayToken
from scenes.fade import FadeIn, FadeOut, at, at_once
from scenes.loop import LoopScene, unwind
from scenes.marks import show
from scenes.parts import arrow
from scenes.parts.chamber import Chamber
from scenes.parts.column import Column
from scenes.parts.flight import Flight, behind
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.line_chart import LineChart
from scenes.parts.matrix import Matrix
from scenes.parts.open_box import OpenBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.tally import Tally
from scenes.parts.token import TokenChip, slot
from scenes.parts.verdict import verdict
from scenes.s10_fine_tuning.content import Content
from scenes.style import Point
from scenes.traced_value import TracedValue
from scenes.wording.printed import Printed

_MOVES = 2  # in which the error's line is drawn, each of two halves
_GO, _AWAY, _NEXT = 0.3, 0.9, 0.3  # of a move: a pair goes, is in the model; the next one is there
_EVEN = (0.6,)  # the light's strength: what the layers do is another loop's story
_SMALL = 0.2  # how large a chip is at the model's edge, of its size
_LEAST = 36  # pixels: the height of a line in the model's name
_LEAST_TALLY, _LEAST_CELL = 550, 44  # pixels: the cells' width and that of one, before words give way
_GAP = 12  # pixels between a caption and what it names
_TITLE = 48  # pixels: as high as the curve's title is in one line, and some air
_SIGN, _BESIDE = 44, 20  # pixels: the sign beside an answer, and from there to the answer
_SNUG = 12  # pixels: a chip's padding in the rows
_WAY = 56  # pixels: the arrow from a phrase to its translation


@dataclass(frozen=True)
class _Plan:
    """Sizes and places in pixels of the frame.

    Attributes:
        box: The model's width and height.
        cell: Side of a cell of its weights.
        chamber: Left, top, width, height.
        pile: Where the examples stand, and how wide they may be.
        inside: Where the model stands in the chamber.
        chart: The error's: left, top, width, height.
        rows: The two rows, before and after: left, the first one's middle, width, from one to the next.
        tally: A row's right answers: left, from the row's middle down, width.
        lines: In how many lines they stand.
        beside: Whether a row's name stands before it; else it stands before its right answers.
        correct: The middle of what is correct.
    """

    box: tuple[float, float]
    cell: float
    chamber: tuple[float, float, float, float]
    pile: tuple[float, float, float]
    inside: tuple[float, float]
    chart: tuple[float, float, float, float]
    rows: tuple[float, float, float, float]
    tally: tuple[float, float, float]
    lines: int
    beside: bool
    correct: float


_WIDE = _Plan(
    box=(300, 376),
    cell=18,
    chamber=(90, 244, 1740, 736),
    pile=(130, 344, 450),
    inside=(690, 270),
    chart=(1110, 266, 680, 246),
    rows=(130, 752, 1080, 134),
    tally=(1222, 0, 568),
    lines=2,
    beside=True,
    correct=948,
)
_TALL = _Plan(
    box=(290, 262),
    cell=10,
    chamber=(60, 238, 960, 982),
    pile=(84, 290, 480),
    inside=(706, 262),
    chart=(84, 548, 912, 138),
    rows=(84, 926, 912, 176),
    tally=(84, -72, 912),
    lines=1,
    beside=False,
    correct=1178,
)


@dataclass(frozen=True)
class _Row:
    """The probe before or after the fine-tuning.

    Attributes:
        name: Before or after.
        asked: The phrase.
        way: From there to the answer.
        slot: The answer's place while it is not known.
        answer: What came.
        sign: Whether that is correct.
        blank: The cells of the tally before the tries.
        tally: How many of all unseen phrases are right, and that in words.
    """

    name: Label
    asked: VMobject
    way: Mobject
    slot: VGroup
    answer: VGroup
    sign: VMobject
    blank: VGroup
    tally: VGroup


class FineTuning(LoopScene):
    """A trained model in a chamber where it learns one task from a few examples, asked before and after."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        pieces = (*self._answers(), *(each for pair in content.pairs for each in (pair.english, pair.french)))
        corner = self.credit(None, spaced=any(" " in piece.text for piece in pieces))
        self.heading = Heading(self._sentences(), style)
        self.chamber = self._chamber(w("Fine-tuning: English to French"))
        self.trained = self._model("", content.before.values)
        self.tuned = self._model(w("Translation"), content.after)
        for model in (self.trained, self.tuned):
            self._set(model, *plan.inside)
        self._pile()
        self._chart()
        self._rows()
        feeds = arrow.straight(*self._feeding(), style)
        standing = [part for row in self.rows for part in (row.name, row.asked, row.way)]
        self.fixed = [
            self.chamber, *self.pile, feeds, self.titles[0], self.chart.axes, *standing, corner, self.heading,
        ]  # fmt: skip
        told = [part for row in self.rows for part in (row.answer, row.sign, row.tally)]
        return Group(*self.fixed, self.tuned, *self.chart.submobjects[1:], *told, self.correct)

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        self.add(self.trained)
        self.bring_to_back(self.trained)
        before, after = ([row.answer, VGroup(row.sign, row.tally)] for row in self.rows)
        curve = VGroup(*self.chart.submobjects[1:])
        tuned = FadeOut(self.tuned, rate_func=at_once)  # the trained one stands behind it
        return [unwind(*before, curve, tuned, *after, self.correct), *self.heading.says(0)]

    def story(self) -> None:
        pace = self.style.pace
        before, after = self.rows
        with self.beat("the trained model"):
            open_ = [part for row in self.rows for part in (row.slot, row.blank)]
            self.move(FadeIn(*open_, rate_func=at_once), seconds=pace.quick)
        with self.beat("before"):
            self._ask(before, self.trained)
            shown = [self.chart.dots[0], self.chart.first, before.sign, before.tally]
            self.move(
                FadeOut(before.blank, rate_func=at_once),
                FadeIn(*shown, rate_func=at_once),
                seconds=pace.quick,
            )
            self.rest(pace.rest)
        with self.beat("fine-tuning"):
            self._tune()
            self.remove(self.trained)
            self.add(self.tuned)
            self.rest(pace.rest)
        with self.beat("after"):
            self.move(*self.heading.says(3), seconds=pace.quick)
            self._ask(after, self.tuned)
            self.rest(pace.rest)
            self.move(
                FadeOut(after.blank),
                FadeIn(after.sign, after.tally, self.correct),
                *self.heading.says(-1),
                seconds=pace.move,
            )

    def _tune(self) -> None:
        """Pairs go into the model while the gear turns and the error takes its course."""
        steps = len(self.chart.lines)
        moves = min(steps, _MOVES)
        self.remove(*self.pile[1:])
        for move in range(moves):
            pair = self.pairs[move % len(self.pairs)]
            going = VGroup(*pair).copy()
            last_one = move == moves - 1
            # the next pair comes when the one before it has gone
            following = self.pile[1:] if last_one else self.pairs[(move + 1) % len(self.pairs)]
            self.remove(*pair)
            self.add(*going, self.trained)
            flights = [self._enter(chip, self.trained.box) for chip in going]
            first, last = (round(steps * part / moves) for part in (move, move + 1))
            says = {0: 1, moves - 1: 2}.get(move)
            half = (first + last + 1) // 2
            self.move(
                self.chamber.gear.turn(1),
                *flights,
                self.chart.draw(first, half),
                *(self.heading.says(says) if says else ()),
                seconds=self.style.pace.slow,
            )
            on = [self.chart.draw(half, last)] if last > half else []
            self.move(
                self.chamber.gear.turn(1),
                FadeIn(*following, rate_func=at(_NEXT)),
                *on,
                seconds=self.style.pace.slow,
            )
            self.add(*self.chart.dots[first + 1 : last + 1])
        self.add(*self.pile, self.chart.last)

    def _enter(self, chip: VMobject, box: VMobject) -> Flight:
        """The chip goes into the model and grows small at its edge: no more is seen of it."""
        into = behind(chip.copy().scale(_SMALL), box, LEFT, self.style)
        return Flight(chip, [into], self.style, size=_SMALL, start=_GO, end=_AWAY, remover=True)

    def _ask(self, row: _Row, model: OpenBox) -> None:
        """The model computes, and the answer stands beside the phrase."""
        pace = self.style.pace
        self.move(model.box.sweep(_EVEN), seconds=pace.slow)
        self.move(FadeOut(row.slot, rate_func=at_once), FadeIn(row.answer), seconds=pace.quick)

    def _sentences(self) -> list[str]:
        """What the heading says: before the training, while it trains, of its error, and twice after it."""
        w, content = self.wording, self.content
        right, then, count = content.right_before, content.right_after, content.held_out
        falls = content.last_error.number < content.first_error.number
        start, again = w("This model is asked to translate"), w("After the training it is asked again")
        end = again
        if right is not None and right.number < count.number / 2:
            start = w("This model cannot translate yet")
        if right is not None and then is not None:
            numbers = {"right": w.integer(then), "count": w.integer(count)}
            end = w("It gets {right} of {count} unseen phrases right", **numbers)
            if then.number > right.number:
                end = w("Now it gets {right} of {count} unseen phrases right", **numbers)
        return [
            start,
            w("It trains a little on example pairs"),
            w("On phrases it has not seen, its error falls")
            if falls
            else w("On unseen phrases, its error does not fall"),
            again,
            end,
        ]

    def _chamber(self, heading: str) -> Chamber:
        left, top, width, height = self.plan.chamber
        chamber = Chamber(heading, self.style, width=width, height=height, training="fine-tuning", small=True)
        return chamber.shift(self.style.at(left, top) - chamber.room.get_corner(UP + LEFT))

    def _model(self, above: str, weights: TracedValue) -> OpenBox:
        """The model with a block of its weights, on the scale of those before."""
        style, block = self.style, self.content.before
        width, height = self.plan.box
        most = block.largest.number
        cells = Matrix(weights, block.columns, style, cell=self.plan.cell, gap=4, largest=most)
        model = OpenBox(self.content.subject, cells, style, width, height, above=above)
        if above and min(label.height for label in _labels(model.box[1])) < style.px(_LEAST):
            # a long name leaves no room for another word
            model = OpenBox(above, cells, style, width, height)
        return model

    def _pile(self) -> None:
        """Examples to learn from, one pair lying on the others."""
        style, w = self.style, self.wording
        left, top, width = self.plan.pile
        column = Column(style, left, width)
        caption = column.caption(w("examples"))
        column.set(caption, top)
        self.pairs = []
        for pair in self.content.pairs:
            chips = [self._chip(piece, width) for piece in (pair.english, pair.french)]
            column.stack([caption, *chips], (_GAP, 12), top)
            self.pairs.append(chips)
        self.pile = [caption, *self.pairs[0]]

    def _chart(self) -> None:
        style, w, content = self.style, self.wording, self.content
        left, top, width, height = self.plan.chart
        column = Column(style, left, width)
        title = column.text(w("error on unseen phrases"))
        height -= max(0, title.height / style.px(1) - _TITLE)  # a second line of it takes from the curve
        self.chart = LineChart(
            content.errors,
            (w.decimal(content.first_error), w.decimal(content.last_error)),
            w.integer(0),
            w.plural("{count} step", "{count} steps", content.steps),
            style,
            width=width - 40,
            height=height,
            color=style.palette.error,
        )
        column.stack([title, self.chart], (_GAP,), top)
        self.titles = [title]

    def _rows(self) -> None:
        """The phrase that is asked and the answer, before and after the fine-tuning, and what is correct."""
        style, w, plan, px = self.style, self.wording, self.plan, self.style.px
        left, middle, width, pitch = plan.rows
        asked, *answers, expected = self._answers()
        names = [Label(text, style.type.body, style.palette.text) for text in (w("before"), w("after"))]
        edge = max(name.width for name in names) / px(1) + 28
        start = left + edge if plan.beside else left
        room = (left + width - start - _WAY - 2 * style.arrow_gap_small - _SIGN - _BESIDE) / 2
        tallies = self._tallies(0 if plan.beside else edge)
        self.rows: list[_Row] = []
        for number, (name, answer) in enumerate(zip(names, answers, strict=True)):
            height = middle + pitch * number
            phrase, said = self._chip(asked, room, _SNUG), VGroup(self._chip(answer, room, _SNUG))
            phrase.set_y(style.at(0, height)[1]).align_to(style.at(start, 0), LEFT)
            tip = phrase.get_right() + px(style.arrow_gap_small) * RIGHT
            way = arrow.straight(tip, tip + px(_WAY) * RIGHT, style)
            said.next_to(tip + px(_WAY) * RIGHT, RIGHT, buff=px(style.arrow_gap_small))
            said.set_y(phrase.get_y())
            sign = verdict(answer.text == expected.text, _SIGN, style).next_to(said, RIGHT, buff=px(_BESIDE))
            tally, blank = tallies[number] if tallies else (VGroup(), VGroup())
            down = height + (0 if plan.beside else plan.tally[1])
            name.level_with(Dot(style.at(left, down))).align_to(style.at(left, 0), LEFT)
            self.rows.append(_Row(name, phrase, way, self._slot(said, number), said, sign, blank, tally))
        self.correct = VGroup()
        if answers[-1].text != expected.text:
            text = w("correct: {answer}", answer=self._quoted(expected))
            size, muted = style.type.small, style.palette.muted
            self.correct.add(Paragraph(text, style, size=size, color=muted, width=width, lines=1))
            after = self.rows[-1]
            self.correct.set_y(style.at(0, plan.correct)[1]).align_to(after.answer, LEFT)
            if self.correct.get_right()[0] > style.at(left + width, 0)[0]:
                self.correct.align_to(after.asked, LEFT)

    def _slot(self, answer: VGroup, number: int) -> VGroup:
        """The place of an answer while it is not known."""
        empty = slot(answer, self.style).align_to(answer, LEFT)
        return empty if not number else empty.align_to(self.rows[0].slot, LEFT)

    def _tallies(self, edge: float) -> list[tuple[VGroup, VGroup]]:
        """How many of the unseen phrases are answered as expected, before and after; its cells without that.

        Each is ``edge`` pixels from the left. There is none where that was not recorded.
        """
        style, content = self.style, self.content
        if content.right_before is None or content.right_after is None:
            return []
        left, down, width = self.plan.tally
        _, middle, _, pitch = self.plan.rows
        count, rights = content.held_out, (content.right_before, content.right_after)
        for short in (False, True):
            said = [
                self._count(right, count, bold, short)
                for right, bold in zip(rights, (False, True), strict=True)
            ]
            room = width - edge - max(words.width for words in said) / style.px(1) - 24
            if room >= min(_LEAST_TALLY, _LEAST_CELL * count.number / self.plan.lines):
                break
        tallies = []
        for number, (right, words) in enumerate(zip(rights, said, strict=True)):
            cells = Tally(right, count, style, width=room, lines=self.plan.lines)
            place = style.at(left + edge, middle + pitch * number + down)
            VGroup(cells, cells.blank).set_y(place[1]).align_to(place, LEFT)
            words.next_to(cells, RIGHT, buff=style.px(24)).level_with(cells)
            tallies.append((VGroup(cells, words), cells.blank))
        return tallies

    def _count(self, right: TracedValue, count: TracedValue, bold: bool, short: bool) -> Label:
        """How many are right, in words, fewer of them if ``short``."""
        style, w = self.style, self.wording
        numbers = {"right": w.integer(right), "count": w.integer(count)}
        text = w("{right} of {count}", **numbers) if short else w("{right} of {count} right", **numbers)
        return Label(text, style.type.heading, style.palette.text, weight="SEMIBOLD" if bold else "NORMAL")

    def _answers(self) -> tuple[DisplayToken, DisplayToken, DisplayToken, DisplayToken]:
        content = self.content
        return content.word, content.answer_before, content.answer_after, content.expected

    def _quoted(self, piece: DisplayToken) -> str:
        """The phrase in one line."""
        return Printed.of(" ".join(piece.text.split()) or self.wording("(nothing)"), piece.shown)

    def _chip(self, piece: DisplayToken, width: float, padding: float | None = None) -> VMobject:
        """The phrase on its chip, cut to the room there is."""
        style = self.style if padding is None else replace(self.style, chip_padding=padding)
        if not piece.text:
            return show(Label(self.wording("(nothing)"), style.type.small, style.palette.muted), piece.shown)
        for longest in range(28, 2, -1):
            chip = TokenChip(piece, style, longest=longest)
            if chip.width <= style.px(width):
                break
        return chip

    def _set(self, mobject: VGroup, left: float, top: float) -> None:
        Column(self.style, left, 0).set(mobject, top)

    def _feeding(self) -> tuple[Point, Point]:
        """From the pairs to the model."""
        gap, chips = self.style.px(14), [chip for pair in self.pairs[:_MOVES] for chip in pair]
        height = sum(chip.get_y() for chip in chips) / len(chips)
        start = max((chip.get_right() for chip in chips), key=lambda edge: float(edge[0])) + gap * RIGHT
        end = self.tuned.box.get_left() + gap * LEFT
        start[1] = end[1] = height
        return start, end


def _labels(name: VMobject) -> list[VMobject]:
    return [name] if isinstance(name, Label) else list(name)

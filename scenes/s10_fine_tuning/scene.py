"""Draws loop 10: fine-tuning changes the weights to do one task better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from manim import DOWN, LEFT, RIGHT, UP, Animation, Group, Mobject, VGroup, VMobject

from scenes.display_token import DisplayToken
from scenes.fade import FadeIn, FadeOut, at_once
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
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.parameter_panel import ParameterPanel
from scenes.parts.tally import Tally
from scenes.parts.token import TokenChip
from scenes.s10_fine_tuning.content import Content
from scenes.style import Point
from scenes.traced_value import TracedValue
from scenes.wording.printed import Printed, joined

_MOVES = 3  # in which the error's line is drawn
_AWAY = 0.4  # of a move: then the pair is in the model
_SMALL = 0.2  # how large a chip is at the model's edge, of its size
_LEAST = 36  # pixels: the height of a line in the model's name
_LEAST_TALLY = 100  # pixels: the cells' width, before words give way
_GAP = 12  # pixels between a caption and what it names
_TITLE = 48  # pixels: as high as the curve's title is in one line, and some air


@dataclass(frozen=True)
class _Plan:
    """Sizes and places in pixels of the frame.

    Attributes:
        box: The model's width and height.
        cell: Side of a cell of its weights.
        before: The chamber of pre-training: left, top, width, height.
        chamber: That of fine-tuning, the same.
        outline: Where the trained model stands in the chamber of pre-training.
        pile: Where the examples stand, and how wide they may be.
        inside: Where the model stands in the chamber.
        chart: The error's: left, top, width, height.
        tally: The right answers': left, top, width, from one row to the next.
        probe: The probe's: left, top, width.
    """

    box: tuple[float, float]
    cell: float
    before: tuple[float, float, float, float]
    chamber: tuple[float, float, float, float]
    outline: tuple[float, float]
    pile: tuple[float, float, float]
    inside: tuple[float, float]
    chart: tuple[float, float, float, float]
    tally: tuple[float, float, float, float]
    probe: tuple[float, float, float]


_WIDE = _Plan(
    box=(290, 380),
    cell=18,
    before=(90, 244, 350, 432),
    chamber=(530, 244, 1300, 736),
    outline=(120, 270),
    pile=(562, 338, 425),
    inside=(1070, 270),
    chart=(1400, 270, 400, 240),
    tally=(562, 690, 1238, 62),
    probe=(562, 832, 1238),
)
_TALL = _Plan(
    box=(290, 226),
    cell=7,
    before=(60, 130, 350, 258),
    chamber=(60, 508, 960, 714),
    outline=(90, 146),
    pile=(90, 526, 500),
    inside=(694, 530),
    chart=(90, 728, 520, 84),
    tally=(90, 972, 900, 46),
    probe=(90, 1086, 900),
)


class FineTuning(LoopScene):
    """The trained model goes on into a chamber where it learns one task from a few examples."""

    content: ClassVar[Content]
    inside: VGroup  # the copy of the trained model that is fine-tuned

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        pieces = (*self._answers(), *(each for pair in content.pairs for each in (pair.english, pair.french)))
        corner = self.credit(None, spaced=any(" " in piece.text for piece in pieces))
        self.heading = Heading(self._sentences(), style)
        before = self._chamber(w("Pre-training"), plan.before, "pre-training")
        self.chamber = self._chamber(w("Fine-tuning: English to French"), plan.chamber, "fine-tuning")
        self.trained = self._model("", content.before.values)
        self.tuned = self._model(w("Translation"), content.after)
        self._set(self.trained, *plan.outline)
        self._set(self.tuned, *plan.inside)
        ways = []
        if not style.frame.is_tall:
            ways.append(self._across(before.room, self.chamber.room))
        self._pile()
        self._chart()
        self._tally()
        self._probe()
        feeds = arrow.straight(*self._feeding(), style)
        self.fixed = [
            before, self.trained, *ways, self.chamber, *self.pile, feeds, self.titles[0], self.chart.axes,
            corner, self.heading,
        ]  # fmt: skip
        return Group(
            *self.fixed, self.tuned, *self.chart.submobjects[1:], *self.tallies,
            self.asked, self.answer, self.was,
        )  # fmt: skip

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        told = [VGroup(*self.chart.submobjects[1:]), *self.tallies, self.asked, self.was]
        return [unwind(self.tuned, *told, self.answer), *self.heading.says(0)]

    def story(self) -> None:
        pace, style = self.style.pace, self.style
        with self.beat("into the chamber"):
            self.inside = self.trained.copy()
            self.add(self.inside)
            self.move(Flight(self.inside, [self.tuned.get_center()], style), seconds=pace.move)
        with self.beat("before"):
            self._ask(self.first)
            shown = FadeIn(self.chart.start(), *self.tallies[:1], rate_func=at_once)
            self.move(shown, seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("fine-tuning"):
            self._tune()
            self.remove(self.inside)
            self.add(self.tuned)
            self.rest(pace.rest)
        with self.beat("after"):
            gone = FadeOut(self.first, rate_func=at_once)
            self.move(gone, *self.heading.says(3), seconds=pace.quick)
            self._ask(self.answer)
            self.move(FadeIn(self.was, *self.tallies[1:], rate_func=at_once), seconds=pace.quick)
            self.rest(pace.rest)

    def _tune(self) -> None:
        """Pairs go into the model while the gear turns and the error takes its course."""
        steps = len(self.chart.lines)
        moves = min(steps, _MOVES)
        self.remove(*self.pile[1:])
        for move in range(moves):
            going = VGroup(*self.pairs[move % len(self.pairs)]).copy()
            # the next pair lies below the one that goes
            below = self.pairs[(move + 1) % len(self.pairs)] if move < moves - 1 else self.pile[1:]
            self.add(*below, *going, self.inside)
            flights = [self._enter(chip, self.inside[0], LEFT, end=_AWAY) for chip in going]
            first, last = (round(steps * part / moves) for part in (move, move + 1))
            says = {0: 1, moves - 1: 2}.get(move)
            self.move(
                self.chamber.gear.turn(2),
                *flights,
                self.chart.draw(first, last),
                *(self.heading.says(says) if says else ()),
                seconds=self.style.pace.slow,
            )
            self.add(*self.chart.dots[first + 1 : last + 1])
            self.remove(*below)
        self.add(*self.pile, self.chart.last)

    def _enter(self, chip: VMobject, box: VMobject, side: Point, end: float = 1) -> Flight:
        """The chip goes into the model and grows small at its edge: no more is seen of it."""
        into = behind(chip.copy().scale(_SMALL), box, side, self.style)
        return Flight(chip, [into], self.style, size=_SMALL, end=end, remover=True)

    def _ask(self, answer: VGroup) -> None:
        """The probe goes into the model, the answer comes out of it."""
        style, pace = self.style, self.style.pace
        box = self.inside if self.inside in self.mobjects else self.tuned
        if self.asked not in self.mobjects:
            self.move(FadeIn(self.asked, rate_func=at_once), seconds=pace.quick)
        flying, left = self.lift(self.asked[0])
        self.add(flying, box)
        self.move(self._enter(flying[0], box[0], DOWN), seconds=pace.move)
        self.remove(left, flying)
        self.add(self.asked)
        place = answer.get_center()
        answer.scale(_SMALL)
        answer.move_to(behind(answer, box[0], DOWN, style))
        self.add(answer, box)
        self.move(Flight(answer, [place], style, size=1 / _SMALL), seconds=pace.move)

    def _sentences(self) -> list[str]:
        """What the heading says: before the training, while it trains, of its error, and after it."""
        w, content = self.wording, self.content
        right, then, count = content.right_before, content.right_after, content.held_out
        falls = content.last_error.number < content.first_error.number
        start, end = w("This model is asked to translate"), w("After the training it is asked again")
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
            end,
        ]

    def _chamber(self, heading: str, place: tuple[float, float, float, float], training: str) -> Chamber:
        left, top, width, height = place
        tuning, tall = training == "fine-tuning", self.style.frame.is_tall
        chamber = Chamber(
            heading,
            self.style,
            width=width,
            height=height,
            training="fine-tuning" if tuning else "pre-training",
            centred=False,
            heading_width=None if tuning else 540 if tall else 400,
        )
        if tall and not tuning:
            # beside the room: that leaves the height to the other one
            chamber.head.next_to(chamber.room, RIGHT, buff=self.style.px(40))
        return chamber.shift(self.style.at(left, top) - chamber.room.get_corner(UP + LEFT))

    def _model(self, above: str, weights: TracedValue) -> VGroup:
        """The model with a block of its weights, on the scale of those before."""
        style, block = self.style, self.content.before
        width, height = self.plan.box
        most = block.largest.number
        cells = Matrix(weights, block.columns, style, cell=self.plan.cell, gap=4, largest=most)
        panel = ParameterPanel((), cells, None, style, width=width - 40)
        foot = panel.height / style.px(1) + 24
        name = self.content.subject
        box = ModelBox(name, style, width, height, above=above, share=0.72, foot=foot)
        if above and min(label.height for label in _labels(box[1])) < style.px(_LEAST):
            # a long name leaves no room for another word
            box = ModelBox(above, style, width, height, share=0.72, foot=foot)
        return VGroup(box, panel.sit_in(box, style))

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

    def _tally(self) -> None:
        """How many of the unseen phrases are answered as expected, before and after."""
        style, w, content = self.style, self.wording, self.content
        left, top, width, pitch = self.plan.tally
        self.tallies: list[VGroup] = []
        if content.right_before is None or content.right_after is None:
            return
        column, count = Column(style, left, width), content.held_out
        names = (w("before"), w("after"))
        rights = (content.right_before, content.right_after)
        heads = [Label(name, style.type.small, style.palette.muted) for name in names]
        edge = max(head.width for head in heads) / style.px(1) + 24
        for short in (False, True):
            said = [
                self._count(right, count, bold, short)
                for right, bold in zip(rights, (False, True), strict=True)
            ]
            room = width - edge - max(words.width for words in said) / style.px(1) - 24
            if room >= _LEAST_TALLY:
                break
        for number, (head, right, words) in enumerate(zip(heads, rights, said, strict=True)):
            cells = Tally(right, count, style, width=room)
            column.set(cells, top + pitch * number).shift(style.px(edge) * RIGHT)
            column.set(head, 0).level_with(cells)
            words.next_to(cells, RIGHT, buff=style.px(24)).level_with(cells)
            self.tallies.append(VGroup(head, cells, words))

    def _count(self, right: TracedValue, count: TracedValue, bold: bool, short: bool) -> Label:
        """How many are right, in words, fewer of them if ``short``."""
        style, w = self.style, self.wording
        numbers = {"right": w.integer(right), "count": w.integer(count)}
        text = w("{right} of {count}", **numbers) if short else w("{right} of {count} right", **numbers)
        size = style.type.small if style.frame.is_tall else style.type.heading
        return Label(text, size, style.palette.text, weight="SEMIBOLD" if bold else "NORMAL")

    def _probe(self) -> None:
        """The phrase that is asked, the answer after the fine-tuning, what it was before, what is right."""
        style, palette, w = self.style, self.style.palette, self.wording
        left, top, width = self.plan.probe
        column = Column(style, left, width)
        asked, before, after, expected = self._answers()
        room = (width - 100) / 2
        chip = self._chip(asked, room)
        column.set(chip, top)
        gap = style.px(style.arrow_gap_small)
        start = chip.get_right() + gap * RIGHT
        way = arrow.straight(start, start + style.px(60) * RIGHT, style)
        self.asked = VGroup(chip, way)
        self.first, self.answer = (VGroup(self._chip(piece, room)) for piece in (before, after))
        for answer in (self.first, self.answer):
            answer.next_to(way, RIGHT, buff=gap)
            answer.set_y(chip.get_y())
        said = w("before: {answer}", answer=self._quoted(before))
        if after.text != expected.text:
            said = joined(said, " · ", w("correct: {answer}", answer=self._quoted(expected)))
        lines = 2 if style.frame.is_tall else 1  # below it stands the credit
        self.was = Paragraph(
            said, style, size=style.type.small, color=palette.muted, width=width, lines=lines
        )
        self.was.next_to(chip, DOWN, buff=style.px(16))
        self.was.align_to(self.answer if self._fits_below(width) else chip, LEFT)

    def _fits_below(self, width: float) -> bool:
        """Whether what the answer was has room under the answer."""
        right = self.style.at(self.plan.probe[0] + width, 0)[0]
        return bool(self.answer.get_left()[0] + self.was.width <= right)

    def _answers(self) -> tuple[DisplayToken, DisplayToken, DisplayToken, DisplayToken]:
        content = self.content
        return content.word, content.answer_before, content.answer_after, content.expected

    def _quoted(self, piece: DisplayToken) -> str:
        """The phrase in one line."""
        return Printed.of(" ".join(piece.text.split()) or self.wording("(nothing)"), piece.shown)

    def _chip(self, piece: DisplayToken, width: float) -> VMobject:
        """The phrase on its chip, cut to the room there is."""
        style = self.style
        if not piece.text:
            return show(Label(self.wording("(nothing)"), style.type.small, style.palette.muted), piece.shown)
        for longest in range(28, 2, -1):
            chip = TokenChip(piece, style, longest=longest)
            if chip.width <= style.px(width):
                break
        return chip

    def _set(self, mobject: VGroup, left: float, top: float) -> None:
        Column(self.style, left, 0).set(mobject, top)

    def _across(self, start: Mobject, end: Mobject) -> Mobject:
        """From one to the next at the height of the model's name."""
        gap = self.style.px(10)

        def at(mobject: Mobject, side: Point) -> Point:
            edge: Point = mobject.get_edge_center(side)
            edge[1] = self.trained.get_y()
            return edge

        return arrow.straight(at(start, RIGHT) + gap * RIGHT, at(end, LEFT) + gap * LEFT, self.style)

    def _feeding(self) -> tuple[Point, Point]:
        """From the pairs to the model."""
        gap, chips = self.style.px(14), self.pairs[0]
        height = sum(chip.get_y() for chip in chips) / len(chips)
        start = max((chip.get_right() for chip in chips), key=lambda edge: float(edge[0])) + gap * RIGHT
        end = self.tuned[0].get_left() + gap * LEFT
        start[1] = end[1] = height
        return start, end


def _labels(name: VMobject) -> list[VMobject]:
    return [name] if isinstance(name, Label) else list(name)

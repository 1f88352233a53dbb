"""Draws loop 10: fine-tuning changes the weights to do one task better."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from manim import DOWN, LEFT, RIGHT, UP, Animation, Group, Mobject, VGroup, VMobject

from scenes.display_token import DisplayToken
from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.chamber import Chamber
from scenes.parts.colour_scale import ColourScale
from scenes.parts.column import Column
from scenes.parts.credit import credit
from scenes.parts.flight import Flight, behind
from scenes.parts.gear import Gear
from scenes.parts.label import Label
from scenes.parts.line_chart import LineChart
from scenes.parts.matrix import Matrix
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.parameter_panel import ParameterPanel
from scenes.parts.scaled_matrix import ScaledMatrix
from scenes.parts.tally import Tally
from scenes.parts.token import TokenChip
from scenes.s10_fine_tuning.content import Content
from scenes.style import Point

_MOVES, _SECONDS = 8, 2.6  # in which the error's line is drawn, and how long they take
_LEAST = 36  # pixels: the height of a line in the model's name
_LEAST_TALLY = 100  # pixels: the cells' width, before words give way
_GAP = 12  # pixels between a caption and what it names


@dataclass(frozen=True)
class _Plan:
    """Sizes and places in pixels of the frame.

    Attributes:
        box: The model's width and height.
        cell: Side of a cell of its weights.
        before: The chamber of pre-training: left, top, width, height.
        chamber: That of fine-tuning, the same.
        outline: Where the trained model stands first.
        pile: Where the examples stand, and how wide they may be.
        inside: Where the model stands in the chamber.
        change: Where the change of its weights stands, and its side.
        smaller: How wide what is said of its size may be, and how far below it stands.
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
    change: tuple[float, float, float]
    smaller: tuple[float, float]
    chart: tuple[float, float, float, float]
    tally: tuple[float, float, float, float]
    probe: tuple[float, float, float]


_WIDE = _Plan(
    box=(320, 550),
    cell=24,
    before=(90, 128, 120, 570),
    chamber=(690, 128, 1140, 840),
    outline=(284, 156),
    pile=(90, 752, 560),
    inside=(726, 156),
    change=(1092, 156, 208),
    smaller=(280, 8),
    chart=(1400, 156, 400, 280),
    tally=(1092, 616, 708, 62),
    probe=(726, 786, 1074),
)
_TALL = _Plan(
    box=(290, 410),
    cell=16,
    before=(60, 112, 110, 410),
    chamber=(60, 636, 960, 586),
    outline=(230, 112),
    pile=(560, 200, 460),
    inside=(84, 654),
    change=(394, 654, 140),
    smaller=(590, 40),
    chart=(690, 654, 310, 130),
    tally=(394, 994, 606, 48),
    probe=(84, 1086, 912),
)


class FineTuning(LoopScene):
    """The trained model goes on into a chamber where it learns one task from a few examples."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w = self.style, self.style.palette, self.wording
        content = self.content
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        pieces = (*self._answers(), *(each for pair in content.pairs for each in (pair.english, pair.french)))
        corner = credit(content.model, None, style, w, spaced=any(" " in piece.text for piece in pieces))
        before = self._chamber(w("Pre-training"), plan.before, "pre-training")
        self.chamber = self._chamber(w("Fine-tuning: English to French"), plan.chamber, "fine-tuning")
        self.trained, self.tuned = self._model(""), self._model(w("Translation"))
        self._set(self.trained, *plan.outline)
        self._set(self.tuned, *plan.inside)
        self.left = self.trained[0][0].copy()
        self.left.set_fill(opacity=0).set_stroke(palette.special_edge, width=style.stroke(style.hairline))
        gear = Gear(84, palette.training_text, style).move_to(before.room)
        ways = [self._across(before.room, self.trained)]
        if not style.frame.is_tall:
            ways.append(self._across(self.trained, self.chamber.room))
        self._pile()
        self._change()
        self._chart()
        self._tally()
        self._probe()
        self.fixed = [before, gear, *ways, self.chamber, *self.pile, self.titles[0], self.chart.axes, corner]
        return Group(
            *self.fixed, self.left, self.tuned, *self.chart.submobjects[1:], self.change, *self.tallies,
            self.asked, self.answer, self.was,
        )  # fmt: skip

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        told = [VGroup(*self.chart.submobjects[1:]), self.change, *self.tallies, self.asked, self.was]
        return [unwind(self.left, FadeOut(self.tuned), *told, self.answer), FadeIn(self.trained)]

    def story(self) -> None:
        pace, style = self.style.pace, self.style
        place = self.trained.get_center()
        with self.beat("into the chamber"):
            self.add(self.left, self.trained)
            there = self.tuned.get_center()
            self.move(Flight(self.trained, [there], style), seconds=pace.slow)
        with self.beat("before"):
            self._ask(self.first)
            shown = FadeIn(self.chart.start(), *self.tallies[:1])
            self.move(shown, seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("fine-tuning"):
            self._tune()
        with self.beat("better values"):
            self._come_out()
            self.rest(pace.rest)
        with self.beat("after"):
            self.move(FadeOut(self.first), seconds=pace.quick)
            self._ask(self.answer)
            self.move(FadeIn(self.was, *self.tallies[1:]), seconds=pace.quick)
        self.trained.move_to(place)

    def _tune(self) -> None:
        """Pairs go into the model while the gear turns and the error takes its course."""
        steps = len(self.chart.lines)
        moves = min(steps, _MOVES)
        shown = list(self.pile[1:])
        for move in range(moves):
            pair = self.pairs[move % len(self.pairs)]
            self.remove(*shown)
            # the next pair lies under the one that goes
            self.add(*self.pairs[(move + 1) % len(self.pairs)])
            going = [chip.copy() for chip in pair]
            self.add(*going, self.trained)
            side = UP if self.style.frame.is_tall else LEFT
            flights = [self._enter(chip, self.trained[0], side) for chip in going]
            first, last = (round(steps * part / moves) for part in (move, move + 1))
            turn = self.chamber.gear.turn(2)
            self.move(turn, *flights, self.chart.draw(first, last), seconds=_SECONDS / moves)
            self.add(*self.chart.dots[first + 1 : last + 1])
            shown = list(self.pairs[(move + 1) % len(self.pairs)])
        self.remove(*shown)
        self.add(*self.pile, self.chart.last)

    def _enter(self, chip: VMobject, box: VMobject, side: Point) -> Flight:
        """The chip goes into the model, smaller where it is wider than that."""
        size = self._narrower(chip, box)
        into = behind(chip.copy().scale(size), box, side, self.style)
        return Flight(chip, [into], self.style, size=size, remover=True)

    def _narrower(self, chip: VMobject, box: VMobject) -> float:
        return float(min(1, 0.9 * box.width / chip.width))

    def _come_out(self) -> None:
        """The model gets its task's name; the change of its weights comes out of it."""
        self.remove(self.trained)
        self.add(self.tuned)
        place = self.change.get_center()
        self.change.move_to(behind(self.change, self.tuned[0], RIGHT, self.style))
        self.add(self.change, self.tuned)
        self.move(Flight(self.change, [place], self.style), seconds=self.style.pace.slow)

    def _ask(self, answer: VGroup) -> None:
        """The probe goes into the model, the answer comes out of it."""
        style, pace = self.style, self.style.pace
        box = self.trained if self.trained in self.mobjects else self.tuned
        if self.asked not in self.mobjects:
            self.move(FadeIn(self.asked), seconds=pace.quick)
        going = self.asked[0].copy()
        self.add(going, box)
        self.move(self._enter(going, box[0], DOWN), seconds=pace.move)
        place, size = answer.get_center(), self._narrower(answer, box[0])
        answer.scale(size)
        answer.move_to(behind(answer, box[0], DOWN, style))
        self.add(answer, box)
        self.move(Flight(answer, [place], style, size=1 / size), seconds=pace.move)

    def _chamber(self, heading: str, place: tuple[float, float, float, float], training: str) -> Chamber:
        left, top, width, height = place
        tuning = training == "fine-tuning"
        chamber = Chamber(
            heading,
            self.style,
            width=width,
            height=height,
            training="fine-tuning" if tuning else "pre-training",
            gear=tuning,
            centred=False,
            heading_width=None if tuning else 440,
        )
        return chamber.shift(self.style.at(left, top) - chamber.room.get_corner(UP + LEFT))

    def _model(self, above: str) -> VGroup:
        """The model with a block of its weights."""
        style, w, block = self.style, self.wording, self.content.before
        width, height = self.plan.box
        most = block.largest.number
        cells = Matrix(block.values.numbers, block.columns, style, cell=self.plan.cell, gap=4, largest=most)
        scale = ColourScale(w("±{value}", value=w.significant(most)), style, style.palette.panel_text)
        panel = ParameterPanel((), cells, scale, style, width=width - 40)
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

    def _change(self) -> None:
        """What the fine-tuning changed of the weights, on a scale of its own."""
        style, w, change = self.style, self.wording, self.content.change
        left, top, side = self.plan.change
        column = Column(style, left, self.plan.chart[0] - left - 20)
        caption = column.text(w("their change"))
        matrix = ScaledMatrix(
            change.values.numbers, change.columns, change.largest.number, style, w, side=side
        )
        text = w("{factor} times smaller", factor=w.significant(self.content.smaller.number))
        smaller = Paragraph(
            text,
            style,
            size=style.type.small,
            color=style.palette.muted,
            width=self.plan.smaller[0],
            lines=2,
        )
        column.stack([caption, matrix, smaller], (_GAP, self.plan.smaller[1]), top)
        self.change = VGroup(caption, matrix, smaller)

    def _chart(self) -> None:
        style, w, content = self.style, self.wording, self.content
        left, top, width, height = self.plan.chart
        column = Column(style, left, width)
        title = column.text(w("error on unseen phrases"))
        self.chart = LineChart(
            content.errors.numbers,
            (w.decimal(content.first_error.number), w.decimal(content.last_error.number)),
            w.integer(0),
            w.plural("{count} step", "{count} steps", round(content.steps.number)),
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
        column, count = Column(style, left, width), round(content.held_out.number)
        names = (w("before"), w("after"))
        rights = [round(each.number) for each in (content.right_before, content.right_after)]
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

    def _count(self, right: int, count: int, bold: bool, short: bool) -> Label:
        """How many are right, in words, fewer of them if ``short``."""
        style, w = self.style, self.wording
        numbers = {"right": w.integer(right), "count": w.integer(count)}
        text = w("{right} of {count}", **numbers) if short else w("{right} of {count} right", **numbers)
        return Label(text, style.type.small, style.palette.text, weight="SEMIBOLD" if bold else "NORMAL")

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
        said = w("before: {answer}", answer=_quoted(before.text) or w("(nothing)"))
        if after.text != expected.text:
            said = f"{said} · {w('correct: {answer}', answer=_quoted(expected.text))}"
        self.was = Paragraph(said, style, size=style.type.small, color=palette.muted, width=width, lines=2)
        self.was.next_to(chip, DOWN, buff=style.px(16))
        self.was.align_to(self.answer if self._fits_below(width) else chip, LEFT)

    def _fits_below(self, width: float) -> bool:
        """Whether what the answer was has room under the answer."""
        right = self.style.at(self.plan.probe[0] + width, 0)[0]
        return bool(self.answer.get_left()[0] + self.was.width <= right)

    def _answers(self) -> tuple[DisplayToken, DisplayToken, DisplayToken, DisplayToken]:
        content = self.content
        return content.word, content.answer_before, content.answer_after, content.expected

    def _chip(self, piece: DisplayToken, width: float) -> VMobject:
        """The phrase on its chip, cut to the room there is."""
        style = self.style
        if not piece.text:
            return Label(self.wording("(nothing)"), style.type.small, style.palette.muted)
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


def _labels(name: VMobject) -> list[VMobject]:
    return [name] if isinstance(name, Label) else list(name)


def _quoted(text: str) -> str:
    """The text in one line."""
    return " ".join(text.split())

"""Draws loop 10: fine-tuning changes the weights to do one task better."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from manim import DOWN, LEFT, RIGHT, UP, Group, Mobject, VGroup, VMobject, smooth, squish_rate_func

from scenes.blocks import Block
from scenes.display_token import DisplayToken
from scenes.fade import FadeIn
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.chamber import Chamber
from scenes.parts.colour_scale import ColourScale
from scenes.parts.credit import credit
from scenes.parts.gear import Gear
from scenes.parts.label import Label
from scenes.parts.line_chart import LineChart
from scenes.parts.matrix import Matrix
from scenes.parts.model_box import ModelBox
from scenes.parts.parameter_panel import ParameterPanel
from scenes.parts.token import TokenChip
from scenes.parts.token_lines import travel
from scenes.s10_fine_tuning.content import Content
from scenes.style import Point

_BOX, _PANEL = 380, 340  # pixels: how wide a model is, and the window to its parameters
_HEIGHT, _WINDOW = 702, 514
_SIDE = 530  # what stands beside the model in the chamber
_MOVES = 8  # in which the error's line is drawn


class FineTuning(LoopScene):
    """From left to right: pre-training, the trained model, and the chamber where it learns one task."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, px, w = self.style, self.style.palette, self.style.px, self.wording
        content = self.content
        before = Chamber(
            w("Pre-training"),
            style,
            width=140,
            height=835,
            training="pre-training",
            gear=False,
            centred=False,
            heading_width=650,
        )
        before.shift(style.at(style.margin, 150) - before.room.get_corner(UP + LEFT))
        self.chamber = Chamber(
            w("Fine-tuning: English to French"),
            style,
            width=1050,
            height=835,
            training="fine-tuning",
            centred=False,
        )
        self.chamber.shift(style.at(style.right, 150) - self.chamber.room.get_corner(UP + RIGHT))
        values = (w.count(content.parameters.number), w("parameters"))
        self.trained = self._model(values, content.before)
        self.inside = self._model(values, content.before)
        self.tuned = self._model((w("their change"), w("own scale")), content.change, tuned=True)
        self.inside.align_to(self.chamber.room.get_left() + px(45) * RIGHT, LEFT)
        self.inside.align_to(self.chamber.below_top(36, style) * UP, UP)
        self.tuned.move_to(self.inside)
        self.trained.set_x((before.room.get_right()[0] + self.chamber.room.get_left()[0]) / 2)
        self.trained.align_to(self.inside, UP)
        fell = content.last_error.number < content.first_error.number
        values_now = w("better values for translation") if fell else w("other values for translation")
        self.better = Label(values_now, style.type.body, palette.tuning_text)
        self.better.next_to(self.inside, DOWN, buff=px(22)).align_to(self.inside, LEFT)
        self.leaves = self._arrow(before.room, self.trained)
        gear = Gear(92, palette.training_text, style).move_to(before.room).set_y(self.leaves.get_y())
        self.enters = self._arrow(self.trained, self.chamber.room)
        left = self.inside.get_right() + px(50) * RIGHT
        title = Label(w("error on unseen words"), style.type.body, palette.muted)
        title.align_to(left, LEFT).align_to(self.inside, UP)
        self.chart = LineChart(
            content.errors.numbers,
            (w.decimal(content.first_error.number), w.decimal(content.last_error.number)),
            w.integer(0),
            w.plural("{count} step", "{count} steps", round(content.steps.number)),
            style,
            width=_SIDE - 40,
            height=236,
            color=palette.error,
        )
        self.chart.next_to(title, DOWN, buff=px(30)).align_to(left, LEFT)
        self.rows = self._rows()
        self.rows.align_to(left, LEFT).align_to(self.inside, DOWN)
        corner = credit(
            content.model, None, style, w, spaced=any(" " in piece.text for piece in self._pieces())
        )
        self.fixed = [before, gear, self.leaves, self.trained, self.chamber, title, self.chart.axes, corner]
        return Group(
            *self.fixed, self.enters, self.tuned, self.better,
            *self.chart.submobjects[1:], *self.rows,
        )  # fmt: skip

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("into the chamber"):
            place = self.inside.get_center()
            self.inside.move_to(self.trained)
            # the arrow comes when the box has passed
            way = FadeIn(self.enters, rate_func=squish_rate_func(smooth, 0.7, 1))
            self.move(way, travel(self.inside, place), seconds=pace.move)
            self.rest(pace.rest)
        with self.beat("before"):
            self.move(FadeIn(self.chart.start(), *self.rows[:2]), seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("fine-tuning"):
            self._tune()
            self.rest(pace.rest)
        with self.beat("better values"):
            self._change()
            self.rest(pace.rest)
        with self.beat("after"):
            self.move(FadeIn(*self.rows[2:]), seconds=pace.quick)
            self.rest(pace.rest)

    def _tune(self) -> None:
        """The gear turns while the error takes its course, some steps a move."""
        steps = len(self.chart.lines)
        moves = min(steps, _MOVES)
        for move in range(moves):
            first, last = (round(steps * part / moves) for part in (move, move + 1))
            turn = self.chamber.gear.turn(1)
            self.move(turn, self.chart.draw(first, last), seconds=1.6 / moves)
            self.add(*self.chart.dots[first + 1 : last + 1])
        self.add(self.chart.last)

    def _change(self) -> None:
        """The change takes the place of the weights, which are gone at once: no cell is ever between both."""
        self.remove(*self.inside.get_family())
        box, panel = self.tuned
        self.add(box[0], panel[0])
        self.move(FadeIn(*box[1:], panel[1], self.better), seconds=self.style.pace.quick)

    def _model(self, lines: Sequence[str], shown: Block, *, tuned: bool = False) -> VGroup:
        """A trained model with a block of its parameters."""
        style, palette, w = self.style, self.style.palette, self.wording
        name = w("Translation") if tuned else ""
        box = ModelBox(self.content.subject, style, _BOX, _HEIGHT, above=name, share=0.6, foot=_WINDOW + 20)
        most = shown.largest.number
        cells = Matrix(shown.values.numbers, shown.columns, style, cell=32, gap=5, largest=most)
        scale = ColourScale(w("±{value}", value=w.significant(most)), style, palette.panel_text)
        edge = palette.tuning_edge if tuned else palette.panel_edge
        panel = ParameterPanel(lines, cells, scale, style, width=_PANEL, height=_WINDOW, edge=edge)
        return VGroup(box, panel.sit_in(box, style))

    def _rows(self) -> VGroup:
        """The probe: the word, the answers before and after, and the right one."""
        style, w = self.style, self.wording
        names = (w("English"), w("before"), w("after"), w("correct"))
        heads = [Label(name, style.type.small, style.palette.muted) for name in names]
        left = max(head.width for head in heads) + style.px(26)
        room = style.px(_SIDE) - left
        rows = VGroup()
        for head, piece in zip(heads, self._pieces(), strict=True):
            chip = self._answer(piece, room)
            chip.align_to(head.get_left() + left * RIGHT, LEFT)
            rows.add(VGroup(head.level_with(chip), chip))
        pitch = style.px(style.chip_height + 12)
        for place, row in enumerate(rows):
            row.shift((rows[0][0].get_y() - row[0].get_y() - place * pitch) * UP)
        return rows

    def _pieces(self) -> tuple[DisplayToken, DisplayToken, DisplayToken, DisplayToken]:
        content = self.content
        return content.word, content.answer_before, content.answer_after, content.expected

    def _answer(self, piece: DisplayToken, room: float) -> VMobject:
        """The answer on its chip, cut to the room there is."""
        style = self.style
        if not piece.text:
            return Label(self.wording("(nothing)"), style.type.small, style.palette.muted)
        for longest in range(24, 2, -1):
            chip = TokenChip(piece, style, longest=longest)
            if chip.width <= room:
                break
        return chip

    def _arrow(self, start: Mobject, end: Mobject) -> Mobject:
        """From one to the next at the height of the model's name."""
        gap = self.style.px(10)

        def at(mobject: Mobject, side: Point) -> Point:
            edge: Point = mobject.get_edge_center(side)
            edge[1] = self.trained.get_y()
            return edge

        return arrow.straight(at(start, RIGHT) + gap * RIGHT, at(end, LEFT) + gap * LEFT, self.style)

"""Draws loop 02: training exposes an untrained model to a vast amount of text, once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from manim import DOWN, LEFT, RIGHT, UP, Group, Mobject, VGroup, VMobject

from scenes.display_token import spaced
from scenes.fade import FadeIn
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.chamber import Chamber
from scenes.parts.credit import credit
from scenes.parts.guesses import Guesses
from scenes.parts.label import Label
from scenes.parts.meter import Meter
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.token import TokenChip, asked_for
from scenes.parts.token_lines import travel
from scenes.s02_training_language_model.content import Content
from scenes.style import Point

_SIDE, _ROOM = 390, 830  # pixels: how wide the models at the sides are, and the chamber
_INSIDE = 750  # what stands in the chamber
_CEILING = 144  # of the chamber, below the frame's upper edge
_STEPS, _SECONDS = 8, 0.25  # in which the cost counts up, and how long each takes


class TrainingLanguageModel(LoopScene):
    """From left to right: untrained, in the chamber, trained; under the two, what they guess."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, px, w = self.style, self.style.px, self.wording
        content = self.content
        corner = credit(
            w("{model} and its untrained twin", model=w.model(content.model)),
            content.text_source,
            style,
            w,
            spaced=spaced(content),
        )
        floor = corner.get_top()[1] + px(20)  # clear of the credit, be it one line or two
        height = min(838, (style.at(0, _CEILING)[1] - floor) / px(1))
        heading = w("Unsupervised pre-training")
        self.chamber = Chamber(heading, style, width=_ROOM, height=height, training="pre-training")
        self.chamber.shift(style.at(960, _CEILING) - self.chamber.room.get_top())
        top = self.chamber.below_top(40, style)
        self.untrained, self.inside = (
            ModelBox(
                content.subject,
                style,
                _SIDE,
                style.box_height,
                trained=False,
                above=w("Untrained"),
                share=0.7,
            )
            for _ in range(2)
        )
        self.trained = ModelBox(content.subject, style, _SIDE, style.box_height, share=0.7)
        self.inside.set_x(0).align_to(top * UP, UP)
        self.untrained.align_to(self.inside, UP).align_to(style.at(style.margin, 0), LEFT)
        self.trained.align_to(self.inside, UP).align_to(style.at(style.right, 0), RIGHT)
        gap = px(10)
        self.enters = arrow.straight(
            self.untrained.get_right() + gap * RIGHT, self._wall(LEFT) + gap * LEFT, style
        )
        self.leaves = arrow.straight(
            self._wall(RIGHT) + gap * RIGHT, self.trained.get_left() + gap * LEFT, style
        )
        self.before, self.after = (
            Guesses(rows, style, w, width=_SIDE) for rows in (content.untrained, content.trained)
        )
        self.heads = [self._head() for _ in range(2)]
        for box, head, guesses in zip(
            (self.untrained, self.trained), self.heads, (self.before, self.after), strict=True
        ):
            head.next_to(box, DOWN, buff=px(44)).align_to(box, LEFT)
            guesses.next_to(head, DOWN, buff=px(30)).align_to(box, LEFT)
        rows = self._rows((self.inside.get_bottom()[1] - self.chamber.room.get_bottom()[1]) / px(1))
        rows.set_x(0).set_y((self.inside.get_bottom()[1] + self.chamber.room.get_bottom()[1]) / 2)
        self.place_of_cost = self.cost.get_left()
        stays = [part for part in rows.submobjects if part not in (self.meter, self.cost)] + [
            self.meter.trough
        ]
        self.fixed = [self.chamber, self.untrained, *stays, corner]
        return Group(
            *self.fixed, self.meter.filling, self.cost, self.enters, self.leaves, self.inside, self.trained,
            *self.heads, self.before, self.after,
        )  # fmt: skip

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("random guesses"):
            self.move(FadeIn(self.heads[0]), *self.before.growth(), seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("into the chamber"):
            place = self.inside.get_center()
            self.inside.move_to(self.untrained)
            self.move(FadeIn(self.enters), travel(self.inside, place), seconds=pace.move)
            self.rest(pace.rest)
        with self.beat("training"):
            self._train()
            self.rest(pace.rest)
        with self.beat("trained"):
            place = self.trained.get_center()
            self.trained.move_to(self.inside)
            self.move(FadeIn(self.trained), seconds=pace.quick)
            self.add(self.inside, self.trained)
            self.move(FadeIn(self.leaves), travel(self.trained, place), seconds=pace.move)
            self.rest(pace.rest)
        with self.beat("better guesses"):
            self.move(FadeIn(self.heads[1]), *self.after.growth(), seconds=pace.quick)
            self.rest(pace.rest)

    def _train(self) -> None:
        """The gear turns, the text is read, and the cost keeps step with it."""
        self.add(self.meter.filling)
        for step in range(_STEPS):
            count = self._cost((step + 1) / _STEPS).move_to(self.place_of_cost, LEFT)
            self.add(count)
            turn, fill = self.chamber.gear.turn(1), self.meter.fill(step / _STEPS, (step + 1) / _STEPS)
            self.move(turn, fill, seconds=_SECONDS)
            self.remove(count)
        self.add(self.cost)

    def _rows(self, height: float) -> VGroup:
        """What training is made of, in two columns: the names and, flush beside them, the values.

        They fill a room of ``height`` pixels, with air above and below. A traced model has neither dataset
        nor cost.
        """
        style, palette, px, w = self.style, self.style.palette, self.style.px, self.wording
        facts = self.content.pretraining
        names = {"objective": w("Objective"), "example": w("Example"), "seen": w("Text seen")}
        if facts:
            names = {"dataset": w("Dataset"), **names, "cost": w("Cost")}
        heads = {
            row: Label(name, style.type.body, palette.muted, weight="SEMIBOLD") for row, name in names.items()
        }
        left = max(head.width for head in heads.values()) + px(34)
        room = px(_INSIDE) - left
        self.meter = Meter(palette.training_edge, style, width=room / px(1), height=30)
        self.cost = self._cost(1)
        values: dict[str, VMobject] = {
            "objective": self._words(w("predict the next word"), room),
            "example": self._example(room),
            "seen": self.meter,
            "cost": self.cost,
        }
        if facts:
            tokens = w("{tokens} tokens of text", tokens=w.count(facts.tokens.number))
            values["dataset"] = self._words(tokens, room)
        column = VGroup(*(values[row] for row in heads))
        air = px(height) - sum(value.height for value in column)
        gap = min(px(38 if facts else 64), air / (len(column) + 1))
        column.arrange(DOWN, buff=gap, aligned_edge=LEFT)
        rows = VGroup()
        for row, head in heads.items():
            head.next_to(column, LEFT, buff=0).align_to(column.get_left() + left * LEFT, LEFT)
            # the name stands beside the value, and on the first line's baseline where that is text
            first = values[row] if row == "seen" else values[row][0]
            if isinstance(first, Label):
                head.align_to(first, DOWN)
            else:
                head.level_with(first)
            rows.add(head, values[row])
        return rows

    def _words(self, text: str, room: float) -> Paragraph:
        style = self.style
        size, color, width = style.type.body, style.palette.text, room / style.px(1)
        return Paragraph(text, style, size=size, color=color, width=width, lines=2)

    def _example(self, room: float) -> VGroup:
        """The features and, in place of the correct word, what is asked; in two lines if need be."""
        style = self.style
        gap = style.px(style.gap)
        for longest in range(24, 3, -1):
            lines: list[list[VGroup]] = [[]]
            pieces = self.content.example[:-1]
            for chip in (*(TokenChip(piece, style, longest=longest) for piece in pieces), asked_for(style)):
                if lines[-1] and sum(other.width + gap for other in lines[-1]) + chip.width > room:
                    lines.append([])
                lines[-1].append(chip)
            rows = VGroup(*(VGroup(*line).arrange(RIGHT, buff=gap) for line in lines))
            if len(lines) <= 2 and rows.width <= room:
                break
        return rows.arrange(DOWN, buff=gap, aligned_edge=LEFT)

    def _cost(self, share: float) -> VGroup:
        """So much of what the training took."""
        style, w, facts = self.style, self.wording, self.content.pretraining
        if not facts:
            return VGroup()
        lines = (
            w("{years} GPU-years", years=w.integer(facts.gpu_years.number * share)),
            w.dollars(facts.dollars.number * share),
        )
        rows = VGroup(*(Label(line, style.type.body, style.palette.text) for line in lines))
        return rows.arrange(DOWN, buff=style.px(14), aligned_edge=LEFT)

    def _head(self) -> VGroup:
        """Whose place the guesses are for: the example's question mark."""
        style = self.style
        sign = asked_for(style)
        size, width = style.type.body, _SIDE - sign.width / style.px(1) - 16
        text = self.wording("guesses for")
        words = Paragraph(text, style, size=size, color=style.palette.muted, width=width, lines=2)
        sign.next_to(words, RIGHT, buff=style.px(16))
        if len(words) == 1:
            words[0].level_with(sign)
        return VGroup(words, sign)

    def _wall(self, side: Point) -> Point:
        """Where the arrow meets the chamber, at the models' height."""
        wall: Point = self.chamber.room.get_edge_center(side)
        wall[1] = self.inside.get_y()
        return wall

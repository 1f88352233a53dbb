"""Draws loop 02: training exposes an untrained model to a vast amount of text, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
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
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    linear,
)

from scenes.fade import FadeIn
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.chamber import Chamber
from scenes.parts.flight import Flight, pale
from scenes.parts.guesses import Guesses
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.meter import Meter
from scenes.parts.model_box import ModelBox
from scenes.parts.reading import Reading
from scenes.parts.token import TokenChip, asked_for
from scenes.s02_training_language_model.content import Content

_SECONDS, _STEPS = 3.0, 5  # of the training, and in how many moves it is played
_COSTS = 3  # the step in which it is told what the training costs
_COLOURS = 6  # steps in which the box takes on the trained model's colours
_AIR = 28  # pixels between what stands in the chamber
_INDENT = 40  # pixels from its left wall to the model, where text stands beside that
_GEAR = 92  # pixels: how high its gear is
_APART = 84  # pixels from a model to its guesses


@dataclass(frozen=True)
class _Plan:
    """Sizes in pixels.

    Attributes:
        box: How wide and high a model is.
        guesses: How wide its guesses are.
        chamber: How wide the chamber is.
        beside: How wide a line of text is, and the chamber's name.
        lines: Lines of text that are seen.
    """

    box: tuple[float, float]
    guesses: float
    chamber: float
    beside: float
    lines: int


_WIDE = _Plan(box=(390, 196), guesses=390, chamber=830, beside=750, lines=2)
_TALL = _Plan(box=(340, 172), guesses=500, chamber=960, beside=500, lines=1)


class TrainingLanguageModel(LoopScene):
    """One model: first untrained, then in the chamber, then trained; and its two answers to one question."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, content, tall = self.style, self.wording, self.content, self.style.frame.is_tall
        self.plan = _TALL if tall else _WIDE
        corner = self.credit(content.text_source)
        self.sentences = self._sentences()
        self.heading = Heading([*self.sentences.values()], style)
        self.asked = self._question()
        self.grey, self.working, self.box = (
            ModelBox(content.subject, style, *self.plan.box, trained=trained, above=above, share=0.7)
            for trained, above in ((False, w("Untrained")), (False, w("In training")), (True, w("Trained")))
        )
        self.before, self.after = (
            Guesses(rows, content.vocabulary, style, w, width=self.plan.guesses)
            for rows in (content.untrained, content.trained)
        )
        self._fill_chamber()
        (self._set_below if tall else self._set_beside)(corner.get_top()[1])
        self.place = self.box.get_center()
        self.left, self.passed = self._outline(self.grey), self._outline(self.working)
        # where the trained model will stand
        self.awaited = self._outline(self.box)
        self.asks, ways = self._ways()
        self.fixed = [
            self.heading,
            self.chamber,
            *ways,
            *self.asks,
            self.reading,
            self.asked,
            self.meter.trough,
            self.amount,
            corner,
        ]
        return Group(
            *self.fixed, self.left, self.before, self.meter.filling, self.costs, self.passed, self.box,
            self.after,
        )  # fmt: skip

    def _sentences(self) -> dict[str, str]:
        """The story, in its order; of a traced model it is not known what its training took."""
        w, content, facts = self.wording, self.content, self.content.pretraining
        told = {"untrained": w("An untrained model guesses at random")}
        if (place := next(row for row in content.untrained if row.chosen).place) is not None:
            told["place"] = w(
                "The right word comes {place} of {count}",
                place=w.ordinal(place),
                count=w.integer(content.vocabulary),
            )
        told["reading"] = w("It reads text, line after line")
        if facts:
            told["reading"] = w("It reads {tokens} tokens of text", tokens=w.count(facts.tokens))
            told["costs"] = w("That costs about {dollars}", dollars=w.dollars(facts.dollars))
        return {**told, "trained": self._outcome()}

    def _says(self, name: str) -> Sequence[Animation]:
        """The sentence of this name, if there is one."""
        return self.heading.says(list(self.sentences).index(name)) if name in self.sentences else []

    def _outcome(self) -> str:
        """What the recorded guesses say of the training."""
        w = self.wording
        before, after = (
            next(row for row in rows if row.chosen) for rows in (self.content.untrained, self.content.trained)
        )
        if self.content.trained[0].chosen:
            return w("Now the right word comes first")
        if after.probability.number > before.probability.number:
            return w("The trained model guesses better")
        return w("The trained model guesses differently")

    def _question(self) -> VGroup:
        """What both are asked: the example, with a sign where its correct word would follow."""
        style, px = self.style, self.style.px
        words = Label(self.wording("next word?"), style.type.body, style.palette.text, weight="SEMIBOLD")
        room, gap = px(style.room - _AIR) - words.width, px(style.gap)
        pieces = self.content.example[:-1]
        for most, longest in product((1, 2), range(24, 3, -1)):
            lines: list[list[VGroup]] = [[]]
            for chip in (*(TokenChip(piece, style, longest=longest) for piece in pieces), asked_for(style)):
                if lines[-1] and sum(other.width + gap for other in lines[-1]) + chip.width > room:
                    lines.append([])
                lines[-1].append(chip)
            rows = VGroup(*(VGroup(*line).arrange(RIGHT, buff=gap) for line in lines))
            if len(lines) <= most and rows.width <= room:
                break
        rows.arrange(DOWN, buff=gap, aligned_edge=LEFT)
        words.next_to(rows, LEFT, buff=px(_AIR)).level_with(rows[0])
        return VGroup(words, rows)

    def _fill_chamber(self) -> None:
        """What stands in the chamber with the model: its name, the text, and what the training takes."""
        style, px, w, plan = self.style, self.style.px, self.wording, self.plan
        facts, size, color = self.content.pretraining, style.type.body, style.palette.text
        self.reading = Reading(self.content.reading, style, seen=plan.lines, pitch=50, width=plan.beside)
        self.meter = Meter(style.palette.training_edge, style, width=plan.chamber - 80, height=30)
        amount = w("{tokens} tokens of text", tokens=w.count(facts.tokens)) if facts else w("Text seen")
        self.amount, self.costs = Label(amount, size, color), VGroup()
        self.taken = VGroup(self.meter, self.amount).arrange(DOWN, buff=px(12), aligned_edge=LEFT)
        if facts:
            self._add_costs(
                w("{years} GPU-years", years=w.integer(facts.gpu_years)), w.dollars(facts.dollars)
            )
        high = plan.box[1] + 3 * _AIR + self.taken.height / px(1)
        if not style.frame.is_tall:
            high += 2 * _AIR + _GEAR + self.reading.height / px(1)
        self.chamber = Chamber(
            w("Pre-training"),
            style,
            width=plan.chamber,
            height=high,
            training="pre-training",
            heading_width=plan.beside,
        )
        self._set_chamber()

    def _add_costs(self, years: str, dollars: str) -> None:
        """What the training took, under the amount of text; in the narrow frame beside it."""
        style, px = self.style, self.style.px
        texts = [dollars] if style.frame.is_tall else [years, dollars]
        self.costs.add(*(Label(text, style.type.body, style.palette.text) for text in texts))
        self.costs.arrange(RIGHT, buff=px(60))
        room = self.meter.width
        if self.costs.width > room:
            self.costs.arrange(DOWN, buff=px(8), aligned_edge=LEFT)
        self.costs.next_to(self.amount, DOWN, buff=px(8), aligned_edge=LEFT)
        if style.frame.is_tall and self.amount.width + self.costs.width + px(_AIR) <= room:
            self.costs.align_to(self.amount, UP).align_to(self.meter, RIGHT)
        self.taken.add(self.costs)

    def _set_chamber(self) -> None:
        """Set all that stands in the chamber."""
        px, room, air = self.style.px, self.chamber.room, self.style.px(_AIR)
        self.taken.next_to(room.get_bottom(), UP, buff=air)
        self.working.next_to(room.get_top(), DOWN, buff=air)
        head, reading = self.chamber.head, self.reading
        if not self.style.frame.is_tall:
            reading.next_to(self.working, DOWN, buff=air)
            head.next_to(self.taken, UP, buff=px(16), aligned_edge=LEFT)
            return
        self.working.align_to(room.get_left() + px(_INDENT) * RIGHT, LEFT)
        beside = (self.working.get_right() + room.get_right()) / 2
        VGroup(head, reading).arrange(DOWN, buff=px(14)).move_to(beside).set_y(self.working.get_y())

    def _set_beside(self, floor: float) -> None:
        """From left to right: before, chamber, after; the question over all."""
        style, px = self.style, self.style.px
        room = self.chamber.room
        self.asked.set_x(0).align_to((self.heading.bottom - px(40)) * UP, UP)
        free = self.asked.get_bottom()[1] - floor - room.height
        top = self.asked.get_bottom()[1] - min(px(50), free / 2)
        self._inside().shift((top - room.get_top()[1]) * UP)
        for box, guesses, side in ((self.grey, self.before, LEFT), (self.box, self.after, RIGHT)):
            edge = style.at(style.margin if side is LEFT else style.right, 0)
            box.align_to(edge, side).align_to(self.working, UP)
            guesses.next_to(box, DOWN, buff=px(_APART)).align_to(box, LEFT)

    def _set_below(self, floor: float) -> None:
        """From top to bottom: the question, before, chamber, after."""
        style, px = self.style, self.style.px
        room = self.chamber.room
        corner = style.at(style.margin, 0)
        self.asked.align_to(corner, LEFT).align_to((self.heading.bottom - px(26)) * UP, UP)
        start = self.asked.get_bottom()[1]
        rows = (self.before, room, self.after)
        gap = (start - floor - sum(row.height for row in rows)) / 4
        inside = self._inside()
        for row in rows:
            (inside if row is room else row).shift((start - gap - row.get_top()[1]) * UP)
            start = row.get_bottom()[1]
        for box, guesses in ((self.grey, self.before), (self.box, self.after)):
            box.set_x(self.working.get_x()).set_y(guesses.get_y())
            guesses.next_to(box, RIGHT, buff=px(_APART))

    def _inside(self) -> VGroup:
        """The chamber and all that stands in it."""
        return VGroup(self.chamber, self.working, self.reading, self.taken)

    def _ways(self) -> tuple[list[VGroup], list[VMobject]]:
        """From the question to both models; through the chamber, and from both models to their guesses."""
        style, gap = self.style, self.style.px(self.style.arrow_gap_small)
        tall, room, asked = style.frame.is_tall, self.chamber.room, self.asked
        asks: list[VGroup] = []
        ways: list[VMobject] = []
        for box, guesses, side in ((self.grey, self.before, LEFT), (self.box, self.after, RIGHT)):
            on, out = (LEFT, RIGHT) if tall else (UP, DOWN)
            end = box.get_edge_center(on) + gap * on
            y = asked.get_y()
            if tall:  # along the frame's edge
                x = style.at(style.margin / 2, 0)[0]
                corners = [asked.get_left() + gap * LEFT, np.array([x, y, 0]), np.array([x, end[1], 0])]
            else:
                corners = [asked.get_edge_center(side) + 2 * gap * side, np.array([end[0], y, 0])]
            asks.append(arrow.bent([*corners, end], style, style.palette.arrow))
            start, end = box.get_edge_center(out) + gap * out, guesses.get_edge_center(-out) - gap * out
            end = np.array([end[0], start[1], 0]) if tall else np.array([start[0], end[1], 0])
            ways.append(arrow.straight(start, end, style))
        along = DOWN if tall else RIGHT
        axis = 0 if tall else 1
        for one, other in ((self.grey, room), (room, self.box)):
            start, end = one.get_edge_center(along) + gap * along, other.get_edge_center(-along) - gap * along
            # below each other, or at the models' height
            start[axis] = end[axis] = self.grey.get_center()[axis]
            ways.append(arrow.straight(start, end, style))
        return asks, ways

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        # the one box goes back to where it began
        self.bring_to_front(self.box)
        told = [self.before, self.meter.filling, self.costs, self.passed, self.after]
        back = Flight(self.box, [self.grey.get_center()], self.style, start=0.3)
        return [unwind(*told), back, self._colour(self.box, 1, 0), *self.heading.says(0)]

    def story(self) -> None:
        pace, style = self.style.pace, self.style
        self.remove(self.box, self.left)
        self.add(self.grey, self.awaited)
        with self.beat("random guesses"):
            self._ask(0, self.before, "place")
        with self.beat("into the chamber"):
            self.add(self.left)
            self.bring_to_front(self.grey)
            into = Flight(self.grey, [self.working.get_center()], style)
            self.move(into, *self._says("reading"), seconds=pace.slow)
            self.remove(self.grey)
            self.add(self.working)
        with self.beat("training"):
            self._train()
            self.rest(pace.rest)
        with self.beat("trained"):
            self.box.move_to(self.working)
            self.box.colour(1)
            self.remove(self.working)
            self.add(self.passed, self.box)
            self.move(Flight(self.box, [self.place], style), seconds=pace.slow)
            self.remove(self.awaited)
        with self.beat("better guesses"):
            self._ask(1, self.after, "trained")

    def _ask(self, place: int, guesses: Guesses, says: str) -> None:
        """The question goes to a model, which gives its guesses; what is said of them."""
        pace = self.style.pace
        line: VMobject = self.asks[place][0]
        self.move(arrow.pulse(line, self.style), seconds=pace.move)
        self.move(*guesses.growth(), *self._says(says), seconds=pace.move)
        self.rest(2 * pace.rest)

    def _train(self) -> None:
        """The gear turns, text streams into the model, which takes on colour, and the bar keeps step."""
        self.remove(self.reading)
        lines, into = self.reading.whole, self.working.get_center()
        # the model is drawn over the lines that go into it
        self.add(self.meter.filling, lines, self.working)
        for step in range(_STEPS):
            start, end = step / _STEPS, (step + 1) / _STEPS
            told = [FadeIn(self.costs), *self._says("costs")] if self.costs and step == _COSTS else []
            self.move(
                self.chamber.gear.turn(3),
                self.reading.stream(into, start, end),
                self._colour(self.working, start, end),
                self.meter.fill(start, end),
                *told,
                seconds=_SECONDS / _STEPS,
            )
        self.remove(*lines)
        self.add(self.reading, self.working)

    def _colour(self, box: ModelBox, start: float, end: float) -> Animation:
        """The box takes the colours of a trained model, or gives them back."""

        def colour(mobject: Mobject, alpha: float) -> None:
            # in steps: a gradient that changes in each frame costs a third of the video
            box.colour(round((start + (end - start) * alpha) * _COLOURS) / _COLOURS)

        return UpdateFromAlphaFunc(box, colour, rate_func=linear)

    def _outline(self, box: ModelBox) -> VGroup:
        """What the model leaves where it was."""
        left = pale(VGroup(*box), self.style)
        left[0].set_fill(opacity=0).set_stroke(
            self.style.palette.special_edge, width=self.style.stroke(self.style.hairline)
        )
        return left

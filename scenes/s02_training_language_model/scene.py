"""Draws loop 02: training exposes an untrained model to a vast amount of text, once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UL,
    UP,
    Animation,
    Group,
    Mobject,
    UpdateFromAlphaFunc,
    VGroup,
    linear,
)

from scenes.candidates import Candidate
from scenes.fade import FadeIn
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.chamber import Chamber
from scenes.parts.flight import Flight, pale
from scenes.parts.guesses import Guesses
from scenes.parts.label import Label
from scenes.parts.meter import Meter
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.reading import Reading
from scenes.parts.token import TokenChip, asked_for
from scenes.s02_training_language_model.content import Content
from scenes.stage import take_paths
from scenes.style import Point
from scenes.traced_value import TracedValue

_SECONDS, _STEPS = 3.0, 5  # of the training, and in how many moves it is played
_COUNTS = 20  # steps in which the cost runs up
_COLOURS = 12  # steps in which the box takes on the trained model's colours


@dataclass(frozen=True)
class _Plan:
    """Sizes and places in pixels of the frame.

    Attributes:
        side: How wide the models are and their guesses.
        box_height: How high the models are.
        top: Where the models at the sides begin.
        room: The chamber's width and height, if the credit leaves it.
        ceiling: Where the chamber begins.
        inside: How wide what stands in the chamber is.
        lines: Lines of text that are seen.
    """

    side: float
    box_height: float
    top: float
    room: tuple[float, float]
    ceiling: float
    inside: float
    lines: int


_WIDE = _Plan(390, 220, 184, (830, 838), 144, 750, 3)
_TALL = _Plan(420, 134, 40, (960, 530), 726, 860, 1)


class TrainingLanguageModel(LoopScene):
    """One model: on the left untrained, in the chamber, on the right trained; and what it guesses."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, px, w, tall = self.style, self.style.px, self.wording, self.style.frame.is_tall
        content = self.content
        name = w("{model} and its untrained twin", model=w.model(content.model))
        corner = self.credit(content.text_source, model=name)
        self.plan = _TALL if tall else _WIDE
        self.grey, self.working, self.box = (
            ModelBox(
                content.subject,
                style,
                self.plan.side,
                self.plan.box_height,
                trained=trained,
                above=above,
                share=0.7,
            )
            for trained, above in (
                (False, w("Untrained")),
                (False, w("In training")),
                (True, w("Trained")),
            )
        )
        self.before, self.after = (self._guesses(rows) for rows in (content.untrained, content.trained))
        self.heads = [self._head() for _ in range(2)]
        sides = zip((self.grey, self.box), self.heads, (self.before, self.after), (LEFT, RIGHT), strict=True)
        for box, head, guesses, side in sides:
            box.align_to(style.at(0, self.plan.top), UP)
            box.align_to(style.at(style.margin if side is LEFT else style.right, 0), side)
            head.next_to(box, DOWN, buff=px(24 if tall else 40)).align_to(box, LEFT)
            guesses.next_to(head, DOWN, buff=px(16 if tall else 26)).align_to(box, LEFT)
        floor = corner.get_top()[1] + px(20)  # clear of the credit, be it one line or two
        height = min(self.plan.room[1], (style.at(0, self.plan.ceiling)[1] - floor) / px(1))
        heading = w("Unsupervised pre-training")
        self.chamber = Chamber(
            heading, style, width=self.plan.room[0], height=height, training="pre-training"
        )
        self.chamber.shift(style.at(style.frame.width / 2, self.plan.ceiling) - self.chamber.room.get_top())
        self.working.set_x(self.chamber.room.get_x())
        self.working.align_to(self.chamber.below_top(20 if tall else 40, style) * UP, UP)
        self.place = self.box.get_center()
        self.left, self.passed = self._outline(self.grey), self._outline(self.working)
        self.passed.remove(*self.passed[1:])
        # where the trained model will stand
        self.awaited = self._outline(self.box)
        self._fill_chamber()
        self.enters, self.leaves = self._ways()
        self.fixed = [
            self.chamber,
            self.enters,
            self.leaves,
            self.reading,
            *self.task,
            self.meter.trough,
            corner,
        ]
        return Group(
            *self.fixed, self.left, self.heads[0], self.before, self.meter.filling, self.cost,
            self.passed, self.box, self.heads[1], self.after,
        )  # fmt: skip

    def _ways(self) -> tuple[Mobject, Mobject]:
        """The arrows into the chamber and out of it."""
        style, gap = self.style, self.style.px(10)
        if not self.style.frame.is_tall:
            return (
                arrow.straight(self.grey.get_right() + gap * RIGHT, self._wall(LEFT) + gap * LEFT, style),
                arrow.straight(self._wall(RIGHT) + gap * RIGHT, self.box.get_left() + gap * LEFT, style),
            )
        # in the gutter between both models, down and up
        ways = []
        for start, side in ((self.grey.get_right(), RIGHT), (self.box.get_left(), LEFT)):
            x = start[0] + side[0] * style.px(36)
            high, low = start[1], self.chamber.get_top()[1] + gap
            corners = [start + gap * side, np.array([x, high, 0]), np.array([x, low, 0])]
            ways.append(arrow.bent(corners if side is RIGHT else corners[::-1], style, style.palette.arrow))
        return ways[0], ways[1]

    def _guesses(self, rows: Sequence[Candidate]) -> Guesses:
        """As many of the likeliest tokens as there is room for, and the correct word."""
        spare = len(rows) - 1 - self.style.frame.runners_up
        others = [row for row in rows if not row.chosen]
        left_out = others[len(others) - spare :] if spare > 0 else []
        kept = [row for row in rows if row not in left_out]
        return Guesses(kept, self.content.vocabulary, self.style, self.wording, width=self.plan.side)

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        # the one box goes back to where it began
        self.bring_to_front(self.box)
        told = [self.heads[0], self.before, self.meter.filling, self.cost, self.passed]
        back = Flight(self.box, [self.grey.get_center()], self.style, start=0.3)
        return [unwind(*told, self.heads[1], self.after), back, self._colour(self.box, 1, 0)]

    def story(self) -> None:
        pace, style = self.style.pace, self.style
        self.remove(self.box, self.left)
        self.add(self.grey)
        with self.beat("random guesses"):
            self.move(FadeIn(self.heads[0], self.awaited), *self.before.growth(), seconds=pace.move)
            self.rest(pace.rest)
        with self.beat("into the chamber"):
            self.add(self.left)
            self.bring_to_front(self.grey)
            place = self.working.get_center()
            self.move(Flight(self.grey, [place], style), seconds=pace.slow)
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
            self.move(FadeIn(self.heads[1]), *self.after.growth(), seconds=pace.move)
            self.rest(pace.rest)

    def _train(self) -> None:
        """The gear turns, text streams into the model, which takes on colour, and the cost keeps step."""
        self.remove(self.reading)
        lines = self.reading.whole
        # the model is drawn over the lines that go into it
        self.add(self.meter.filling, self.cost, lines, self.working)
        for step in range(_STEPS):
            start, end = step / _STEPS, (step + 1) / _STEPS
            self.move(
                self.chamber.gear.turn(3),
                self.reading.stream(start, end),
                self._colour(self.working, start, end),
                self.meter.fill(start, end),
                self._counting(start, end),
                seconds=_SECONDS / _STEPS,
            )
        self.remove(*lines)
        self.add(self.reading, self.working)

    def _counting(self, start: float, end: float) -> Animation:
        """What the training took runs up to the published figures."""

        def count(mobject: Mobject, alpha: float) -> None:
            share = start + (end - start) * alpha
            took = self._took(round(share * _COUNTS) / _COUNTS)
            take_paths(mobject, took.move_to(self.place_of_cost, UL))

        return UpdateFromAlphaFunc(self.cost, count, rate_func=linear)

    def _colour(self, box: ModelBox, start: float, end: float) -> Animation:
        """The box takes the colours of a trained model, or gives them back."""

        def colour(mobject: Mobject, alpha: float) -> None:
            # in steps: a gradient that changes in each frame costs a third of the video
            box.colour(round((start + (end - start) * alpha) * _COLOURS) / _COLOURS)

        return UpdateFromAlphaFunc(box, colour, rate_func=linear)

    def _fill_chamber(self) -> None:
        """Under the model: the text, what is asked of it, and what the training takes."""
        style, px, w = self.style, self.style.px, self.wording
        self.reading = Reading(
            self.content.reading, style, seen=self.plan.lines, pitch=50, width=self.plan.inside
        )
        self.reading.next_to(self.working, DOWN, buff=px(26))
        ask = w("asked before and after: next word?")
        words = Paragraph(
            ask,
            style,
            size=style.type.body,
            color=style.palette.text,
            width=self.plan.inside,
            lines=1,
            weight="SEMIBOLD",
        )
        self.task = VGroup(words, self._example(px(self.plan.inside)))
        self.task.arrange(DOWN, buff=px(12), aligned_edge=LEFT)
        self.meter = Meter(style.palette.training_edge, style, width=self.plan.inside, height=30)
        self.cost = self._took(1)
        rows = VGroup(self.task, self.meter, self.cost)
        low, high = self.chamber.room.get_bottom()[1], self.reading.get_bottom()[1]
        air = high - low - sum(row.height for row in rows)
        rows.arrange(DOWN, buff=min(px(34), air / 4), aligned_edge=LEFT)
        self.cost.next_to(self.meter, DOWN, buff=min(px(14), air / 4)).align_to(self.meter, LEFT)
        rows.set_x(self.chamber.room.get_x()).set_y((low + high) / 2)
        self.place_of_cost = self.cost.get_corner(UL)

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

    def _took(self, share: float) -> VGroup:
        """So much of what the training takes; of a traced model that is not known."""
        style, w, facts = self.style, self.wording, self.content.pretraining
        if not facts:
            return VGroup(Label(w("Text seen"), style.type.body, style.palette.text))
        texts = (
            w("{tokens} tokens of text", tokens=w.count(_part(facts.tokens, share))),
            w("{years} GPU-years", years=w.integer(_part(facts.gpu_years, share))),
            w.dollars(_part(facts.dollars, share)),
        )
        tokens, years, dollars = (Label(text, style.type.body, style.palette.text) for text in texts)
        # beside each other if that fits when all is counted
        room = style.px(self.plan.inside - 60) - self._widest_cost
        rows = [tokens, VGroup(years, dollars)]
        rows[1].arrange(RIGHT if room > 0 else DOWN, buff=style.px(60 if room > 0 else 8), aligned_edge=DOWN)
        if room <= 0:
            dollars.align_to(years, LEFT)
        return VGroup(*rows).arrange(DOWN, buff=style.px(8), aligned_edge=LEFT)

    @cached_property
    def _widest_cost(self) -> float:
        """How wide both costs are together when all is counted."""
        w, facts = self.wording, self.content.pretraining
        assert facts is not None
        texts = (
            w("{years} GPU-years", years=w.integer(facts.gpu_years.number)),
            w.dollars(facts.dollars.number),
        )
        return sum(Label(text, self.style.type.body, self.style.palette.text).width for text in texts)

    def _outline(self, box: ModelBox) -> VGroup:
        """What the model leaves where it was."""
        left = pale(VGroup(*box), self.style)
        left[0].set_fill(opacity=0).set_stroke(
            self.style.palette.special_edge, width=self.style.stroke(self.style.hairline)
        )
        return left

    def _head(self) -> VGroup:
        """Whose place the guesses are for: the example's question mark."""
        style = self.style
        sign = asked_for(style)
        size, width = style.type.body, self.plan.side - sign.width / style.px(1) - 16
        text = self.wording("guesses for")
        words = Paragraph(text, style, size=size, color=style.palette.muted, width=width, lines=2)
        sign.next_to(words, RIGHT, buff=style.px(16))
        if len(words) == 1:
            words[0].level_with(sign)
        return VGroup(words, sign)

    def _wall(self, side: Point) -> Point:
        """Where the arrow meets the chamber, at the models' height."""
        wall: Point = self.chamber.room.get_edge_center(side)
        wall[1] = self.working.get_y()
        return wall


def _part(value: TracedValue, share: float) -> TracedValue | float:
    """So much of a value; the value itself where that is all of it."""
    return value if share == 1 else value.number * share

"""Draws loop 06: follow one track: word, vector, prediction, vector, word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Group,
    Line,
    Mobject,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene
from scenes.marks import decoration
from scenes.parts import arrow
from scenes.parts.flight import Flight, behind
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.logit_bars import LogitBars
from scenes.parts.model_box import ModelBox
from scenes.parts.token import TokenChip, chips_of
from scenes.parts.token_lines import TokenLines
from scenes.parts.vector import Vector
from scenes.s06_embedding.content import Content
from scenes.traced_value import TracedValue
from scenes.vectors import evenly

M = TypeVar("M", bound=VMobject)


@dataclass(frozen=True)
class _Plan:
    """Pixels: where the track begins; heights of what stands on it; cells of a vector, letters of a name."""

    track: float
    bars: float
    pitch: float
    result: float
    box: float
    tall: float
    entry: float
    prompt: float
    cells: int
    letters: int


_WIDE = _Plan(770, 204, 72, 446, 590, 156, 746, 896, 20, 16)
_TALL = _Plan(330, 236, 86, 540, 718, 200, 924, 1100, 12, 8)
_BUS, _LANE = 24, 60  # pixels from the earlier tokens up to the line that gathers them; where it goes up
_PALE = 0.4  # of an earlier token's filling
_DIM = 0.4  # of what a vector leaves behind when it has moved on


class Embedding(LoopScene):
    """The prompt at the foot; from its last token the track goes up, and what it leads to ends beside it."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        self.heading = self._heading()
        self.box = ModelBox(content.subject, style, style.room, plan.tall)
        self.box.move_to(style.at(style.margin + style.room / 2, plan.box))
        self.entry = self._stand(self._vector(content.embedding), plan.entry)
        self.entered = self._dim(self.entry)
        self.result = self._stand(self._vector(content.result), plan.result)
        self.answer = TokenChip(content.answer, style)
        self.prompt = self._prompt()
        *self.earlier, self.word = self.prompt.visible
        self.gathered = self._gathered()
        self._place_answer()
        self.bars = self._scores()
        self.ways = [
            self._way(below, above)
            for below, above in (
                (self.word, self.entry),
                (self.entry, self.box),
                (self.box, self.result),
            )
        ]
        self.size, self.named = self._size(), self._beside(self.result, w("the result"))
        corner = self.credit(content.text_source)
        self.fixed = [self.heading, self.box, self.prompt, corner]
        return Group(
            *self.fixed,
            VGroup(self.ways[0], self.size),
            self.entered,
            VGroup(self.ways[1], *self.gathered),
            VGroup(self.ways[2], self.named),
            self.result,
            self.bars,
            self.answer,
        )

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        return [*super().clearing(picture), *self.heading.says(0)]

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("embedding"):
            self._spell()
        with self.beat("compute the prediction"):
            self.add(self.entered)
            inside = behind(self.entry, self.box, DOWN, self.style)
            self._under(self.entry)
            self.move(
                Flight(self.entry, [inside], self.style, remover=True),
                FadeIn(self.ways[1], *self.gathered),
                *self.heading.says(1),
                seconds=pace.slow,
            )
            streams = [arrow.pulse(line, self.style) for line in self.streams]
            sweep = self.box.sweep(self.content.updates.numbers, direction=UP)
            self.move(sweep, *streams, seconds=pace.slow)
        with self.beat("result vector"):
            place = self.result.get_center()
            self.result.move_to(behind(self.result, self.box, UP, self.style))
            self._under(self.result)
            self.move(
                Flight(self.result, [place], self.style),
                FadeIn(self.ways[2], self.named, rate_func=squish_rate_func(smooth, 0.5, 1)),
                seconds=pace.slow,
            )
            self.rest(pace.rest)
        with self.beat("the word it points to"):
            row = self.bars.rows[[score.chosen for score in self.content.scores].index(True)]
            lit, palette = row[1].copy(), self.style.palette
            row[1].set_fill(palette.track_fill).set_stroke(palette.track_edge)
            self._compare()
            self.rest(pace.rest)
            place = self.answer.get_center()
            self.answer.move_to(row[0]).set_y(row[1].get_y())
            self.move(FadeIn(lit, self.answer), seconds=pace.quick)
            row[1].match_style(lit)
            self.move(Flight(self.answer, [place], self.style), *self.heading.says(3), seconds=pace.slow)

    def _compare(self) -> None:
        """The result goes over one token after the other, and a bar says how well it matches each."""
        style, pace, bars = self.style, self.style.pace, self.bars
        self.move(FadeIn(bars.names), *self.heading.says(2), seconds=pace.slow)
        copy = self.result.copy()
        grown: list[Animation] = []
        # from the row next to it up to the best
        for number in reversed(range(len(bars.rows))):
            place = np.array([copy.get_x(), bars.rows[number][1].get_y(), 0])
            self.move(Flight(copy, [place], style), *grown, seconds=pace.move)
            grown = bars.growth(number)
        self.move(FadeOut(copy), *grown, seconds=pace.move)

    def _spell(self) -> None:
        """Numbers come out of the word, the first ones printed, and become the cells of its vector."""
        style, pace = self.style, self.style.pace
        labels = [
            Label(self.wording.decimal(value), style.type.body, style.palette.text)
            for value in self.content.printed
        ]
        row = VGroup(*labels, Label("…", style.type.body, style.palette.text))
        row.arrange(RIGHT, buff=style.px(36)).move_to(self.entry.get_center()).align_to(self.entry, LEFT)
        places = [label.get_center() for label in row]
        for label in row:
            label.move_to(self.word)
        self._under(row, self.prompt)
        flights = [
            Flight(label, [place], style, start=0.1 * number, end=0.7 + 0.1 * number)
            for number, (label, place) in enumerate(zip(row, places, strict=True))
        ]
        self.move(*flights, FadeIn(self.ways[0], self.size), seconds=pace.slow)
        self.rest(pace.rest)
        mouth = self.entry[0].get_center()
        self.move(
            *(
                FadeOut(label, target_position=cell.get_center(), scale=0.3)
                for label, cell in zip(row, self.entry, strict=False)
            ),
            FadeIn(self.entry, target_position=mouth, scale=0.1),
            seconds=pace.move,
        )

    def _under(self, mobject: Mobject, cover: Mobject | None = None) -> None:
        """Put a mobject on the stage right below the box, or what else is to cover it."""
        cover = cover or self.box
        self.add(mobject)
        above = self.mobjects[self.mobjects.index(cover) : -1]
        self.remove(*above)
        self.add(*above)

    def _heading(self) -> Heading:
        """What happens to the token, step by step."""
        style, w, content = self.style, self.wording, self.content
        computes, last = w("The model works on these numbers"), w("The better the match, the likelier it is")
        if len(content.prompt) > 1:
            computes = w("The model mixes in the text before it")
        if content.first:
            last = w("The best match is the next token")
        sentences = [
            w("The last token becomes a list of numbers"),
            computes,
            w("Which of {count} tokens fits the result?", count=w.integer(content.vocabulary)),
            last,
        ]
        return Heading(sentences, style)

    def _stand(self, mobject: M, y: float) -> M:
        """Stand in the middle of the track, so many pixels from the top."""
        mobject.move_to(self.style.at((self.plan.track + self.style.right) / 2, y))
        return mobject

    @staticmethod
    def _dim(vector: Vector) -> Vector:
        """What is left of a vector when it has moved on."""
        left: Vector = vector.copy()
        return left.set_opacity(_DIM)

    def _prompt(self) -> TokenLines:
        """The prompt at the foot, its last token where the track begins or later, those before it pale."""
        style, plan, pieces = self.style, self.plan, self.content.prompt
        chips = chips_of(pieces, style, self.wording, followed=len(pieces) - 1)
        # the answer stands beside it; in a tall frame there is room below
        beside = 0 if style.frame.is_tall else self.answer.width + style.px(style.gap)
        width = style.room - beside / style.px(1)
        lines = TokenLines(chips, style, self.wording, width=width, lines=1)
        lines.align_to(style.at(style.margin, 0), LEFT).set_y(style.at(0, plan.prompt)[1])
        *earlier, word = lines.visible
        for chip in earlier:
            if isinstance(chip, TokenChip):
                chip.box.set_fill(opacity=_PALE)
        room = style.at(style.right, 0)[0] - beside - word.get_right()[0]
        return lines.shift(max(0, min(room, style.at(plan.track, 0)[0] - word.get_left()[0])) * RIGHT)

    def _gathered(self) -> VGroup:
        """A line over the earlier tokens, which leads into the box, and the ways from them up to it."""
        style, colour = self.style, self.style.palette.arrow
        self.streams: list[VMobject] = []
        if not self.earlier:
            return VGroup()
        y = self.word.get_top()[1] + style.px(_BUS)
        tops = [np.array([part.get_x(), y, 0]) for part in self.earlier]
        lane = min(float(tops[0][0]), float(style.at(style.margin + _LANE, 0)[0]))
        turn = np.array([lane, y, 0])
        end = np.array([lane, self.box.get_bottom()[1] - style.px(style.arrow_gap_small), 0])
        corners = [tops[-1], turn, end] if tops[-1][0] - lane > style.px(1) else [turn, end]
        self.streams = [arrow.route(corners, style, colour)]
        ways = VGroup()
        for part, top in zip(self.earlier, tops, strict=True):
            start = part.get_top() if isinstance(part, TokenChip) else top
            ways.add(decoration(Line(start, top, color=colour, stroke_width=style.stroke(style.line))))
        return VGroup(arrow.bent(corners, style, colour), ways)

    def _place_answer(self) -> None:
        """The token that follows stands right after the prompt, or begins another line."""
        style, gap = self.style, self.style.px(self.style.gap)
        self.answer.next_to(self.word, RIGHT, buff=gap)
        if self.answer.get_right()[0] > style.at(style.right, 0)[0]:
            self.answer.next_to(self.word, DOWN, buff=1.4 * gap)
            self.answer.align_to(style.at(style.margin, 0), LEFT)

    def _scores(self) -> LogitBars:
        """The logits of some words: their names before the track, their bars in it."""
        style, plan = self.style, self.plan
        scores = [(each.token, each.logit, each.chosen) for each in self.content.scores]
        width = style.right - plan.track
        bars = LogitBars(scores, style, self.wording, width=width, pitch=plan.pitch, longest=plan.letters)
        return bars.shift(style.at(plan.track, plan.bars))

    def _size(self) -> VGroup:
        """How many numbers there are in the vector."""
        w, content = self.wording, self.content
        if self.style.frame.is_tall:  # the earlier tokens' way takes the room
            return VGroup()
        lines = [w("{size} numbers", size=w.integer(content.width))]
        if not content.traced:
            width = w.integer(content.subject_width)
            lines.append(w("{name}: {number}", name=content.subject, number=width))
        return self._beside(self.entry, *lines)

    def _beside(self, vector: Vector, *lines: str) -> VGroup:
        """What a vector is, at its left, where there is room."""
        style, palette = self.style, self.style.palette
        colours = [palette.text, *[palette.muted] * len(lines)]
        size = style.type.small
        words = VGroup(*(Label(line, size, colour) for line, colour in zip(lines, colours, strict=False)))
        words.arrange(DOWN, buff=style.px(6), aligned_edge=RIGHT)
        words.next_to(vector, LEFT, buff=style.px(28))
        return words if words.get_left()[0] >= style.at(style.margin, 0)[0] else VGroup()

    def _vector(self, values: TracedValue) -> Vector:
        places = evenly(len(values.numbers), self.plan.cells)
        room = self.style.right - self.plan.track
        cell = min(room / len(places) - 8, 50)
        gap = (room - cell * len(places)) / max(1, len(places) - 1)
        return Vector(values, self.style, cell=cell, gap=gap, places=places)

    def _way(self, below: Mobject, above: Mobject) -> VMobject:
        """The arrow from one station up to the next, over the last token."""
        gap = self.style.px(8)
        x = self.word.get_x()
        start, end = below.get_top()[1] + gap, above.get_bottom()[1] - gap
        return arrow.straight(
            np.array([x, start, 0]), np.array([x, end, 0]), self.style, self.style.palette.track
        )

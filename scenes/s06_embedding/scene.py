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
    Transform,
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
from scenes.parts.token import OnDemand, TokenChip, chips_of
from scenes.parts.token_lines import TokenLines
from scenes.parts.vector import Vector
from scenes.s06_embedding.content import Content
from scenes.style import Point
from scenes.traced_value import TracedValue

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


_WIDE = _Plan(770, 222, 68, 446, 590, 156, 746, 896, 20, 16)
_TALL = _Plan(330, 262, 84, 540, 718, 200, 924, 1100, 12, 8)
_BUS, _LANE = 24, 60  # pixels from the earlier tokens up to the line that gathers them; where it goes up
_PALE = 0.4  # of an earlier token's filling
_COAT = 8  # pixels from a printed number to the edge of the colour that it gets
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
        self.header = Label(w("score"), style.type.small, style.palette.muted)
        self.header.next_to(self.bars.rows[0][1], UP, buff=style.px(10)).align_to(self.bars.names[0], LEFT)
        self.ways = [
            self._way(below, above)
            for below, above in (
                (self.word, self.entry),
                (self.entry, self.box),
                (self.box, self.result),
            )
        ]
        self.size, self.key = self._size(), self._key()
        self.named = self._beside(self.result, w("the result"))
        corner = self.credit(content.text_source)
        self.fixed = [self.heading, self.box, self.prompt, corner]
        return Group(
            *self.fixed,
            VGroup(self.ways[0], self.size, self.key),
            self.entered,
            VGroup(self.ways[1], *self.gathered),
            VGroup(self.ways[2], self.named),
            self.result,
            VGroup(self.header, self.bars),
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
            self._under(self.entry)
            self.move(
                Flight(self.entry, [self._inside(self.entry)], self.style, lift=1, remover=True),
                FadeIn(self.ways[1], *self.gathered),
                *self.heading.says(1),
                seconds=pace.slow,
            )
            streams = [arrow.pulse(line, self.style) for line in self.streams]
            sweep = self.box.sweep(self.content.updates.numbers, direction=UP)
            self.move(sweep, *streams, seconds=pace.slow)
        with self.beat("result vector"):
            place = self.result.get_center()
            self.result.move_to(self._inside(self.result))
            self._under(self.result)
            self.move(
                Flight(self.result, [place], self.style, lift=1),
                FadeIn(self.ways[2], self.named, rate_func=squish_rate_func(smooth, 0.5, 1)),
                seconds=pace.slow,
            )
            self.rest(pace.rest)
        with self.beat("the word it points to"):
            row = self.bars.rows[[score.chosen for score in self.content.scores].index(True)]
            lit, palette = row[1].copy(), self.style.palette
            row[1].set_fill(palette.track_fill).set_stroke(palette.track_edge)
            self._score()
            self.rest(pace.rest)
            place = self.answer.get_center()
            beside = self.answer.move_to(row[1], LEFT).get_center()  # from there it flies over no label
            self.answer.move_to(row[0]).set_y(row[1].get_y())
            self.move(FadeIn(lit, self.answer), seconds=pace.quick)
            row[1].match_style(lit)
            flight = Flight(self.answer, [beside, place], self.style)
            self.move(flight, *self.heading.says(3), seconds=pace.slow)

    def _score(self) -> None:
        """The result gives one token after the other, from the last to the best, its score."""
        pace, bars = self.style.pace, self.bars
        self.move(FadeIn(bars.names, self.header), *self.heading.says(2), seconds=pace.slow)
        zero, top = bars.names[0].get_x(), self.result.get_top()[1]
        for number in reversed(range(len(bars.rows))):
            up = [np.array([zero, top, 0]), np.array([zero, bars.rows[number][1].get_y(), 0])]
            pulse = arrow.pulse(arrow.route(up, self.style, self.style.palette.track), self.style)
            pulse.rate_func = squish_rate_func(smooth, 0, 0.6)
            bar, value = bars.growth(number)
            bar.rate_func = squish_rate_func(smooth, 0.4, 1)
            self.move(pulse, bar, value, seconds=pace.slow)

    def _spell(self) -> None:
        """Numbers come out of the word, the first ones printed; each turns into a cell of its vector."""
        style, pace = self.style, self.style.pace
        labels = [
            Label(self.wording.decimal(value), style.type.body, style.palette.text)
            for value in self.content.printed
        ]
        row = VGroup(*labels, Label("…", style.type.body, style.palette.text))
        row.arrange(RIGHT, buff=style.px(36)).move_to(self.entry.get_center()).align_to(self.entry, LEFT)
        row.shift(style.px(_COAT) * RIGHT)
        self.move(
            FadeIn(row, target_position=self.word.get_top(), scale=0.1),
            FadeIn(self.ways[0], self.size),
            seconds=pace.move,
        )
        self.rest(pace.rest)
        first = VGroup(*self.entry[: len(labels)])
        coats = first.copy()
        for coat, label in zip(coats, labels, strict=False):
            coat.stretch_to_fit_width(label.width + 2 * style.px(_COAT)).move_to(label)
        self._under(coats, row)
        self.move(FadeIn(coats), FadeIn(self.key), seconds=pace.quick)
        others = VGroup(*self.entry[len(labels) :])
        self.move(
            FadeOut(row, rate_func=squish_rate_func(smooth, 0, 0.4)),
            Transform(coats, first),
            *([FadeIn(others, target_position=row[-1].get_center(), scale=0.1)] if others else []),
            seconds=pace.move,
        )
        self.remove(coats, others)
        self.add(self.entry)

    def _inside(self, vector: Vector) -> Point:
        """The place behind the box where a vector is hidden."""
        place = behind(vector, self.box, UP, self.style)
        place[1] = self.box.get_y()
        return place

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
        computes, last = w("The model works on these numbers"), w("The higher the score, the likelier it is")
        if len(content.prompt) > 1:
            computes = w("The model mixes in the text before it")
        if content.first:
            last = w("The highest score is the next token")
        sentences = [
            w("The last token becomes a list of numbers"),
            computes,
            w("Each of {count} tokens gets a score", count=w.integer(content.vocabulary)),
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
        beside = self.answer.width + style.px(style.gap)  # where the answer will stand
        width = style.room - beside / style.px(1)
        lines = self._line(chips, width)
        lines.align_to(style.at(style.margin, 0), LEFT).set_y(style.at(0, plan.prompt)[1])
        *earlier, word = lines.visible
        for chip in earlier:
            if isinstance(chip, TokenChip):
                chip.box.set_fill(opacity=_PALE)
        room = style.at(style.right, 0)[0] - beside - word.get_right()[0]
        return lines.shift(max(0, min(room, style.at(plan.track, 0)[0] - word.get_left()[0])) * RIGHT)

    def _line(self, chips: OnDemand, width: float) -> TokenLines:
        """The chips in one line; in a tall frame only the last of them that find room, after an ellipsis."""
        style, w, count = self.style, self.wording, len(chips)
        lines = TokenLines(chips, style, w, width=width, lines=1)
        if not style.frame.is_tall or len(lines.visible) == count:
            return lines
        dots = Label("…", style.type.body, style.palette.muted)
        room, first = style.px(width - style.gap) - dots.width, count - 1
        room -= chips[first].width
        while first and chips[first - 1].width + style.px(style.gap) <= room:
            first -= 1
            room -= chips[first].width + style.px(style.gap)
        shown = [dots, *(chips[place] for place in range(first, count))]
        return TokenLines(shown, style, w, width=width, lines=1)

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
        size, cells = w.integer(content.width), len(self.entry)
        lines = [w("{size} numbers", size=size)]
        if cells < content.width.number:
            lines = [w("{cells} of {size} numbers", cells=w.integer(cells), size=size)]
        if not content.traced:
            width = w.integer(content.subject_width)
            lines.append(w("{name} has {number}", name=content.subject, number=width))
        return self._beside(self.entry, *lines)

    def _key(self) -> VGroup:
        """What the two colours of a vector's cells mean, below its right end, or else before the arrow."""
        style, w, px = self.style, self.wording, self.style.px
        if style.frame.is_tall:
            return VGroup()
        key = VGroup()
        for value, text in ((-1.0, w("negative")), (1.0, w("positive"))):
            cell = Vector([value], style, cell=28, gap=0, largest=1)
            key.add(cell, Label(text, style.type.small, style.palette.muted).level_with(cell))
        key.arrange(RIGHT, buff=px(14))
        key[2:].shift(px(24) * RIGHT)
        for square, label in (key[:2], key[2:]):
            label.level_with(square)
        key.next_to(self.entry, DOWN, buff=px(10)).align_to(self.entry, RIGHT)
        way = self.word.get_x()
        if key.get_left()[0] < way + px(24):
            key.align_to(np.array([way - px(24), 0, 0]), RIGHT)
        return key

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
        places = range(min(len(values.numbers), self.plan.cells))  # those printed are the first
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

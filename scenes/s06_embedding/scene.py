"""Draws loop 06: follow one token: word, vector, prediction, vector, word."""

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
    AnimationGroup,
    Group,
    Line,
    Mobject,
    Transform,
    VGroup,
    VMobject,
    linear,
    smooth,
    squish_rate_func,
)

from scenes.fade import FadeIn, FadeOut, at
from scenes.loop import LoopScene
from scenes.marks import decoration
from scenes.parts import arrow
from scenes.parts.flight import Flight, behind
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.logit_bars import LogitBars
from scenes.parts.model_box import ModelBox
from scenes.parts.token import OnDemand, TokenChip, chips_of, slot
from scenes.parts.token_lines import TokenLines
from scenes.parts.vector import Vector
from scenes.s06_embedding.content import Content
from scenes.style import Point
from scenes.traced_value import TracedValue

M = TypeVar("M", bound=VMobject)


@dataclass(frozen=True)
class _Plan:
    """Pixels: where vectors and rows begin; heights of what stands there; cells of a vector and their size,
    letters of a name."""

    left: float
    bars: float
    pitch: float
    result: float
    box: float
    tall: float
    entry: float
    prompt: float
    cells: int
    cell: float
    letters: int


_WIDE = _Plan(190, 200, 61, 462, 606, 132, 750, 896, 20, 68, 16)
_TALL = _Plan(165, 222, 75, 556, 730, 160, 904, 1095, 8, 92, 8)
_BUS, _LANE = 24, 60  # pixels from the earlier tokens up to the line that gathers them; where it goes up
_TRUNK = 45  # pixels from the margin to where the way to the scores goes up
_LOOK = 0.7  # seconds for the question, after the clearing
_PALE = 0.4  # of an earlier token's filling
# pixels: as wide as the streaks from the earlier tokens; when in the way of one the next one starts
_STREAM, _LAG = 22, 0.4
_COAT = 8  # pixels from a printed number to the edge of the colour that it gets


class Embedding(LoopScene):
    """The prompt at the foot; from its last token a way goes up to scores; one of them ends beside it."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, content = self.style, self.content
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        self.heading = self._heading()
        self.box = ModelBox(content.subject, style, style.room, plan.tall)
        self.box.move_to(style.at(style.margin + style.room / 2, plan.box))
        self.entry = self._stand(self._vector(content.embedding), plan.entry)
        self.result = self._stand(self._vector(content.result), plan.result)
        self.answer = TokenChip(content.answer, style)
        self.prompt = self._prompt()
        *self.earlier, self.word = self.prompt.visible
        self.gathered = self._gathered()
        self._place_answer()
        self.slot = slot(self.answer, style)
        self.bars = self._scores()
        self.leads = self._leads()
        self.ways = [
            self._way(below, above)
            for below, above in (
                (self.word, self.entry),
                (self.entry, self.box),
                (self.box, self.result),
            )
        ]
        self.size = self._size()
        self.key = self._key()
        corner = self.credit(content.text_source)
        self.fixed = [self.heading, self.box, self.prompt, corner]
        return Group(
            *self.fixed,
            VGroup(self.ways[0], self.size, self.key),
            self.entry,
            VGroup(self.ways[1], *self.gathered),
            self.ways[2],
            self.result,
            VGroup(*self.leads, self.bars.names, self.bars.axis),
            self.bars.bars,
            self.answer,
        )

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        return [
            *super().clearing(picture),
            FadeIn(self.slot, rate_func=at(0.7)),
            *self.heading.says(0),
        ]

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("question"):
            self.rest(_LOOK)
        with self.beat("embedding"):
            self._spell()
        with self.beat("compute the prediction"):
            entering = self.entry.copy()
            self._under(entering)
            self.move(
                Flight(entering, [self._inside(entering)], self.style, lift=1, remover=True),
                FadeIn(self.ways[1], *self.gathered),
                *self.heading.says(2),
                seconds=pace.slow,
            )
            streams = [arrow.pulse(line, self.style, _STREAM, rate_func=linear) for line in self.streams]
            if streams:
                self.move(AnimationGroup(*streams, lag_ratio=_LAG, rate_func=linear), seconds=pace.slow)
            self.move(self.box.sweep(self.content.updates.numbers, direction=UP), seconds=pace.slow)
        with self.beat("result vector"):
            place = self.result.get_center()
            self.result.move_to(self._inside(self.result))
            self._under(self.result)
            self.move(
                Flight(self.result, [place], self.style, lift=1),
                FadeIn(self.ways[2], rate_func=squish_rate_func(smooth, 0.5, 1)),
                *self.heading.says(3),
                seconds=pace.move,
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
            self.move(FadeIn(lit, self.answer), *self.heading.says(5), seconds=pace.quick)
            row[1].match_style(lit)
            self.move(
                Flight(self.answer, [beside, place], self.style),
                FadeOut(self.slot, rate_func=at(0.7)),
                seconds=pace.slow,
            )

    def _score(self) -> None:
        """The result gives all tokens their scores at the same time."""
        pace, bars = self.style.pace, self.bars
        self.move(FadeIn(*self.leads, bars.names, bars.axis), *self.heading.says(4), seconds=pace.move)
        pulses = [arrow.pulse(way[0], self.style) for way in self.leads]
        self.move(*pulses, seconds=pace.move)
        growths = [bars.growth(number) for number in range(len(bars.rows))]
        self.move(*(part for growth in growths for part in growth), seconds=pace.slow)

    def _spell(self) -> None:
        """Numbers come out of the word, the first ones printed; each turns into a cell of its vector."""
        style, pace = self.style, self.style.pace
        labels = [
            Label(self.wording.decimal(value), style.type.heading, style.palette.text)
            for value in self.content.printed
        ]
        row = VGroup(*labels, Label("…", style.type.heading, style.palette.text))
        row.arrange(RIGHT, buff=style.px(36)).move_to(self.entry.get_center()).align_to(self.entry, LEFT)
        row.shift(style.px(_COAT) * RIGHT)
        self.move(
            FadeIn(row, target_position=self.word.get_top(), scale=0.1),
            FadeIn(self.ways[0], self.size),
            *self.heading.says(1),
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
            w("Which token comes next?"),
            w("The last token turns into numbers"),
            computes,
            w("New numbers come out"),
            w("They give every token a score"),
            last,
        ]
        return Heading(sentences, style)

    def _stand(self, mobject: M, y: float) -> M:
        """Stand in the middle of the row, so many pixels from the top."""
        mobject.move_to(self.style.at((self.plan.left + self.style.right) / 2, y))
        return mobject

    def _prompt(self) -> TokenLines:
        """The prompt at the foot, its last token below its vector, those before it pale."""
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
        return lines.shift(max(0, min(room, style.at(plan.left, 0)[0] - word.get_left()[0])) * RIGHT)

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
        ways = VGroup()
        for part, top in zip(self.earlier, tops, strict=True):
            start = top
            if isinstance(part, TokenChip):
                start = part.get_top()
                way = [start, top, turn, end] if top[0] - lane > style.px(1) else [start, end]
                self.streams.append(arrow.route(way, style, str(part.box.stroke_color)))
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
        """The logits of some tokens, and how many others have one."""
        style, w, plan = self.style, self.wording, self.plan
        bars = LogitBars(
            [(each.token, each.logit, each.chosen) for each in self.content.scores],
            w("… {count} more", count=w.integer(self.content.others)),
            w("score"),
            style,
            w,
            width=style.right - plan.left,
            pitch=plan.pitch,
            longest=plan.letters,
        )
        return bars.shift(style.at(plan.left, plan.bars))

    def _leads(self) -> list[VGroup]:
        """The ways from the result to all scores."""
        style = self.style
        gap = style.px(style.arrow_gap_small) * LEFT
        start = self.result.get_left() + gap
        x = style.at(style.margin + _TRUNK, 0)[0]
        ways = []
        for row in self.bars.starts:
            corners = [start, np.array([x, start[1], 0]), np.array([x, row[1], 0]), row + gap]
            ways.append(arrow.bent(corners, style, style.palette.track))
        return ways

    def _size(self) -> Label:
        """How many numbers there are in the vector, below its left end, or else after the arrow."""
        w, content = self.wording, self.content
        size, cells = w.integer(content.width), w.integer(len(self.entry))
        whole = len(self.entry) == content.width.number
        short = (
            w("{size} numbers", size=size)
            if whole
            else w("{cells} of {size} numbers", cells=cells, size=size)
        )
        width = w.integer(content.subject_width)
        long = w("{numbers} ({name}: {width})", numbers=short, name=content.subject, width=width)
        labels = [
            Label(text, self.style.type.small, self.style.palette.muted)
            for text in ([short] if content.traced else [long, short])
        ]
        return next((label for label in labels if self._below(label, LEFT)), labels[-1])

    def _below(self, mobject: VMobject, side: Point) -> bool:
        """Set below the vector's end at this side, or beside the arrow there; return whether it has room."""
        gap = self.style.px(24)
        way, left, right = self.word.get_x(), self.entry.get_left()[0], self.entry.get_right()[0]
        mobject.next_to(self.entry, DOWN, buff=self.style.px(12)).align_to(self.entry, side)
        if mobject.get_left()[0] < way + gap and mobject.get_right()[0] > way - gap:
            at = (way + gap) if side[0] < 0 else (way - gap)
            mobject.align_to(at * RIGHT, side)
        return bool(left <= mobject.get_left()[0] + 1e-6 and mobject.get_right()[0] <= right + 1e-6)

    def _key(self) -> VGroup:
        """What the two colours of a vector's cells mean, below its right end, if there is room."""
        style, px = self.style, self.style.px
        key = VGroup()
        for value, sign in ((-1.0, "−"), (1.0, "+")):
            cell = Vector([value], style, cell=32, gap=0, largest=1)
            key.add(cell, Label(sign, style.type.body, style.palette.muted).level_with(cell))
        key.arrange(RIGHT, buff=px(14))
        key[2:].shift(px(24) * RIGHT)
        for square, label in (key[:2], key[2:]):
            label.level_with(square)
        if not self._below(key, RIGHT):
            return VGroup()
        both = sorted((key, self.size), key=lambda each: float(each.get_x()))
        return key if both[0].get_right()[0] + px(40) <= both[1].get_left()[0] else VGroup()

    def _vector(self, values: TracedValue) -> Vector:
        places = range(min(len(values.numbers), self.plan.cells))  # those printed are the first
        room = self.style.right - self.plan.left
        cell = min(room / len(places) - 8, self.plan.cell)
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

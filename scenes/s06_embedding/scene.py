"""Draws loop 06: follow one track: word, vector, prediction, vector, word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar, TypeVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Group,
    Mobject,
    Rectangle,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes import phrases
from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene
from scenes.marks import decoration
from scenes.parts import arrow
from scenes.parts.flight import Flight, behind
from scenes.parts.label import Label
from scenes.parts.logit_bars import LogitBars
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.title import title
from scenes.parts.token import TokenChip
from scenes.parts.vector import Vector
from scenes.s06_embedding.content import Content
from scenes.traced_value import TracedValue
from scenes.vectors import evenly

M = TypeVar("M", bound=VMobject)


@dataclass(frozen=True)
class _Plan:
    """Pixels: where the track begins, how wide it is, where its notes begin; heights of what stands on it."""

    left: float
    width: float
    notes: float
    cells: int
    answer: float
    bars: float
    result: float
    box: float
    tall: float
    entry: float
    word: float


_WIDE = _Plan(180, 900, 1140, 20, 176, 262, 448, 590, 150, 742, 884)
_TALL = _Plan(140, 540, 732, 12, 206, 312, 534, 716, 180, 906, 1096)
_PITCH = 54  # of the bars
_LONGEST = 34  # letters of the prompt
_SMALL = 0.3  # of a vector, where it is compared
_DIM = 0.4  # of what a vector leaves behind when it has moved on


class Embedding(LoopScene):
    """One track from the bottom up, in three numbered steps, each named at its right."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w = self.style, self.style.palette, self.wording
        content = self.content
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        heading = title(w("From word to vector to word"), style)
        self.box = ModelBox(content.subject, style, plan.width + 40, plan.tall)
        self._stand(self.box, plan.box)
        self.entry = self._stand(self._vector(content.embedding), plan.entry)
        self.entered = self._dim(self.entry)
        self.result = self._stand(self._vector(content.result), plan.result)
        self.word = self._stand(TokenChip(content.word, style, followed=True), plan.word)
        self.answer = self._stand(TokenChip(content.answer, style), plan.answer)
        self.bars = self._scores()
        track = self._track()
        self.ways = [
            self._way(below, above)
            for below, above in (
                (self.word, self.entry),
                (self.entry, self.box),
                (self.box, self.result),
            )
        ]
        numbers = VGroup(
            *(
                Label(w.integer(number), style.type.title, palette.track, weight="SEMIBOLD")
                .align_to(style.at(style.margin, 0), LEFT)
                .level_with(part)
                for number, part in enumerate((self.entry, self.box, self.bars.rows), 1)
            )
        )
        size, many = w.integer(content.width), w.integer(content.vocabulary)
        width, such = (w.integer(each) for each in (content.subject_width, content.subject_layers))
        length = w("{size} numbers (in {name} {width})", size=size, name=content.subject, width=width)
        depth = w.plural(
            "{count} layer (in {name} {layers})",
            "{count} layers (in {name} {layers})",
            content.layers,
            name=content.subject,
            layers=such,
        )
        if content.traced or style.frame.is_tall:
            length, depth = (
                w("{size} numbers", size=size),
                w.plural("{count} layer", "{count} layers", content.layers),
            )
        compare, points = w("Compare with the vectors of all {count} tokens", count=many), w("The next token")
        if style.frame.is_tall:
            compare = w("Compare with all {count} tokens", count=many)
        wins = []
        if content.first:
            # in the tall frame the answer's own note says it
            wins = [] if style.frame.is_tall else [w("the best match wins")]
            points = w("The best match")
        corner = self.credit(content.text_source)
        self.notes = [
            self._note(self.word, w("The last token of"), self._prompt()),
            self._note(self.entry, w("Its vector"), length),
            self._note(self.box, w("Compute the prediction"), depth),
            self._note(self.result, w("Result vector")),
            self._note(self.bars.rows, compare, *wins),
            self._note(self.answer, points),
        ]
        self._keep_apart(corner)
        self.fixed = [heading, track, self.box, numbers, self.word, self.notes[0], corner]
        return Group(
            *self.fixed,
            VGroup(self.ways[0], self.notes[1]),
            self.entered,
            VGroup(self.ways[1], self.notes[2]),
            VGroup(self.ways[2], self.notes[3]),
            self.result,
            self.notes[4],
            self.bars,
            VGroup(self.answer, self.notes[5]),
        )

    def question(self) -> Sequence[Mobject]:
        return self.fixed

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
                FadeIn(self.ways[1], self.notes[2]),
                seconds=pace.slow,
            )
            self.move(self.box.sweep(self.content.updates.numbers, direction=UP), seconds=pace.slow)
        with self.beat("result vector"):
            place = self.result.get_center()
            self.result.move_to(behind(self.result, self.box, UP, self.style))
            self._under(self.result)
            self.move(
                Flight(self.result, [place], self.style),
                FadeIn(self.ways[2], self.notes[3], rate_func=squish_rate_func(smooth, 0.5, 1)),
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
            self.move(
                Flight(self.answer, [place], self.style),
                FadeIn(self.notes[5], rate_func=squish_rate_func(smooth, 0.5, 1)),
                seconds=pace.slow,
            )

    def _compare(self) -> None:
        """The result goes to one token after the other, and a bar says how well it matches each."""
        style, pace, bars = self.style, self.style.pace, self.bars
        self.move(FadeIn(self.notes[4], bars.names), seconds=pace.quick)
        grown: list[Animation] = []
        for number in range(len(bars.rows)):
            copy = self.result.copy()
            flight = Flight(copy, [bars.start(number, copy.width * _SMALL)], style, size=_SMALL, remover=True)
            self.move(flight, *grown, seconds=pace.slow if number == 0 else pace.move)
            grown = bars.growth(number)
        self.move(*grown, seconds=pace.move)

    def _prompt(self) -> str:
        """The prompt, or its end."""
        text = phrases.text(self.content.prompt)
        return f"“{text if len(text) <= _LONGEST else f'…{text[1 - _LONGEST :]}'}”"

    def _spell(self) -> None:
        """Numbers come out of the word, the first ones printed, and become the cells of its vector."""
        style, pace = self.style, self.style.pace
        labels = [
            Label(self.wording.decimal(value), style.type.small, style.palette.text)
            for value in self.content.printed
        ]
        row = VGroup(*labels).arrange(RIGHT, buff=style.px(28))
        row.move_to(self.entry.get_center()).align_to(self.entry, LEFT)
        places = [label.get_center() for label in labels]
        for label in labels:
            label.move_to(self.word)
        self._under(row, self.word)
        flights = [
            Flight(label, [place], style, start=0.15 * number, end=0.7 + 0.15 * number)
            for number, (label, place) in enumerate(zip(labels, places, strict=True))
        ]
        self.move(*flights, FadeIn(self.ways[0], self.notes[1]), seconds=pace.slow)
        self.rest(pace.rest)
        mouth = self.entry[0].get_center()
        self.move(
            *(
                FadeOut(label, target_position=cell.get_center(), scale=0.3)
                for label, cell in zip(labels, self.entry, strict=False)
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

    def _stand(self, mobject: M, y: float) -> M:
        """Stand in the middle of the track, so many pixels from the top."""
        mobject.move_to(self.style.at(self.plan.left + self.plan.width / 2, y))
        return mobject

    @staticmethod
    def _dim(vector: Vector) -> Vector:
        """What is left of a vector when it has moved on."""
        left: Vector = vector.copy()
        return left.set_opacity(_DIM)

    def _track(self) -> Rectangle:
        """The track, from the word to the answer."""
        style, palette, plan = self.style, self.style.palette, self.plan
        track = Rectangle(
            width=style.px(plan.width),
            height=self.answer.get_y() - self.word.get_y(),
            fill_color=palette.layer_first,
            fill_opacity=1,
            stroke_color=palette.track_edge,
            stroke_width=style.stroke(style.hairline),
        )
        return decoration(track).move_to(style.at(plan.left + plan.width / 2, (plan.word + plan.answer) / 2))

    def _scores(self) -> LogitBars:
        """The logits of some words, in the track."""
        style, plan = self.style, self.plan
        scores = [(each.token, each.logit, each.chosen) for each in self.content.scores]
        bars = LogitBars(scores, style, self.wording, width=plan.width - 80, pitch=_PITCH, longest=8)
        return bars.align_to(style.at(plan.left + 40, plan.bars), LEFT).shift(
            (style.at(0, plan.bars)[1] - bars.rows[0][1].get_y()) * UP
        )

    def _vector(self, values: TracedValue) -> Vector:
        places = evenly(len(values.numbers), self.plan.cells)
        pitch = (self.plan.width - 20) / len(places)
        cell, gap = min(pitch - 6, 54), max(6, pitch - 54)
        return Vector(values, self.style, cell=cell, gap=gap, places=places)

    def _way(self, below: Mobject, above: Mobject) -> VMobject:
        """The arrow from one station up to the next."""
        gap = self.style.px(8)
        x = self.box.get_x()
        start, end = below.get_top()[1] + gap, above.get_bottom()[1] - gap
        return arrow.straight(
            np.array([x, start, 0]), np.array([x, end, 0]), self.style, self.style.palette.track
        )

    def _note(self, station: Mobject, head: str, *lines: str) -> VGroup:
        """What a station is, at its right, in as many lines as it takes."""
        style, palette, width = self.style, self.style.palette, self.style.right - self.plan.notes
        size = style.type.body
        if any(
            Label(word, size, palette.text, weight="SEMIBOLD").width > style.px(width)
            for word in head.split()
        ):
            size = style.type.small  # rather than broken within a word
        words = VGroup(
            Paragraph(head, style, size=size, color=palette.text, width=width, lines=3, weight="SEMIBOLD")
        )
        size = style.type.small
        for line in lines:
            words.add(
                Paragraph(
                    line, style, size=size, color=palette.muted, width=width, lines=2 if len(lines) > 1 else 3
                )
            )
        words.arrange(DOWN, buff=style.px(8), aligned_edge=LEFT)
        return words.align_to(style.at(self.plan.notes, 0), LEFT).set_y(station.get_y())

    def _keep_apart(self, corner: VGroup) -> None:
        """Notes of many lines move off their stations rather than onto their neighbours or the credit."""
        gap = self.style.px(10)
        for above, below in pairwise(reversed(self.notes)):
            below.shift(min(0, above.get_bottom()[1] - gap - below.get_top()[1]) * UP)
        for below, above in pairwise([corner, *self.notes]):
            above.shift(max(0, below.get_top()[1] + gap - above.get_bottom()[1]) * UP)

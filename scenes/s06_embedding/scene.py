"""Draws loop 06: follow one track: word, vector, prediction, vector, word."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, UP, Group, Mobject, VGroup, VMobject

from scenes.display_token import spaced
from scenes.fade import FadeIn
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.credit import credit
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.probability_bars import ProbabilityBars
from scenes.parts.title import title
from scenes.parts.token import TokenChip
from scenes.parts.vector import Vector
from scenes.s06_embedding.content import Content
from scenes.traced_value import TracedValue

_LEFT, _WIDTH, _NOTES = 170, 860, 1100  # pixels: where the track begins, how wide it is, its notes


class Embedding(LoopScene):
    """One track from the bottom up, in three numbered steps, each named at its right."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, px = self.style, self.style.palette, self.wording, self.style.px
        content = self.content
        heading = title(w("One track, three steps"), style, width=_NOTES - 2 * style.margin)
        self.box = ModelBox(content.subject, style, _WIDTH, 200)
        self.box.move_to(style.at(_LEFT + _WIDTH / 2, 575))
        self.entry = self._vector(content.embedding).next_to(self.box, DOWN, buff=px(88))
        self.result = self._vector(content.result).next_to(self.box, UP, buff=px(88))
        self.word = TokenChip(content.word, style, followed=True).next_to(self.entry, DOWN, buff=px(88))
        self.answer = TokenChip(content.answer, style).next_to(self.result, UP, buff=px(56))
        self.ways = [
            self._way(below, above)
            for below, above in (
                (self.word, self.entry),
                (self.entry, self.box),
                (self.box, self.result),
                (self.result, self.answer),
            )
        ]
        numbers = VGroup(
            *(
                Label(w.integer(number), style.type.title, palette.track, weight="SEMIBOLD")
                .align_to(style.at(style.margin, 0), LEFT)
                .level_with(part)
                for number, part in enumerate((self.entry, self.box, self.result), 1)
            )
        )
        some = w(", ").join(w.decimal(value.number) for value in content.printed)
        size = w.integer(content.width.number)
        layers = round(content.layers.number)
        drawn = w.integer(len(content.embedding.numbers))
        length = w(
            "{cells} of {size} numbers ({name}: {width})",
            cells=drawn,
            size=size,
            name=content.subject,
            width=w.integer(content.subject_width.number),
        )
        depth = w.plural(
            "{count} layer ({name}: {layers})",
            "{count} layers ({name}: {layers})",
            layers,
            name=content.subject,
            layers=w.integer(content.subject_layers.number),
        )
        if content.traced:
            length = w("{cells} of {size} numbers", cells=drawn, size=size)
            depth = w.plural("{count} layer", "{count} layers", layers)
        self.notes = [
            self._note(self.word, w("The word"), w("the last token of the prompt")),
            self._note(self.entry, w("Embedding: {some}, …", some=some), length),
            self._note(self.box, w("Compute the prediction"), depth),
            self._note(self.result, w("Result vector"), w("{size} numbers again", size=size)),
            self._note(heading, w("The word it points to")),
        ]
        self.bars = ProbabilityBars(content.candidates, style, w, full=240, pitch=56, thickness=34)
        self.bars.next_to(self.notes[-1], DOWN, buff=px(22)).align_to(style.at(_NOTES, 0), LEFT)
        corner = credit(content.model, content.text_source, style, w, spaced=spaced(content))
        self.fixed = [heading, self.box, numbers, self.word, corner]
        return Group(*self.fixed, *self.ways, self.entry, self.result, self.answer, *self.notes, self.bars)

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("the word"):
            self.move(FadeIn(self.notes[0]), seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("embedding"):
            self._grow(self.ways[0], self.entry, self.word)
            self.move(FadeIn(self.notes[1]), seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("compute the prediction"):
            strengths = [min(1.0, value) for value in self.content.updates.numbers]
            self.move(FadeIn(self.ways[1]), FadeIn(self.notes[2]), seconds=pace.quick)
            self.move(self.box.sweep(strengths, direction=UP), seconds=pace.slow)
            self.rest(pace.rest)
        with self.beat("result vector"):
            self._grow(self.ways[2], self.result, self.box)
            self.move(FadeIn(self.notes[3]), seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("the word it points to"):
            self.add(*(row[0] for row in self.bars))
            news = FadeIn(self.ways[3], self.answer, self.notes[4])
            self.move(news, *self.bars.growth(), seconds=pace.move)
            self.rest(pace.rest)

    def _grow(self, way: Mobject, vector: Mobject, origin: Mobject) -> None:
        """A vector comes out of ``origin``."""
        mouth = origin.get_top() + self.style.px(30) * UP
        self.move(FadeIn(way), FadeIn(vector, target_position=mouth, scale=0.1), seconds=self.style.pace.move)

    def _vector(self, values: TracedValue) -> Vector:
        cells = len(values.numbers)
        pitch = _WIDTH / cells
        return Vector(values.numbers, self.style, cell=min(pitch - 6, 54), gap=max(6, pitch - 54))

    def _way(self, below: Mobject, above: Mobject) -> VMobject:
        """The arrow from one station up to the next."""
        gap = self.style.px(8)
        x = self.box.get_x()
        start, end = below.get_top()[1] + gap, above.get_bottom()[1] - gap
        return arrow.straight(
            np.array([x, start, 0]), np.array([x, end, 0]), self.style, self.style.palette.track
        )

    def _note(self, station: Mobject, head: str, line: str = "") -> VGroup:
        """What a station is, at its right, in as many lines as it takes."""
        style, palette, width = self.style, self.style.palette, self.style.right - _NOTES
        size = style.type.body
        words = VGroup(
            Paragraph(head, style, size=size, color=palette.text, width=width, lines=2, weight="SEMIBOLD")
        )
        if line:
            size = style.type.small
            words.add(Paragraph(line, style, size=size, color=palette.muted, width=width, lines=2))
        words.arrange(DOWN, buff=style.px(8), aligned_edge=LEFT)
        return words.align_to(style.at(_NOTES, 0), LEFT).set_y(station.get_y())

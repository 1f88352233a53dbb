"""Draws loop 07: the vector climbs a stack of decoder layers; that is the "deep"."""

from __future__ import annotations

from collections.abc import Sequence
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
    Succession,
    VGroup,
    VMobject,
    linear,
    smooth,
    squish_rate_func,
)

from scenes.candidates import Candidate
from scenes.display_token import spaced
from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.colour_scale import ColourScale
from scenes.parts.credit import credit
from scenes.parts.decoder_stack import DecoderStack
from scenes.parts.label import Label
from scenes.parts.probability_bars import ProbabilityBars
from scenes.parts.title import title
from scenes.parts.token import TokenChip, chips_of
from scenes.parts.token_lines import TokenLines, travel
from scenes.parts.vector import Vector
from scenes.s07_processing_transformer_blocks.content import Content
from scenes.traced_value import TracedValue

_PITCH = 51  # pixels from row to row
_NOTES = 1186  # pixels: where the right column begins


class ProcessingTransformerBlocks(LoopScene):
    """The stack in the middle, read from the bottom up; beside each layer the best guess at that depth."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, px = self.style, self.style.palette, self.wording, self.style.px
        depths = self.content.depths
        heading = title(self._heading(), style)
        self.stack = DecoderStack(
            [depth.layer for depth in depths], style, w, width=830, height=42, pitch=_PITCH
        )
        self.stack.shift(style.at(750, 0)[0] * RIGHT).align_to(style.at(0, 256), UP)
        self.vectors = [
            self._vector(depth.values).move_to(slab)
            for depth, slab in zip(depths, self.stack.slabs, strict=True)
        ]
        bottom, top = self.stack.slabs[0], self.stack.slabs[-1]
        self.prompt = self._prompt(bottom)
        followed = self.prompt.visible[-1]
        self.entering = self._vector(self.content.embedding).next_to(bottom, DOWN, buff=px(18))
        self.answer = TokenChip(self.content.answer, style).next_to(top, UP, buff=px(48))
        self.answer.set_x(followed.get_x())
        entrance = followed.get_center()[0] * RIGHT + (bottom.get_bottom()[1] - px(style.touch)) * UP
        self.way_in = arrow.straight(followed.get_top(), entrance, style, palette.track)
        exit_ = np.array([followed.get_x(), top.get_top()[1], 0])
        way_out = arrow.straight(
            exit_, self.answer.get_bottom() + px(style.touch) * DOWN, style, palette.track
        )
        self.guesses = ProbabilityBars(
            [Candidate(depth.guess, depth.probability, depth.answer) for depth in depths],
            style,
            w,
            full=220,
            pitch=-_PITCH,
            thickness=30,
        )
        self.guesses.shift(style.at(1460, 0)[0] * RIGHT + bottom.get_center()[1] * UP)
        head = Label(w("best guess so far"), style.type.body, palette.muted)
        count = self._count()
        head.align_to(count, DOWN).align_to(style.at(_NOTES, 0), LEFT)
        legend = self._legend().next_to(self.guesses[0], DOWN, buff=px(34))
        legend.align_to(style.at(_NOTES, 0), LEFT)
        corner = credit(self.content.model, self.content.text_source, style, w, spaced=spaced(self.content))
        self.fixed = [heading, count, self.stack, self.prompt, head, legend, corner]
        self.result = VGroup(way_out, self.answer, self._chance())
        return Group(*self.fixed, self.way_in, *self.vectors, self.guesses, self.result)

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        """The stack empties from the top down, a row at a time."""
        # each pixel changes once: rows that fade together would take a fifth of the whole video
        rows = [FadeOut(vector, guess) for vector, guess in zip(self.vectors, self.guesses, strict=True)]
        return [FadeOut(self.result), FadeOut(self.way_in), Succession(*rows[::-1], rate_func=linear)]

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("word to vector"):
            mouth = self.prompt.visible[-1].get_top()
            mouth[1] = self.entering.get_y()
            self.move(FadeIn(self.entering, target_position=mouth, scale=0.1), seconds=pace.move)
            self.rest(pace.rest)
        done = 0
        self.focus = self._focus(0)
        for count, seconds in self.stream(len(self.vectors), pace.move, 2.8):
            with self.beat(f"layer {self.content.depths[done + count - 1].layer}"):
                for row in range(done, done + count):
                    self._climb(row, seconds / count)
                if done < 2:
                    self.rest(pace.rest)
            done += count
        with self.beat("vector to word"):
            self.move(
                FadeOut(self.focus), FadeIn(self.result, shift=UP * self.style.px(20)), seconds=pace.move
            )

    def _climb(self, row: int, seconds: float) -> None:
        """The next drawn layer works: it has other values, which come as they are, and another best guess."""
        place = self._focus(row).get_center()
        look: list[Animation] = [travel(self.focus, place)]
        if row == 0:
            up = self.stack.slabs[0].get_center() - self.entering.get_center()
            look = [FadeIn(self.focus), FadeIn(self.way_in), FadeOut(self.entering, shift=up)]
        news = FadeIn(self.vectors[row], self.guesses[row], rate_func=squish_rate_func(smooth, 0.6, 1))
        self.move(*look, news, seconds=seconds)

    def _chance(self) -> VGroup:
        """How likely the answer was, beside its chip."""
        chance = self.content.answer.probability
        if chance is None:
            return VGroup()
        label = Label(self.wording.percent(chance.number), self.style.type.small, self.style.palette.text)
        label.next_to(self.answer, RIGHT, buff=self.style.px(18))
        if label.get_right()[0] > self.stack.slabs.get_right()[0]:  # not into the other column
            label.next_to(self.answer, LEFT, buff=self.style.px(18))
        return VGroup(label.level_with(self.answer))

    def _focus(self, row: int) -> VMobject:
        """A frame around the layer that works."""
        slab = self.stack.slabs[row].copy().set_fill(opacity=0)
        return slab.set_stroke(self.style.palette.track, width=self.style.stroke(6))

    def _count(self) -> Label:
        """Which of the traced model's layers are drawn, above their numbers."""
        style, w = self.style, self.wording
        drawn, layers = w.integer(len(self.content.depths)), round(self.content.layers.number)
        text = w.plural("here: {rows} of {count} layer", "here: {rows} of {count} layers", layers, rows=drawn)
        label = Label(text, style.type.small, style.palette.muted)
        label.next_to(self.stack.slabs[-1], UP, buff=style.px(20))
        return label.align_to(style.at(style.margin, 0), LEFT)

    def _heading(self) -> str:
        w, each = self.wording, self.content.parameters_per_layer
        name, layers = self.content.subject, round(self.content.subject_layers.number)
        if each is None:
            return w.plural(
                "{name}: {count} decoder layer", "{name}: {count} decoder layers", layers, name=name
            )
        return w(
            "{name}: {layers} decoder layers, {parameters} parameters each",
            name=name,
            layers=w.integer(layers),
            parameters=w.count(each.number),
        )

    def _vector(self, values: TracedValue) -> Vector:
        return Vector(values.numbers, self.style, cell=26, gap=6.5)

    def _prompt(self, bottom: Mobject) -> TokenLines:
        """The prompt under the stack, its last token below the middle, or as near as the line allows."""
        style, last = self.style, len(self.content.prompt) - 1
        chips = chips_of(self.content.prompt, style, self.wording, followed=last)
        lines = TokenLines(chips, style, self.wording, width=1040, lines=1)
        lines.next_to(bottom, DOWN, buff=style.px(66))
        lines.shift((bottom.get_center() - lines.visible[-1].get_center())[0] * RIGHT)
        return lines.shift(max(0, style.at(style.margin, 0)[0] - lines.get_left()[0]) * RIGHT)

    def _legend(self) -> VGroup:
        """What is drawn of how much, and what the colours mean."""
        style, w, palette = self.style, self.wording, self.style.palette
        text = w(
            "{cells} of {width} values",
            cells=w.integer(len(self.content.embedding.numbers)),
            width=w.integer(self.content.width.number),
        )
        # the vector grows from layer to layer, so a row's largest value sets its own scale
        scale = ColourScale(w("± largest in the row"), style, palette.muted)
        words = Label(text, style.type.small, palette.muted)
        return VGroup(words, scale).arrange(DOWN, buff=style.px(14), aligned_edge=LEFT)

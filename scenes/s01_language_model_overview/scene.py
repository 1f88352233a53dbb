"""Draws loop 01: a trained language model turns a prompt into text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Group,
    Mobject,
    TransformFromCopy,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.display_token import spaced
from scenes.fade import FadeIn
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.credit import credit
from scenes.parts.extremes import Extremes
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.token import TokenChip, chips_of
from scenes.parts.token_lines import TokenLines, travel
from scenes.s01_language_model_overview.content import Content

_BOX, _GAP, _BESIDE = 840, 36, 70  # pixels: the model, left of the lines, right of the model


class LanguageModelOverview(LoopScene):
    """Prompt above, model in the middle, output below: read from top to bottom."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w = self.style, self.wording
        given = chips_of(self.content.prompt, style, w)
        self.written = [TokenChip(piece, style, faint=True) for piece in self.content.output]
        words = [
            Label(text, style.type.heading, style.palette.text, weight="SEMIBOLD")
            for text in (w("Input prompt"), w("Output"))
        ]
        # the lines begin where the longer head leaves off
        left = style.margin + max(label.width for label in words) / style.px(1) + _GAP
        room = style.right - left
        self.prompt = TokenLines(given, style, w, width=room, lines=2)
        self.box = ModelBox(self.content.subject, style, _BOX, 340)
        self.output = TokenLines(self.written, style, w, width=room, lines=3)
        column = VGroup(self.prompt, self.box, self.output)
        column.arrange(DOWN, buff=style.px(96), aligned_edge=LEFT)
        column.align_to(style.at(left, 0), LEFT).set_y(style.px(24))
        self.down = VGroup(self._arrow(self.prompt, self.box), self._arrow(self.box, self.output))
        heads = VGroup(
            *(
                label.next_to(lines.visible[0], LEFT, buff=style.px(_GAP))
                for label, lines in zip(words, (self.prompt, self.output), strict=True)
            )
        )
        shown = [self.content.output[place] for place in self.content.extremes]
        self.chances = Extremes(shown, style, w, width=room - _BOX - _BESIDE)
        self.chances.next_to(self.box, RIGHT, buff=style.px(_BESIDE))
        corner = credit(self.content.model, self.content.text_source, style, w, spaced=spaced(self.content))
        return Group(heads, self.prompt, self.down, self.box, self.output, self.chances, corner)

    def question(self) -> Sequence[Mobject]:
        return [part for part in self.mobjects if part not in (self.output, self.chances)]

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("prompt"):
            falling = [chip.copy() for chip in self.prompt.visible]
            self.add(*falling)
            self.bring_to_front(self.prompt, self.box)  # out from under the one, into the other
            inside = self.box.get_center()
            starts = np.linspace(0, 0.5, len(falling))  # one after the other, each for half of the time
            drops = [
                travel(chip, inside, rate_func=squish_rate_func(smooth, start, start + 0.5))
                for chip, start in zip(falling, starts, strict=True)
            ]
            self.move(*drops, seconds=pace.slow)
            self.remove(*falling)
            self.rest(pace.rest)
        with self.beat("forward pass and output"):
            self.move(self.box.sweep(self._strengths()), seconds=pace.slow)
            self._write(self.output.visible)
            self.rest(pace.rest)
        with self.beat("probabilities"):
            likely = [self.written[place] for place in self.content.extremes]
            lifts = [
                # a token that found no room in the lines has nowhere to come from
                TransformFromCopy(chip, row[0]) if chip in self.output.visible else FadeIn(row[0])
                for chip, row in zip(likely, self.chances[1:], strict=True)
            ]
            words = [FadeIn(self.chances[0]), *(FadeIn(row[1]) for row in self.chances[1:])]
            self.move(*lifts, *words, seconds=pace.move)
            self.rest(pace.rest)

    def _write(self, chips: Sequence[Mobject]) -> None:
        """The output comes down from the box token by token, ever faster."""
        done = 0
        for count, seconds in self.stream(len(chips), self.style.pace.move, 2.6):
            new = chips[done : done + count]
            self.move(
                *(FadeIn(chip, shift=DOWN * self.style.px(self.style.rise)) for chip in new), seconds=seconds
            )
            done += count

    def _strengths(self) -> list[float]:
        """How far each layer's tick reaches: all the way where the change is as long as the vector was."""
        return [min(1.0, value) for value in self.content.updates.numbers]

    def _arrow(self, above: Mobject, below: Mobject) -> VMobject:
        gap = self.style.px(self.style.arrow_gap)
        x = self.box.get_center()[0] * RIGHT
        return arrow.straight(
            x + (above.get_bottom()[1] - gap) * UP, x + (below.get_top()[1] + gap) * UP, self.style
        )

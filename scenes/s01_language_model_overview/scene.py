"""Draws loop 01: a trained language model turns a prompt into text."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Animation, Group, Mobject, VGroup, VMobject

from scenes.fade import FadeIn
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.flight import Flight, behind, in_turn
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.probability_scale import ProbabilityScale
from scenes.parts.token import TokenChip, chips_of
from scenes.parts.token_lines import TokenLines
from scenes.s01_language_model_overview.content import Content
from scenes.style import Point

_GAP, _BESIDE, _BETWEEN = 36, 70, 96  # pixels: left of the lines, beside the model, above and below it
_COLUMN = (150, 969)  # wide: where the text, the model and the output stand, in pixels from the top
# tall: below the heading, below heads, above and below the model, above the credit
_TOP, _HEAD, _INTO, _OUT_OF, _FOOT = 30, 18, 70, 70, 26
_MOVES = 9  # in which the output comes: one token each at first, then ever more


class LanguageModelOverview(LoopScene):
    """Prompt above, model in the middle, output below: read from top to bottom."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        tall = style.frame.is_tall
        self.heading = Heading(
            [
                w("The prompt goes in, cut into tokens"),
                w("Text comes out, token by token"),
                w("Prompt in, text out"),
            ],
            style,
        )
        given = chips_of(content.prompt, style, w)
        written = [TokenChip(piece, style, faint=True) for piece in content.output]
        heads = VGroup(
            *(
                Label(text, style.type.heading, style.palette.text, weight="SEMIBOLD")
                for text in (w("Input prompt"), w("Output"))
            )
        )
        # beside the lines the longer head leaves room for them; in a tall frame heads stand above
        left = style.margin + (0 if tall else heads.width / style.px(1) + _GAP)
        room = style.right - left
        lines = (style.frame.lines, 4) if tall else (style.frame.lines, 3)
        self.prompt = TokenLines(given, style, w, width=room, lines=lines[0])
        self.output = TokenLines(written, style, w, width=room, lines=lines[1])
        corner = self.credit(content.text_source)
        shades = w("pink: how likely each token was")
        scale = ProbabilityScale(shades, style, w, width=style.room) if tall else None
        height = self._height(heads, corner, scale)
        self.box = ModelBox(content.subject, style, style.room if tall else 840, height)
        column: list[VMobject] = [self.prompt, self.box, self.output]
        gaps = [_BETWEEN, _BETWEEN]
        if tall:
            column = [heads[0], self.prompt, self.box, heads[1], self.output]
            gaps = [_HEAD, _INTO, _OUT_OF, _HEAD]
        for (above, below), gap in zip(pairwise(column), gaps, strict=True):
            below.next_to(above, DOWN, buff=style.px(gap)).align_to(above, LEFT)
        whole = VGroup(*column).align_to(style.at(left, 0), LEFT)
        if tall:
            whole.set_y(self.heading.bottom - style.px(_TOP), UP)
        else:
            whole.set_y(style.at(0, sum(_COLUMN) / 2)[1])
            for head, beside in zip(heads, (self.prompt, self.output), strict=True):
                head.next_to(beside.visible[0], LEFT, buff=style.px(_GAP))
        into = self._arrow(self.prompt, self.box)
        out = self._arrow(self.box, heads[1] if tall else self.output)
        if tall:
            VGroup(into, out).align_to(style.at(style.margin + 40, 0), LEFT)
        if scale:  # where no token passes
            scale.next_to(corner, UP, buff=style.px(_FOOT)).align_to(style.at(style.margin, 0), LEFT)
        else:
            width = style.right - (self.box.get_right()[0] / style.px(1) + style.frame.width / 2) - _BESIDE
            scale = ProbabilityScale(shades, style, w, width=min(width, 560))
            scale.next_to(self.box, RIGHT, buff=style.px(_BESIDE))
        self.fixed = [self.heading, *heads, into, out, scale, self.box, corner]
        return Group(*self.fixed, self.prompt, self.output)

    def question(self) -> Sequence[Mobject]:
        return [*self.fixed, self.prompt]

    def clearing(self, picture: Group) -> list[Animation]:
        return [unwind(*self.output.visible), *self.heading.says(0)]

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("prompt"):
            outline = self._enter(pace.slow)
        with self.beat("forward pass and output"):
            self.move(self._light(), FadeIn(self.prompt), *self.heading.says(1), seconds=pace.slow)
            self.remove(outline)
            self._write(self.output.visible)
            self.move(*self.heading.says(2), seconds=pace.quick)
            self.rest(pace.rest)

    def _enter(self, seconds: float) -> VGroup:
        """The prompt goes into the model as one; returns the outline that it leaves."""
        box, style = self.box, self.style
        going, outline = self.lift(*self.prompt.visible)
        self.bring_to_front(box)
        size = min(0.7, 0.8 * box.width / going.width, 0.8 * box.height / going.height)
        middle, inside = going.get_center(), behind(going.copy().scale(size), box, UP, style)
        flights = []
        for chip in going:
            place = inside + size * (chip.get_center() - middle)
            flights.append(Flight(chip, [place], style, size=size, remover=True))
        self.move(*flights, seconds=seconds)
        return outline

    def _write(self, chips: Sequence[VMobject]) -> None:
        """The output comes out of the model token by token, ever faster."""
        pace, done = self.style.pace, 0
        for count in growing(len(chips), _MOVES):
            if done == 1:
                self.move(self._light(), seconds=pace.move)
            flights = []
            for chip, (start, end) in zip(chips[done : done + count], in_turn(count), strict=True):
                flights.append(Flight(chip, self._way_out(chip), self.style, start=start, end=end))
                self.add(chip)
            # under the chips that are there: none of them is covered on the way to a lower line
            self.bring_to_front(*chips[:done], self.box)
            light = [self._light()] if done > 1 else []
            self.move(*light, *flights, seconds=pace.move)
            done += count

    def _way_out(self, chip: VMobject) -> list[Point]:
        """Set the chip behind the model's lower edge; return its way to where it stood: along, then down."""
        place = chip.get_center()
        chip.move_to(behind(chip, self.box, DOWN, self.style))
        lane = (self.box.get_bottom()[1] + self.output.get_top()[1]) / 2
        if abs(place[0] - chip.get_x()) < self.style.px(1):
            return [place]
        return [np.array([chip.get_x(), lane, 0]), np.array([place[0], lane, 0]), place]

    def _light(self) -> Animation:
        return self.box.sweep(self.content.updates.numbers)

    def _height(self, heads: VGroup, corner: VMobject, scale: VMobject | None) -> float:
        """How high the model is, in pixels: as high as the lines leave room for, within bounds."""
        style = self.style
        lines = (self.prompt.height + self.output.height) / style.px(1)
        if scale is None:
            return min(400, max(160, _COLUMN[1] - _COLUMN[0] - 2 * _BETWEEN - lines))
        heights = sum(head.height + style.px(_HEAD) for head in heads) + scale.height
        low: float = (self.heading.bottom - corner.get_top()[1] - heights) / style.px(1) - _TOP
        return min(420, max(90, low - lines - _INTO - _OUT_OF - 2 * _FOOT))

    def _arrow(self, above: Mobject, below: Mobject) -> VMobject:
        gap = self.style.px(self.style.arrow_gap)
        x = self.box.get_center()[0] * RIGHT
        return arrow.straight(
            x + (above.get_bottom()[1] - gap) * UP, x + (below.get_top()[1] + gap) * UP, self.style
        )


def growing(count: int, moves: int) -> list[int]:
    """How many of ``count`` tokens come in each of at most so many moves: one, one, then ever more."""
    weights = [1 + place // 2 for place in range(moves)]
    ends = list(accumulate(weights))
    if count > ends[-1]:
        # the first two by themselves, however many follow
        ends = [*ends[:2], *(2 + round((count - 2) * (end - 2) / (ends[-1] - 2)) for end in ends[2:])]
    ends = [0, *(min(end, count) for end in ends)]
    return [end - start for start, end in pairwise(ends) if end > start]

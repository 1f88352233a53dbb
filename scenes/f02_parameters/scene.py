"""Draws figure f02: training turns random values into appropriate ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Group, Mobject, VGroup

from scenes.display_token import DisplayToken
from scenes.f02_parameters.content import Content, Weights
from scenes.loop import FigureScene
from scenes.parts import arrow
from scenes.parts.gear import Gear
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.number_grid import NumberGrid
from scenes.parts.open_box import OpenBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.token import TokenChip, asked_for
from scenes.parts.token_lines import TokenLines
from scenes.style import Style

_BELOW = 18  # from the window's words to the weights
_LONGEST, _SHORTEST = 24, 3  # letters on a chip
_ANSWER = 64  # pixels: the em of a guess's letters
_BEYOND = 40  # pixels by which a probability under its guess may be wider than the model
_TOLD = 340  # pixels of a line between the guesses, at most


@dataclass(frozen=True)
class _Plan:
    """Sizes and places in pixels of the frame.

    Attributes:
        asked: Where the question begins, how wide it may be, and in how many lines.
        letters: The em of its letters, at most.
        top: Where the models begin.
        box: How wide and high a model is.
        row: How high a row of its weights is.
        columns: How many of them stand in a row.
        way: How long the arrow from a model to its guess is.
        gear: How large the gear between them is.
        inside: What is left and right of the weights in their window.
    """

    asked: tuple[float, float, int]
    letters: float
    top: float
    box: tuple[float, float]
    row: float
    columns: int
    way: float
    gear: float
    inside: float


_WIDE = _Plan((136, 900, 1), 50, 264, (700, 508), 58, 5, 50, 130, 14)
_TALL = _Plan((134, 460, 2), 42, 356, (400, 604), 74, 3, 56, 84, 4)


class ParametersFigure(FigureScene):
    """One question goes into the untrained model and into the trained one; out of each comes its guess.

    In each some weights of one and the same matrix are seen, at the same places of it.
    """

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.plan = _TALL if style.frame.is_tall else _WIDE
        whose = w("{model} and its untrained twin", model=w.model(content.model))
        corner = self.credit(content.text_source, model=whose)
        heading = Heading([w("Training changes only the weights")], style)
        asked = self._asked()
        sides = [
            self._side(weights, asked, trained=trained)
            for weights, trained in ((content.untrained, False), (content.trained, True))
        ]
        return Group(*sides, asked, *self._training(*sides), heading, corner)

    def _asked(self) -> TokenLines:
        """The question: what stands in the text, and the word that is looked for."""
        top, width, lines = self.plan.asked
        sizes = (self.plan.letters, self.style.type.token)
        for size, letters in ((size, each) for size in sizes for each in range(_LONGEST, _SHORTEST - 1, -1)):
            style = _large(self.style, size, 12)
            chips = [TokenChip(piece, style, longest=letters) for piece in self.content.example]
            asked = TokenLines([*chips, asked_for(style)], style, self.wording, width=width, lines=lines)
            if len(asked.visible) > len(chips) and asked.width <= self.style.px(width):
                break
        return asked.set_x(0).align_to(self.style.at(0, top), UP)

    def _side(self, weights: Weights, asked: Mobject, *, trained: bool) -> VGroup:
        """A model, the way of the question into it, and its guess below."""
        style, plan, gap = self.style, self.plan, self.style.px(self.style.arrow_gap)
        model = self._model(weights, trained=trained)
        edge, side = (style.right, RIGHT) if trained else (style.margin, LEFT)
        model.align_to(style.at(edge, plan.top), side).align_to(style.at(0, plan.top), UP)
        start = asked.get_edge_center(side) + gap * side
        corner = np.array([model.get_x(), start[1], 0])
        into = arrow.bent([start, corner, model.get_top() + gap * UP], style, style.palette.arrow)
        low = model.get_bottom()
        out = arrow.straight(low + gap * DOWN, low + style.px(plan.way) * DOWN, style)
        guess = self._guess(weights.guess).next_to(out, DOWN, buff=gap)
        return VGroup(model, into, out, guess.set_x(model.get_x()))

    def _model(self, weights: Weights, *, trained: bool) -> OpenBox:
        """The model's box, in its window how many values of which kind it has, and some of them."""
        style, w, plan = self.style, self.wording, self.plan
        width, height = plan.box
        words = Paragraph(
            w("{count} learned weights", count=w.count(self.content.parameters))
            if trained
            else w("{count} random weights", count=w.count(self.content.parameters)),
            style,
            size=style.type.small,
            color=style.palette.panel_text,
            width=width - 40 - 2 * plan.inside,
            lines=2,
            centred=True,
        )
        # a second line takes its room from the rows
        second = (words.height - words.lines[0].height) / style.px(1)
        cells = NumberGrid(
            weights.rows,
            style,
            w,
            columns=min(plan.columns, len(weights.rows[0])),
            width=width - 40 - 2 * plan.inside,
            height=plan.row * len(weights.rows) - second,
            largest=self.content.scale.number,
        )
        shown = VGroup(words, cells).arrange(DOWN, buff=style.px(_BELOW))
        above = w("Trained") if trained else w("Untrained")
        return OpenBox(
            self.content.subject, shown, style, width, height, trained=trained, above=above, share=0.6
        )

    def _training(self, before: VGroup, after: VGroup) -> list[Mobject]:
        """Between the models: that one of them becomes the other by training; between their guesses, how."""
        style, w, px, palette = self.style, self.wording, self.style.px, self.style.palette
        start, end = before[0].get_right()[0], after[0].get_left()[0]
        tall, outside = style.frame.is_tall, px(style.arrow_gap)
        name, size = (w("Training"), style.type.small) if tall else (w("Pre-training"), style.type.heading)
        words = Label(name, size, palette.training_text, weight="SEMIBOLD")
        share = min(1, (end - start - px(16)) / words.width)
        words.scale(share)
        gear = Gear(self.plan.gear, palette.training_text, style)
        y = before[0].get_y()
        way = arrow.straight(
            np.array([start + outside, y, 0]), np.array([end - outside, y, 0]), style, palette.training_edge
        )
        gear.next_to(way, UP, buff=px(20))
        words.next_to(gear, UP, buff=px(20))
        # the title says it too: rather no word than one that is too small to read
        found: list[Mobject] = [words, gear, way] if share * size >= style.type.small else [gear, way]
        # in the tall frame it is level with the chips, over the probabilities
        left, right = (side[-1][0] if tall else side[-1] for side in (before, after))
        edges = left.get_right()[0], right.get_left()[0]
        room = (edges[1] - edges[0]) / px(1) - 2 * style.arrow_gap
        told = Paragraph(
            w("same machine, other weights"),
            style,
            size=style.type.small,
            color=palette.muted,
            width=max(1, min(_TOLD, room)),
            lines=2,
            centred=True,
        )
        for part in found:
            part.set_x((start + end) / 2)
        if not told.shortened:
            found.append(told.set_x(sum(edges) / 2).set_y(before[-1][0].get_y()))
        return found

    def _guess(self, guess: DisplayToken) -> VGroup:
        """The token that the model holds to be the likeliest, and how likely that is."""
        style, tall = self.style, self.style.frame.is_tall
        large = _large(style, _ANSWER, 22)
        most = style.px(self.plan.box[0])
        sure = self._sure(guess, most + (style.px(_BEYOND) if tall else 0))
        room = most - (0 if tall else sure.width + style.px(28))
        for letters in range(_LONGEST, _SHORTEST - 1, -1):
            chip = TokenChip(guess, large, longest=letters)
            if chip.width <= room:
                break
        if tall:
            sure.next_to(chip, DOWN, buff=style.px(14))
        else:
            sure.next_to(chip, RIGHT, buff=style.px(28)).level_with(chip)
        return VGroup(chip, sure)

    def _sure(self, guess: DisplayToken, room: float) -> Label:
        """How likely the model holds its guess to be, in words if there is room."""
        assert guess.probability is not None
        style, chance = self.style, self.wording.percent(guess.probability)
        for text in (self.wording("{probability} sure", probability=chance), chance):
            for size in (style.type.title, style.type.body):
                label = Label(text, size, style.palette.text, weight="SEMIBOLD")
                if label.width <= room:
                    return label
        return label


def _large(style: Style, size: float, padding: float) -> Style:
    """The style with tokens of this size."""
    high = style.chip_height * size / style.type.token
    return replace(style, type=replace(style.type, token=size), chip_height=high, chip_padding=padding)

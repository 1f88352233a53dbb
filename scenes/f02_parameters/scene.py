"""Draws figure f02: training turns random values into appropriate ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Group, Mobject, VGroup, VMobject

from scenes.display_token import DisplayToken
from scenes.f02_parameters.content import Content, Weights
from scenes.loop import FigureScene
from scenes.parts import arrow
from scenes.parts.chamber import Chamber
from scenes.parts.gear import Gear
from scenes.parts.heading import Heading
from scenes.parts.histogram import Histogram
from scenes.parts.label import Label
from scenes.parts.matrix import Matrix
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.parameter_panel import ParameterPanel
from scenes.parts.token import TokenChip, asked_for
from scenes.parts.token_lines import TokenLines

_SPACE = 2  # between cells
_PADDING = 14  # left and right of a panel's words, at least
_BELOW = 18  # from the panel's words to what is below them
_WAY = 36  # of the arrows into a model and out of it, in a wide frame
_BETWEEN = 38  # from a model to the chamber below it, in a tall frame
_LONGEST, _SHORTEST = 24, 3  # letters on a chip


@dataclass(frozen=True)
class _Plan:
    """Sizes in pixels of the frame.

    Attributes:
        box: How wide a model is.
        panel: How wide the window in it is.
        shown: How high the words and the matrix in the window are, without the space between.
        histogram: How wide it is.
        top: Where the first model begins.
        asked: How wide the question is, and how many lines it may take.
    """

    box: float
    panel: float
    shown: float
    histogram: float
    top: float
    asked: tuple[float, int]


_WIDE = _Plan(700, 660, 322, 310, 268, (700, 1))
_TALL = _Plan(624, 594, 284, 276, 134, (282, 4))


class ParametersFigure(FigureScene):
    """The untrained model, the chamber, the trained model.

    In each are one and the same matrix and how its values spread; one and the same question goes into each,
    and out comes its guess.
    """

    content: ClassVar[Content]

    def compose(self) -> Group:
        w, content, tall = self.wording, self.content, self.style.frame.is_tall
        self.plan = _TALL if tall else _WIDE
        whose = w("{model} and its untrained twin", model=w.model(content.model))
        corner = self.credit(content.text_source, model=whose)
        heading = Heading([w("Training finds better values")], self.style)
        return Group(*(self._stacked(corner) if tall else self._side_by_side()), heading, corner)

    def _side_by_side(self) -> list[Mobject]:
        """The models at the left and at the right, each under its question, the chamber between them."""
        style, px, w = self.style, self.style.px, self.wording
        sides: list[VGroup] = []
        for weights, trained in self._models():
            model = self._model(weights, trained=trained, above="" if trained else w("Untrained"))
            model.align_to(style.at(0, self.plan.top), UP)
            edge, side = (style.right, RIGHT) if trained else (style.margin, LEFT)
            model.align_to(style.at(edge, 0), side)
            asked, guess = self._asked(), self._guess(weights)
            away = px(_WAY + 2 * style.arrow_gap_small)
            asked.next_to(model, UP, buff=away)
            guess.next_to(model, DOWN, buff=away)
            gap = px(style.arrow_gap_small) * DOWN
            ways = [
                arrow.straight(start + gap, end - gap, style)
                for start, end in (
                    (model.get_top() + away * UP, model.get_top()),
                    (model.get_bottom(), model.get_bottom() + away * DOWN),
                )
            ]
            sides.append(VGroup(model, asked, *ways, guess))
        before, after = sides
        between = (after[0].get_left()[0] - before[0].get_right()[0]) / px(1)
        chamber = Chamber(
            w("Unsupervised\npre-training"),
            style,
            width=between - 90,
            height=before[0].height / px(1) - 160,
            training="pre-training",
            gear=False,
            heading_width=between - 30,
        )
        chamber.set_x(0).align_to(before[0], DOWN)
        gear = Gear(130, style.palette.training_text, style).move_to(chamber.room)
        outside = px(style.arrow_gap)
        ways = [
            arrow.straight(np.array([start + outside, y, 0]), np.array([end - outside, y, 0]), style)
            for start, end, y in (
                (before[0].get_right()[0], gear.get_left()[0], gear.get_y()),
                (gear.get_right()[0], after[0].get_left()[0], gear.get_y()),
            )
        ]
        return [before, after, chamber, gear, *ways]

    def _stacked(self, corner: Mobject) -> list[Mobject]:
        """The models one below the other, each with question and guess at the right, the chamber between."""
        style, px, w = self.style, self.style.px, self.wording
        top, floor = style.at(0, self.plan.top)[1], corner.get_top()[1] + px(24)
        chamber = Chamber(
            w("Unsupervised\npre-training"),
            style,
            width=self.plan.box,
            height=112,
            training="pre-training",
            heading_width=440,
        )
        # the heading stands in the room, where no model is
        chamber[1].move_to(chamber.room)
        height = (top - floor - chamber.room.height) / px(2) - _BETWEEN
        models = [self._model(weights, trained=trained, height=height) for weights, trained in self._models()]
        for model, edge, side in zip(models, (top, floor), (UP, DOWN), strict=True):
            model.align_to(edge * UP, side).align_to(style.at(style.margin, 0), LEFT)
        chamber.set_y((models[0].get_bottom()[1] + models[1].get_top()[1]) / 2).set_x(models[0].get_x())
        sides = [
            VGroup(model, *self._beside(model, weights, trained=trained))
            for model, (weights, trained) in zip(models, self._models(), strict=True)
        ]
        ways = [
            arrow.straight(start + px(8) * DOWN, end + px(8) * UP, style)
            for start, end in (
                (models[0].get_bottom(), chamber.get_top()),
                (chamber.get_bottom(), models[1].get_top()),
            )
        ]
        return [*sides, chamber, *ways]

    def _beside(self, model: VGroup, weights: Weights, *, trained: bool) -> list[VMobject]:
        """At the right of a model: what it is, the question that goes into it, the guess that comes out."""
        style, px, w = self.style, self.style.px, self.wording
        head = Paragraph(
            w("Trained") if trained else w("Untrained"),
            style,
            size=style.type.body,
            color=style.palette.text,
            width=self.plan.asked[0],
            lines=1,
            weight="SEMIBOLD",
        )
        asked, guess = self._asked(), self._guess(weights)
        left = style.at(style.right - self.plan.asked[0], 0)
        head.align_to(left, LEFT).align_to(model, UP)
        asked.align_to(left, LEFT).next_to(head, DOWN, buff=px(20), coor_mask=np.array([0, 1, 1]))
        guess.align_to(left, LEFT).align_to(model, DOWN)
        gap = px(style.arrow_gap_small) * RIGHT
        edge = model.get_right()[0]
        ways = []
        for part, inwards in ((asked.visible[0], True), (guess[0], False)):
            near, far = (np.array([x, part.get_y(), 0]) for x in (edge, left[0]))
            start, end = (far - gap, near + gap) if inwards else (near + gap, far - gap)
            ways.append(arrow.straight(start, end, style))
        return [head, asked, *ways, guess]

    def _asked(self) -> TokenLines:
        """The question: what stands in the text, and the word that is looked for."""
        style, (width, lines) = self.style, self.plan.asked
        snug = replace(style, chip_padding=12)
        for letters in range(_LONGEST, _SHORTEST - 1, -1):
            chips = [TokenChip(piece, snug, longest=letters) for piece in self.content.example]
            asked = TokenLines([*chips, asked_for(snug)], style, self.wording, width=width, lines=lines)
            if len(asked.visible) > len(chips) and asked.width <= style.px(width):
                break
        return asked

    def _guess(self, weights: Weights) -> VGroup:
        """The token that the model holds to be the likeliest, and how likely that is."""
        style, tall, piece = self.style, self.style.frame.is_tall, weights.guess
        sure = self._sure(piece, style.px(self.plan.asked[0]))
        room = style.px(self.plan.asked[0]) - (0 if tall else sure.width + style.px(24))
        for letters in range(_LONGEST, _SHORTEST - 1, -1):
            chip = TokenChip(piece, style, longest=letters)
            if chip.width <= room:
                break
        if tall:
            sure.next_to(chip, DOWN, buff=style.px(14)).align_to(chip, LEFT)
        else:
            sure.next_to(chip, RIGHT, buff=style.px(24)).level_with(chip)
        return VGroup(chip, sure)

    def _sure(self, guess: DisplayToken, room: float) -> Label:
        """How likely the model holds its guess to be, in words if there is room."""
        assert guess.probability is not None
        style, chance = self.style, self.wording.percent(guess.probability)
        for text in (self.wording("{probability} sure", probability=chance), chance):
            for size in (style.type.body, style.type.small):
                label = Label(text, size, style.palette.text, weight="SEMIBOLD")
                if label.width <= room:
                    return label
        return label

    def _models(self) -> list[tuple[Weights, bool]]:
        """Each model's weights, and whether it is trained."""
        return [(self.content.untrained, False), (self.content.trained, True)]

    def _values(self, *, trained: bool) -> Paragraph:
        """How many weights of which kind a model has."""
        style, w = self.style, self.wording
        count = w.count(self.content.parameters)
        return Paragraph(
            w("{count} appropriate values", count=count)
            if trained
            else w("{count} random values", count=count),
            style,
            size=style.type.small,
            color=style.palette.panel_text,
            width=self.plan.panel - 2 * _PADDING,
            lines=2,
            centred=True,
        )

    def _model(
        self, weights: Weights, *, trained: bool, above: str = "", height: float | None = None
    ) -> VGroup:
        """The model's box, at its foot the panel: how many weights of which kind, and some of them."""
        style, px, columns = self.style, self.style.px, self.content.columns
        rows = len(weights.part.numbers) // columns
        # both matrices are as large as the model whose words take more lines leaves room for
        words = self._values(trained=trained)
        most = max(words.height, self._values(trained=not trained).height)
        cell = (self.plan.shown - most / px(1)) / max(columns, rows) - _SPACE
        matrix = Matrix(
            weights.part,
            columns,
            style,
            cell=cell,
            gap=_SPACE,
            largest=self.content.scale.number,
        )
        both = VGroup(matrix, self._spread(weights, matrix.height / px(1)))
        both.arrange(RIGHT, buff=px(self.plan.panel - 2 * _PADDING - self.plan.histogram) - matrix.width)
        shown = VGroup(words, both).arrange(DOWN, buff=px(_BELOW))
        panel = ParameterPanel((), shown, None, style, width=self.plan.panel)
        foot = panel.height / style.px(1) + 20
        box = ModelBox(
            self.content.subject,
            style,
            self.plan.box,
            foot + 150 if height is None else height,
            trained=trained,
            above=above,
            share=0.4,
            foot=foot,
        )
        return VGroup(box, panel.sit_in(box, style))

    def _spread(self, weights: Weights, height: float) -> VGroup:
        """How the values spread, as high as the matrix, and the words for it."""
        style, px, w, content = self.style, self.style.px, self.wording, self.content
        low, high = (w.decimal(end) for end in content.ends)
        ink = style.palette.panel_text
        words = Paragraph(
            w("how often each value occurs"),
            style,
            size=style.type.small,
            color=ink,
            width=self.plan.histogram,
            lines=2,
            centred=True,
        )

        def histogram(bars: float) -> Histogram:
            return Histogram(
                weights.histogram,
                content.edges,
                (low, high),
                w.integer(0),
                content.scale.number,
                style,
                width=self.plan.histogram,
                height=bars,
                ink=ink,
            )

        spent = (words.height + histogram(0).height) / px(1) + 12
        return VGroup(words, histogram(height - spent)).arrange(DOWN, buff=px(12))

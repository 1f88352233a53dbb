"""Draws figure f02: training turns random values into appropriate ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Group, Mobject, VGroup

from scenes.f02_parameters.content import Content, Weights
from scenes.loop import FigureScene
from scenes.parts import arrow
from scenes.parts.chamber import Chamber
from scenes.parts.gear import Gear
from scenes.parts.histogram import Histogram
from scenes.parts.matrix import Matrix
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.parameter_panel import ParameterPanel
from scenes.parts.title import title

_GAP = 340  # between the two models in a wide frame, in pixels
_SPACE = 2  # between cells
_PADDING = 20  # left and right of a panel's words, at least
_BETWEEN = 40  # from a model to the chamber below it, in a tall frame


@dataclass(frozen=True)
class _Plan:
    """Sizes in pixels of the frame.

    Attributes:
        box: How wide a model is.
        panel: How wide the window in it is.
        shown: How high the words and the matrix in the window are, without the space between.
        histogram: Width, and height of the tallest bar.
        top: Where the first model begins.
    """

    box: float
    panel: float
    shown: float
    histogram: tuple[float, float]
    top: float


_WIDE = _Plan(700, 640, 357, (700, 150), 146)
_TALL = _Plan(640, 600, 271, (292, 190), 140)


class ParametersFigure(FigureScene):
    """The untrained model, the chamber, the trained model; in each one and the same matrix, and under or
    beside it how its values spread.
    """

    content: ClassVar[Content]

    def compose(self) -> Group:
        w, content, tall = self.wording, self.content, self.style.frame.is_tall
        self.plan = _TALL if tall else _WIDE
        whose = w("{model} and its untrained twin", model=w.model(content.model))
        corner = self.credit(None, model=whose)
        heading = title(w("Same number of weights, better values"), self.style)
        return Group(*(self._stacked(corner) if tall else self._side_by_side()), heading, corner)

    def _side_by_side(self) -> list[Mobject]:
        """The models at the left and at the right, each over its histogram, the chamber between them."""
        style, px, w = self.style, self.style.px, self.wording
        before, after = (
            self._over_its_histogram(weights, trained=trained) for weights, trained in self._models()
        )
        before.align_to(style.at(style.margin, 0), LEFT)
        after.align_to(style.at(style.right, 0), RIGHT)
        top = self.plan.top + 160
        bottom = style.at(0, 0)[1] - before[0].get_bottom()[1]
        chamber = Chamber(
            w("Unsupervised\npre-training"),
            style,
            width=250,
            height=bottom / px(1) - top,
            training="pre-training",
            gear=False,
            heading_width=_GAP - 30,
        )
        chamber.shift(style.at(style.frame.width / 2, top) - chamber.room.get_top())
        gear = Gear(130, style.palette.training_text, style).move_to(chamber.room)
        outside, (_, histogram) = px(style.arrow_gap), before
        assert isinstance(histogram, Histogram)
        ways = [
            arrow.straight(np.array([start + outside, y, 0]), np.array([end - outside, y, 0]), style)
            for start, end, y in (
                (before[0].get_right()[0], gear.get_left()[0], gear.get_y()),
                (gear.get_right()[0], after[0].get_left()[0], gear.get_y()),
                (chamber.get_left()[0], chamber.get_right()[0], histogram.axis.get_y()),
            )
        ]
        spread = self._spread(_GAP - 50)
        spread.next_to(ways[-1], UP, buff=px(20))
        return [before, after, chamber, gear, *ways, spread]

    def _stacked(self, corner: Mobject) -> list[Mobject]:
        """The models one below the other, each with its histogram at the right, the chamber between them."""
        style, px, w = self.style, self.style.px, self.wording
        top, floor = style.at(0, self.plan.top)[1], corner.get_top()[1] + px(28)
        chamber = Chamber(
            w("Unsupervised\npre-training"),
            style,
            width=self.plan.box,
            height=114,
            training="pre-training",
            heading_width=440,
        )
        # the heading stands in the room, where no model is
        chamber[1].move_to(chamber.room)
        height = (top - floor - chamber.room.height) / px(2) - _BETWEEN
        boxes, columns = VGroup(), VGroup()
        for weights, trained in self._models():
            boxes.add(self._model(weights, trained=trained, height=height))
            name = w("Trained") if trained else w("Untrained")
            columns.add(VGroup(self._heading(name), self._histogram(weights)))
        before, after = boxes
        before.align_to(top * UP, UP)
        after.align_to(floor * UP, DOWN)
        chamber.set_y((before.get_bottom()[1] + after.get_top()[1]) / 2)
        VGroup(before, chamber, after).set_x(style.at(style.margin + self.plan.box / 2, 0)[0])
        for (head, histogram), model in zip(columns, boxes, strict=True):
            histogram.align_to(style.at(style.right, 0), RIGHT).align_to(model, DOWN)
            head.align_to(histogram, LEFT).align_to(model, UP)
        ways = [
            arrow.straight(start + px(8) * DOWN, end + px(8) * UP, style)
            for start, end in (
                (before.get_bottom(), chamber.get_top()),
                (chamber.get_bottom(), after.get_top()),
            )
        ]
        spread = self._spread(self.plan.histogram[0])
        spread.move_to(chamber).set_x(columns.get_x())
        return [*boxes, *columns, chamber, *ways, spread]

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

    def _over_its_histogram(self, weights: Weights, *, trained: bool) -> VGroup:
        """A model with its matrix, and how the matrix's values spread."""
        style, above = self.style, "" if trained else self.wording("Untrained")
        model = self._model(weights, trained=trained, above=above).align_to(style.at(0, self.plan.top), UP)
        histogram = self._histogram(weights)
        histogram.shift(style.at(0, 914) - histogram.axis.get_corner(UP + LEFT)).align_to(model, LEFT)
        return VGroup(model, histogram)

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
        shown = VGroup(words, matrix).arrange(DOWN, buff=px(18))
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

    def _histogram(self, weights: Weights) -> Histogram:
        w, content = self.wording, self.content
        width, height = self.plan.histogram
        low, high = (w.decimal(end) for end in content.ends)
        return Histogram(
            weights.histogram,
            content.edges,
            (low, high),
            content.scale.number,
            self.style,
            width=width,
            height=height,
        )

    def _heading(self, text: str) -> Paragraph:
        style = self.style
        return Paragraph(
            text,
            style,
            size=style.type.body,
            color=style.palette.text,
            width=self.plan.histogram[0],
            lines=1,
            weight="SEMIBOLD",
        )

    def _spread(self, width: float) -> Paragraph:
        """What the histograms are."""
        style = self.style
        return Paragraph(
            self.wording("how often each value occurs"),
            style,
            size=style.type.small,
            color=style.palette.text,
            width=width,
            lines=3,
            centred=True,
        )

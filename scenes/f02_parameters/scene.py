"""Draws figure f02: training turns random values into appropriate ones."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Group, Rectangle, VGroup, VMobject

from scenes.f02_parameters.content import Content, Grid, Kind, Parameters
from scenes.loop import FigureScene
from scenes.parts import arrow
from scenes.parts.chamber import Chamber
from scenes.parts.credit import credit
from scenes.parts.gear import Gear
from scenes.parts.histogram import Histogram
from scenes.parts.label import Label
from scenes.parts.matrix import Matrix
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.parameter_panel import ParameterPanel

_BOX, _PANEL = 700, 672  # pixels
_GAP = 340  # between the two models
_ROOM = 640, 372  # for the matrices: width and height in pixels
_SPACE = 2  # between cells
_CELLS = (13, 12, 11, 10, 9, 8, 7, 6, 5)  # sides of a cell, in pixels
_NAME = 200  # the least room for a matrix's name


class ParametersFigure(FigureScene):
    """The untrained model, the chamber, the trained model; in each its parameters, under each all of them."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, px, w = self.style, self.style.px, self.wording
        content = self.content
        before = self._model(content.untrained, w("random values"), trained=False)
        after = self._model(content.trained, w("appropriate values"), trained=True)
        before.align_to(style.at(style.margin, 0), LEFT)
        after.align_to(style.at(style.right, 0), RIGHT)
        top = 200
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
        chamber.shift(style.at(960, top) - chamber.room.get_top())
        gear = Gear(130, style.palette.training_text, style).move_to(chamber.room)
        outside = px(style.arrow_gap)
        ways = [
            arrow.straight(np.array([start + outside, y, 0]), np.array([end - outside, y, 0]), style)
            for start, end, y in (
                (before[0].get_right()[0], gear.get_left()[0], gear.get_y()),
                (gear.get_right()[0], after[0].get_left()[0], gear.get_y()),
                (chamber.get_left()[0], chamber.get_right()[0], before[1].get_y()),
            )
        ]
        whole = Paragraph(
            w("all weights of layer 1"),
            style,
            size=style.type.small,
            color=style.palette.text,
            width=_GAP - 50,
            lines=3,
            centred=True,
        )
        whole.next_to(ways[-1], UP, buff=px(20))
        corner = credit(w("{model} and its untrained twin", model=w.model(content.model)), None, style, w)
        return Group(before, after, chamber, gear, *ways, whole, corner)

    def _model(self, content: Parameters, values: str, *, trained: bool) -> VGroup:
        """A model with the parameters of its first layer, and the histogram of all of them."""
        style, px, w = self.style, self.style.px, self.wording
        count = w("{count} parameters", count=w.count(self.content.parameters.number))
        panel = ParameterPanel((count, values), self._matrices(content), None, style, width=_PANEL)
        foot = panel.height / px(1) + 20
        box = ModelBox(
            self.content.subject,
            style,
            _BOX,
            foot + 158,
            trained=trained,
            above="" if trained else w("Untrained"),
            share=0.4,
            foot=foot,
        )
        box.align_to(style.at(0, 56), UP)
        model = VGroup(box, panel.sit_in(box, style))
        ends = self.content.ends
        histogram = Histogram(
            content.histogram.numbers,
            self.content.edges.numbers,
            (w.decimal(ends[0].number), w.decimal(ends[1].number)),
            w("{count}\nweights", count=w.count(content.tallest.number)),
            style,
            width=_BOX,
            height=160,
        )
        histogram.shift(style.at(0, 926) - histogram.axis.get_left()).align_to(box, LEFT)
        return VGroup(model, histogram)

    def _matrices(self, content: Parameters) -> VGroup:
        """All matrices, in cells as large as there is room for."""
        for cell in _CELLS:
            # outlines tell how large it will be, in a hundredth of the time
            size = self._set(content, partial(self._outline, cell))
            if size.width <= self.style.px(_ROOM[0]) and size.height <= self.style.px(_ROOM[1]):
                break
        return self._set(
            content,
            lambda grid: Matrix(
                grid.weights.numbers,
                grid.columns,
                self.style,
                cell=cell,
                gap=_SPACE,
                largest=grid.scale.number,
            ),
        )

    def _outline(self, cell: float, grid: Grid) -> Rectangle:
        """As large as the matrix in cells of this side."""
        rows = len(grid.weights.numbers) // grid.columns
        wide, high = (self.style.px(count * (cell + _SPACE) - _SPACE) for count in (grid.columns, rows))
        return Rectangle(width=wide, height=high)

    def _set(self, content: Parameters, draw: Callable[[Grid], VMobject]) -> VGroup:
        """Attention's matrices in a row, and below them the feed-forward ones; under each its scale."""
        px = self.style.px
        drawn = [(grid.kind, self._scaled(grid, draw(grid))) for grid in content.grids]
        attention = VGroup(*(self._named(kind, cells) for kind, cells in drawn if kind != "feed-forward"))
        attention.arrange(RIGHT, buff=px(18), aligned_edge=DOWN)
        forward = VGroup(*(cells for kind, cells in drawn if kind == "feed-forward"))
        forward.arrange(RIGHT, buff=px(24), aligned_edge=DOWN)
        return VGroup(attention, self._named("feed-forward", forward)).arrange(DOWN, buff=px(18))

    def _scaled(self, grid: Grid, cells: VMobject) -> VGroup:
        """A matrix over the value of full colour."""
        text = self.wording("±{value}", value=self.wording.significant(grid.scale.number))
        label = Label(text, self.style.type.small, self.style.palette.panel_text)
        return VGroup(cells, label).arrange(DOWN, buff=self.style.px(6))

    def _named(self, kind: Kind, cells: VMobject) -> VGroup:
        """A matrix over its name, which may take two lines where the matrix is wide."""
        w = self.wording
        names: dict[Kind, str] = {
            "query": w("query"),
            "key": w("key"),
            "value": w("value"),
            "q, k, v": w("q, k, v"),
            "output": w("output"),
            "feed-forward": w("feed-forward"),
        }
        style = self.style
        lines = Paragraph(
            names[kind],
            style,
            size=style.type.small,
            color=style.palette.panel_text,
            width=max(cells.width / style.px(1), _NAME),
            lines=2,
            centred=True,
        )
        return VGroup(cells, lines).arrange(DOWN, buff=style.px(2))

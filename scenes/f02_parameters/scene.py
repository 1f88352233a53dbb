"""Draws figure f02: training turns random values into appropriate ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Group, Mobject, Rectangle, VGroup, VMobject

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

_GAP = 340  # between the two models in a wide frame, in pixels
_SPACE = 2  # between cells
_CELLS = (13, 12, 11, 10, 9, 8, 7, 6, 5)  # sides of a cell, in pixels
_NAME = 200  # the least room for a matrix's name
_BETWEEN = 40  # from a model to the chamber below it, in a tall frame


@dataclass(frozen=True)
class _Plan:
    """Sizes in pixels of the frame.

    Attributes:
        box: How wide a model is.
        panel: How wide the window in it is.
        room: Width and height for the matrices.
        histogram: Width, and height of the tallest bar.
    """

    box: float
    panel: float
    room: tuple[float, float]
    histogram: tuple[float, float]


_WIDE = _Plan(700, 672, (640, 372), (700, 160))
_TALL = _Plan(670, 642, (612, 276), (262, 180))


class ParametersFigure(FigureScene):
    """The untrained model, the chamber, the trained model; in each its parameters, beside or under it all
    of them.
    """

    content: ClassVar[Content]

    def compose(self) -> Group:
        w, content, tall = self.wording, self.content, self.style.frame.is_tall
        self.plan = _TALL if tall else _WIDE
        whose = w("{model} and its untrained twin", model=w.model(content.model))
        corner = credit(whose, None, self.style, w)
        return Group(*(self._stacked(corner) if tall else self._side_by_side()), corner)

    def _side_by_side(self) -> list[Mobject]:
        """The models at the left and at the right, each over its histogram, the chamber between them."""
        style, px, w = self.style, self.style.px, self.wording
        before, after = (
            self._over_its_histogram(parameters, values, trained=trained)
            for parameters, values, trained in self._models()
        )
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
        chamber.shift(style.at(style.frame.width / 2, top) - chamber.room.get_top())
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
        whole = self._text(w("all weights of layer 1"), _GAP - 50, lines=3, centred=True)
        whole.next_to(ways[-1], UP, buff=px(20))
        return [before, after, chamber, gear, *ways, whole]

    def _stacked(self, corner: Mobject) -> list[Mobject]:
        """The models one below the other, each with its histogram at the right, the chamber between them."""
        style, px, w = self.style, self.style.px, self.wording
        top, floor = style.at(0, 36)[1], corner.get_top()[1] + px(28)
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
        for parameters, values, trained in self._models():
            panel = self._panel((self._count(),), parameters)
            box = self._box(height, panel, trained=trained)
            boxes.add(VGroup(box, panel.sit_in(box, style)))
            columns.add(self._column(parameters, values, trained=trained))
        before, after = boxes
        before.align_to(top * UP, UP)
        after.align_to(floor * UP, DOWN)
        chamber.set_y((before.get_bottom()[1] + after.get_top()[1]) / 2)
        VGroup(before, chamber, after).set_x(style.at(style.margin + self.plan.box / 2, 0)[0])
        for column, model in zip(columns, boxes, strict=True):
            heads, histogram = column
            column.align_to(style.at(style.right, 0), RIGHT)
            heads.align_to(model, UP)
            histogram.align_to(model, DOWN)
        ways = [
            arrow.straight(start + px(8) * DOWN, end + px(8) * UP, style)
            for start, end in (
                (before.get_bottom(), chamber.get_top()),
                (chamber.get_bottom(), after.get_top()),
            )
        ]
        whole = self._text(w("all weights of layer 1"), self.plan.histogram[0], lines=2, centred=True)
        whole.next_to(before, DOWN, buff=px(24)).set_x(columns.get_x())
        end = np.array([columns.get_x(), after.get_top()[1], 0])
        ways.append(arrow.straight(whole.get_bottom() + px(16) * DOWN, end + px(16) * UP, style))
        return [*boxes, *columns, chamber, *ways, whole]

    def _models(self) -> list[tuple[Parameters, str, bool]]:
        """Each model's parameters, what their values are, and whether it is trained."""
        content, w = self.content, self.wording
        return [
            (content.untrained, w("random values"), False),
            (content.trained, w("appropriate values"), True),
        ]

    def _over_its_histogram(self, content: Parameters, values: str, *, trained: bool) -> VGroup:
        """A model with the parameters of its first layer, and the histogram of all of them."""
        style, px = self.style, self.style.px
        panel = self._panel((self._count(), values), content)
        above = "" if trained else self.wording("Untrained")
        box = self._box(panel.height / px(1) + 20 + 158, panel, trained=trained, above=above)
        box.align_to(style.at(0, 56), UP)
        model = VGroup(box, panel.sit_in(box, style))
        histogram = self._histogram(content)
        histogram.shift(style.at(0, 926) - histogram.axis.get_left()).align_to(box, LEFT)
        return VGroup(model, histogram)

    def _column(self, content: Parameters, values: str, *, trained: bool) -> VGroup:
        """What stands beside a model: what it is, and the histogram of its first layer."""
        style, px, w = self.style, self.style.px, self.wording
        width = self.plan.histogram[0]
        heading = Paragraph(
            w("Trained") if trained else w("Untrained"),
            style,
            size=style.type.body,
            color=style.palette.text,
            width=width,
            lines=1,
            weight="SEMIBOLD",
        )
        heads = VGroup(heading, self._text(values, width, lines=2))
        heads.arrange(DOWN, buff=px(10), aligned_edge=LEFT)
        histogram = self._histogram(content, peak_above=True)
        return VGroup(heads.align_to(histogram.axis, LEFT), histogram)

    def _count(self) -> str:
        w = self.wording
        return w("{count} parameters", count=w.count(self.content.parameters))

    def _panel(self, lines: tuple[str, ...], content: Parameters) -> ParameterPanel:
        return ParameterPanel(lines, self._matrices(content), None, self.style, width=self.plan.panel)

    def _box(self, height: float, panel: ParameterPanel, *, trained: bool, above: str = "") -> ModelBox:
        """The model's box of this height, with room at its foot for the panel."""
        return ModelBox(
            self.content.subject,
            self.style,
            self.plan.box,
            height,
            trained=trained,
            above=above,
            share=0.4,
            foot=panel.height / self.style.px(1) + 20,
        )

    def _histogram(self, content: Parameters, *, peak_above: bool = False) -> Histogram:
        w, ends = self.wording, self.content.ends
        width, height = self.plan.histogram
        return Histogram(
            content.histogram,
            self.content.edges,
            (w.decimal(ends[0]), w.decimal(ends[1])),
            w("{count}\nweights", count=w.count(content.tallest)),
            self.style,
            width=width,
            height=height,
            peak_above=peak_above,
        )

    def _text(self, text: str, width: float, *, lines: int, centred: bool = False) -> Paragraph:
        """Small text in a few lines."""
        style = self.style
        return Paragraph(
            text,
            style,
            size=style.type.small,
            color=style.palette.text,
            width=width,
            lines=lines,
            centred=centred,
        )

    def _matrices(self, content: Parameters) -> VGroup:
        """All matrices, in cells as large as there is room for."""
        room = self.plan.room
        for cell in _CELLS:
            # outlines tell how large it will be, in a hundredth of the time
            size = self._set(content, partial(self._outline, cell))
            if size.width <= self.style.px(room[0]) and size.height <= self.style.px(room[1]):
                break
        return self._set(
            content,
            lambda grid: Matrix(
                grid.weights,
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
        text = self.wording("±{value}", value=self.wording.significant(grid.scale))
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

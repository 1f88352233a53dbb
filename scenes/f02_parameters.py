"""Figure: training turns random values into appropriate ones."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Literal

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Group, Rectangle, VGroup, VMobject

from model_trace.trace import Block, Trace
from scenes.facts import GPT3, Subject
from scenes.loop import FigureScene
from scenes.parts import arrow
from scenes.parts.chamber import Chamber
from scenes.parts.colour_scale import ColourScale
from scenes.parts.credit import credit
from scenes.parts.gear import Gear
from scenes.parts.histogram import Histogram
from scenes.parts.matrix import Matrix
from scenes.parts.model_box import ModelBox
from scenes.parts.paragraph import Paragraph
from scenes.parts.parameter_panel import ParameterPanel
from scenes.shown import LARGEST, NEARLY_LARGEST, Shown, Source, recorded

Kind = Literal["query", "key", "value", "q, k, v", "output", "feed-forward"]

_BOX, _PANEL = 650, 622  # pixels
_GAP = 440  # between the two models
_ROOM = 596, 290  # for the matrices: width and height in pixels
_SPACE = 2  # between cells
_CELLS = (13, 12, 11, 10, 9, 8, 7, 6, 5)  # sides of a cell, in pixels
_NAME = 240  # the least room for a matrix's name
_MOST = 16  # cells along the longest side of the largest matrix
# what the families call the matrices of attention
_KINDS: dict[str, Kind] = {
    "q_proj": "query",
    "k_proj": "key",
    "v_proj": "value",
    "c_attn": "q, k, v",
    "query_key_value": "q, k, v",
}


@dataclass(frozen=True)
class Grid:
    """A part of one matrix, row by row as it is drawn: as large as the matrix is beside the others."""

    kind: Kind
    columns: int
    weights: Shown


@dataclass(frozen=True)
class Parameters:
    """A model's layer 1: parts of its matrices, and how many of all of its weights fall into which bin."""

    grids: tuple[Grid, ...]
    scale: Shown
    histogram: Shown
    tallest: Shown


@dataclass(frozen=True)
class Content:
    """The same of the untrained model and of the trained one."""

    model: str
    subject: str
    parameters: Shown
    edges: Shown
    ends: tuple[Shown, Shown]
    untrained: Parameters
    trained: Parameters


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """What the figure says of this trace: the untrained twin's layer 1 and the model's own."""
    edges = "training/histogram_edges"
    last = trace.tensor(edges).shape[0] - 1
    return Content(
        model=trace.model.label,
        subject=subject.name,
        parameters=subject.parameters,
        edges=recorded(trace, "colour", Source(edges, ())),
        ends=(
            recorded(trace, "decimal", Source(edges, (0,))),
            recorded(trace, "decimal", Source(edges, (last,))),
        ),
        untrained=_parameters(trace, "untrained"),
        trained=_parameters(trace, "trained"),
    )


def _parameters(trace: Trace, prefix: str) -> Parameters:
    blocks = trace.training.first_layer
    # many experts in one matrix do not make all others small
    longest = max(min(size, 4 * trace.model.d_model) for block in blocks for size in block.shape)
    unit = longest / _MOST
    kinds = [_kind(block) for block in blocks]
    last = max(place for place, kind in enumerate(kinds) if kind == "feed-forward")
    grids, sources = [], []
    for place, (block, kind) in enumerate(zip(blocks, kinds, strict=True)):
        rows, columns = (
            min(size, max(1, round(side / unit))) for size, side in zip(block.size, block.shape, strict=True)
        )
        # feed-forward matrices are turned: the last stands, those before it lie
        turned = kind == "feed-forward" and (rows > columns) != (place == last)
        pairs = [(row, column) for row in range(rows) for column in range(columns)]
        if turned:
            pairs = [(row, column) for column in range(columns) for row in range(rows)]
        index = tuple(zip(*pairs, strict=True))
        source = Source(f"{prefix}/weights", (place, index[0], index[1]))
        sources.append(source)
        grids.append(Grid(kind, rows if turned else columns, recorded(trace, "colour", source)))
    everything = Source(f"{prefix}/histograms", (len(blocks),))
    return Parameters(
        grids=tuple(grids),
        scale=recorded(trace, "significant", *sources, formula=NEARLY_LARGEST),
        histogram=recorded(trace, "colour", everything),
        tallest=recorded(trace, "count", everything, formula=LARGEST),
    )


def _kind(block: Block) -> Kind:
    """What a matrix is for, by the name its family gives it."""
    *path, name = block.parameter.removesuffix(".weight").split(".")
    if not any("attn" in part or "attention" in part for part in path):
        return "feed-forward"
    return _KINDS.get(name, "output")


class ParametersFigure(FigureScene):
    """The untrained model, the chamber, the trained model; in each its parameters, under each all of them."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, px, w = self.style, self.style.px, self.wording
        said = self.content
        before = self._model(said.untrained, w("random values"), trained=False)
        after = self._model(said.trained, w("appropriate values"), trained=True)
        before.align_to(style.at(style.margin, 0), LEFT)
        after.align_to(style.at(1920 - style.margin, 0), RIGHT)
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
        outside = px(14)
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
        corner = credit(w("{model} and its untrained twin", model=w.model(said.model)), None, style, w)
        return Group(before, after, chamber, gear, *ways, whole, corner)

    def _model(self, said: Parameters, values: str, *, trained: bool) -> VGroup:
        """A model with the parameters of its first layer, and the histogram of all of them."""
        style, px, w = self.style, self.style.px, self.wording
        scale = ColourScale(
            w("±{value} or more", value=w.significant(said.scale.number)), style, style.palette.panel_text
        )
        count = w("{count} parameters", count=w.count(self.content.parameters.number))
        panel = ParameterPanel((count, values), self._matrices(said), scale, style, width=_PANEL)
        foot = panel.height / px(1) + 20
        box = ModelBox(
            self.content.subject,
            style,
            _BOX,
            foot + 176,
            trained=trained,
            above="" if trained else w("Untrained"),
            share=0.4,
            foot=foot,
        )
        box.align_to(style.at(0, 56), UP)
        model = VGroup(box, panel.sit_in(box, style))
        ends = self.content.ends
        histogram = Histogram(
            said.histogram.numbers,
            self.content.edges.numbers,
            (w.decimal(ends[0].number), w.decimal(ends[1].number)),
            w("{count}\nweights", count=w.count(said.tallest.number)),
            style,
            width=_BOX,
            height=160,
        )
        histogram.shift(style.at(0, 926) - histogram.axis.get_left()).align_to(box, LEFT)
        return VGroup(model, histogram)

    def _matrices(self, said: Parameters) -> VGroup:
        """All matrices, in cells as large as there is room for."""
        for cell in _CELLS:
            # outlines tell how large it will be, in a hundredth of the time
            size = self._set(said, partial(self._outline, cell))
            if size.width <= self.style.px(_ROOM[0]) and size.height <= self.style.px(_ROOM[1]):
                break
        most = said.scale.number
        return self._set(
            said,
            lambda grid: Matrix(
                grid.weights.numbers, grid.columns, self.style, cell=cell, gap=_SPACE, largest=most
            ),
        )

    def _outline(self, cell: float, grid: Grid) -> Rectangle:
        """As large as the matrix in cells of this side."""
        rows = len(grid.weights.numbers) // grid.columns
        wide, high = (self.style.px(count * (cell + _SPACE) - _SPACE) for count in (grid.columns, rows))
        return Rectangle(width=wide, height=high)

    def _set(self, said: Parameters, draw: Callable[[Grid], VMobject]) -> VGroup:
        """Attention's matrices two by two, and beside them the feed-forward ones."""
        px = self.style.px
        drawn = [(grid.kind, draw(grid)) for grid in said.grids]
        attention = VGroup(*(self._named(kind, cells) for kind, cells in drawn if kind != "feed-forward"))
        columns = 2 if len(attention) > 2 else 1
        attention.arrange_in_grid(cols=columns, buff=(px(18), px(18)), cell_alignment=DOWN)
        *lying, standing = (cells for kind, cells in drawn if kind == "feed-forward")
        forward = VGroup(VGroup(*lying).arrange(DOWN, buff=px(18)), standing).arrange(RIGHT, buff=px(24))
        beside = self._named("feed-forward", forward)
        return VGroup(attention, beside).arrange(RIGHT, buff=px(28))

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
        return VGroup(cells, lines).arrange(DOWN, buff=style.px(8))

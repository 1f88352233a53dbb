"""Figure 2: the cells are the recorded weights, and the histogram counts all of layer 1."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model_trace.trace import Trace
from scenes.f02_parameters.content import content
from scenes.f02_parameters.transcript import words
from scenes.parts.label import Label
from scenes.wording import Wording
from tests.scenes.test_layout import box, rests

# of a tiny llama: the kinds of its matrices, and rows and columns drawn of each, turned ones as recorded
KINDS = ("query", "key", "value", "output", "feed-forward", "feed-forward", "feed-forward")
SHAPES = ((11, 11), (5, 11), (5, 11), (11, 11), (16, 11), (16, 11), (11, 16))


@pytest.mark.parametrize("prefix", ["untrained", "trained"])
def test_cells_are_recorded_weights(prefix: str, training: Trace) -> None:
    said = getattr(content(training), prefix)
    blocks = training.values(f"{prefix}/weights")
    assert tuple(grid.kind for grid in said.grids) == KINDS
    for place, (grid, (rows, columns)) in enumerate(zip(said.grids, SHAPES, strict=True)):
        part = blocks[place, :rows, :columns].astype(float)
        # feed-forward matrices lie
        seen = part.T if grid.kind == "feed-forward" and rows > columns else part
        assert grid.columns == seen.shape[1]
        assert np.array_equal(grid.weights.numbers, seen.ravel())
        assert grid.scale.number == pytest.approx(np.percentile(np.abs(part), 95))


def test_each_matrix_has_its_own_printed_scale(training: Trace) -> None:
    said = content(training)
    _, stages = rests("f02", said)
    family = [part for mobject in stages[0] for part in mobject.get_family()]
    printed = [part.text for part in family if isinstance(part, Label) and part.text.startswith("±")]
    scales = [grid.scale.number for model in (said.untrained, said.trained) for grid in model.grids]
    assert printed == [f"±{Wording().significant(scale)}" for scale in scales]
    assert len(set(printed)) > 4


def test_the_caption_says_that_values_spread_only_if_they_do(training: Trace) -> None:
    said = content(training)
    low, high = (replace(said.trained.tallest, value=value) for value in (1, 10**9))
    for tallest, told in ((low, True), (high, False)):
        spread = replace(said, trained=replace(said.trained, tallest=tallest))
        assert bool(words(spread, Wording()).finding) is told


@pytest.mark.parametrize("prefix", ["untrained", "trained"])
def test_the_histogram_is_of_the_whole_layer(prefix: str, training: Trace) -> None:
    said = getattr(content(training), prefix)
    beyond = training.values(f"{prefix}/histogram_outside", -1).sum()
    every = sum(np.prod(block.shape) for block in training.training.first_layer)
    assert sum(said.histogram.numbers) + beyond == every
    assert said.tallest.number == max(said.histogram.numbers)


def test_all_that_belongs_to_a_model_is_inside_its_box(training: Trace) -> None:
    scene, stages = rests("f02", content(training))
    before, after, *_ = stages[0]
    for model in (before, after):
        (whole, panel), *_ = model
        outer, inner = box(whole, "box"), box(panel, "panel")
        assert outer.left < inner.left and inner.right < outer.right and outer.bottom < inner.bottom
        shown = box(panel.shown, "matrices")
        assert inner.left < shown.left and shown.right < inner.right
    assert not scene.beats

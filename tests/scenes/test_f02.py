"""Figure 2: the cells are the recorded weights, and the histograms count all of the matrix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model_trace.trace import Trace
from scenes.f02_parameters.content import content
from scenes.f02_parameters.transcript import words
from scenes.parts.label import Label
from scenes.parts.matrix import Matrix
from scenes.wording import Wording
from tests.scenes.test_layout import box, rests


@pytest.mark.parametrize("prefix", ["untrained", "trained"])
def test_cells_are_recorded_weights(prefix: str, training: Trace) -> None:
    said = content(training)
    block = training.values(f"{prefix}/weights")[0]
    assert said.columns == block.shape[1]
    assert np.array_equal(getattr(said, prefix).part.numbers, block.ravel())


def test_both_matrices_are_on_one_scale_that_half_of_the_trained_weights_reach(training: Trace) -> None:
    said = content(training)
    sizes = np.abs(said.trained.part.numbers)
    assert np.mean(sizes >= said.scale.number) == pytest.approx(0.5, abs=1 / len(sizes))
    _, stages = rests("f02", said)
    drawn = [part for mobject in stages[0] for part in mobject.get_family() if isinstance(part, Matrix)]
    assert [matrix.largest for matrix in drawn] == 2 * [said.scale.number]


def test_no_scale_and_no_name_of_a_matrix_is_printed(training: Trace) -> None:
    _, stages = rests("f02", content(training))
    family = [part for mobject in stages[0] for part in mobject.get_family()]
    printed = " ".join(part.text for part in family if isinstance(part, Label))
    assert "±" not in printed and "query" not in printed


def test_the_finding_says_that_values_spread_only_if_they_do(training: Trace) -> None:
    said = content(training)
    for highest, told in ((1, True), (10**9, False)):
        bins = (float(highest), *(0.0 for _ in said.trained.histogram.numbers[1:]))
        histogram = replace(said.trained.histogram, value=bins)
        spread = replace(said, trained=replace(said.trained, histogram=histogram))
        assert bool(words(spread, Wording()).finding) is told


@pytest.mark.parametrize("prefix", ["untrained", "trained"])
def test_the_histogram_is_of_the_whole_matrix(prefix: str, training: Trace) -> None:
    said = getattr(content(training), prefix)
    beyond = training.values(f"{prefix}/histogram_outside", 0).sum()
    every = np.prod(training.training.first_layer[0].shape)
    assert sum(said.histogram.numbers) + beyond == every


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

"""Figure 2: the numbers are the recorded weights, on one scale of colours."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model_trace.trace import Trace
from scenes.f02_parameters.content import content
from scenes.f02_parameters.transcript import words
from scenes.parts.label import Label
from scenes.parts.number_grid import NumberGrid
from scenes.wording import Wording
from tests.scenes.test_layout import box, rests


@pytest.mark.parametrize("prefix", ["untrained", "trained"])
def test_the_numbers_are_recorded_weights(prefix: str, training: Trace) -> None:
    rows = getattr(content(training), prefix).rows
    block = training.values(f"{prefix}/weights")[0]
    for row, weights in enumerate(rows):
        assert [weight.number for weight in weights] == [float(each) for each in block[row, : len(weights)]]
    assert len(rows[-1]) == len(rows[0]) - 1


def test_both_models_are_on_one_scale_that_half_of_the_trained_weights_reach(training: Trace) -> None:
    said = content(training)
    sizes = np.abs(training.values("trained/weights")[0])
    assert np.mean(sizes >= said.scale.number) == pytest.approx(0.5, abs=1 / sizes.size)
    _, stages = rests("f02", said)
    drawn = [part for mobject in stages[0] for part in mobject.get_family() if isinstance(part, NumberGrid)]
    assert [grid.largest for grid in drawn] == 2 * [said.scale.number]


def test_there_is_an_ellipsis_since_a_matrix_has_more_weights(training: Trace) -> None:
    said = content(training)
    _, stages = rests("f02", said)
    family = [part for mobject in stages[0] for part in mobject.get_family()]
    grids = [part for part in family if isinstance(part, NumberGrid)]
    for grid, rows in zip(grids, (said.untrained.rows, said.trained.rows), strict=True):
        printed = [cell[1].text for cell in grid]
        weights = [Wording().decimal(weight) for row in rows for weight in row]
        assert printed == [*weights, "…"]


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
        (whole, window, weights), *_ = model
        outer, inner = box(whole, "box"), box(window, "window")
        assert outer.left < inner.left and inner.right < outer.right and outer.bottom < inner.bottom
        shown = box(weights, "weights")
        assert inner.left < shown.left and shown.right < inner.right
    assert not scene.beats

"""03 shows the training that was recorded: its values, its scales, its gain."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pytest
from pydantic import TypeAdapter

from model_trace.trace import Trace, TraceError
from scenes.s03_training_step.content import Content, content
from scenes.traced_value import RATIO, Recorded, compute, traced_values
from tests.model_trace.families import TEXT, save_model

if TYPE_CHECKING:
    from model_trace.models.checkpoints import Checkpoint


@pytest.fixture(scope="module")
def training(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """A tiny llama's untrained twin learning for four steps."""
    from model_trace.learning.training import record_training
    from model_trace.models import checkpoints

    folder = save_model(tmp_path_factory.mktemp("models") / "llama", "llama")
    return record_training(checkpoints.load(str(folder)), TEXT[:30], seed=3, steps=4)


@pytest.fixture(scope="module")
def said(training: Trace) -> Content:
    return content(training)


def test_every_value_stands_in_the_trace(said: Content, training: Trace) -> None:
    for path, shown in traced_values(said):
        assert isinstance(shown.origin, Recorded), path
        if shown.form not in ("text", "bytes"):
            assert np.array_equal(np.ravel(shown.value), compute(training, shown.origin).ravel()), path
    adapter = TypeAdapter(Content)
    assert adapter.validate_json(adapter.dump_json(said)) == said


def test_the_error_is_that_of_the_labels_probability(said: Content) -> None:
    assert said.error.number == pytest.approx(-math.log(said.probabilities[0].number), rel=1e-5)


def test_every_step_has_its_probability(said: Content, training: Trace) -> None:
    recorded = training.values("training/next_probability")
    assert [chance.number for chance in said.probabilities] == [float(value) for value in recorded]
    assert len(said.probabilities) == 5


def test_the_gain_is_the_first_steps(said: Content) -> None:
    before, after = said.probabilities[:2]
    assert said.gain.number == after.number / before.number
    assert isinstance(said.gain.origin, Recorded)
    assert said.gain.origin.formula == RATIO


def test_each_block_has_its_own_scale(said: Content, training: Trace) -> None:
    for block, name in ((said.weights, "block_before"), (said.change, "block_change")):
        values = training.values(f"training/{name}")
        assert block.values.numbers == tuple(float(value) for value in values.ravel())
        assert block.columns == values.shape[1]
        assert block.largest.number == float(np.abs(values).max())


def test_the_label_is_marked_among_the_predicted(said: Content, training: Trace) -> None:
    marked = [row for row in said.prediction if row.chosen]
    assert len(said.prediction) == 4
    assert [row.token.text for row in marked if row.token] == [said.label.text]
    assert marked[0].probability.number == said.probabilities[0].number
    assert said.label.text.encode() == training.training.label.bytes
    assert "".join(piece.text for piece in said.features if piece.part == "input") == "".join(
        token.text for token in training.training.features
    )


def test_a_generation_is_refused(embedded: Checkpoint) -> None:
    from model_trace.recording import generation

    with pytest.raises(TraceError, match="holds no training"):
        content(generation.record(embedded, "Hi", max_new_tokens=1))

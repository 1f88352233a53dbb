"""Loop 02: the same example asked of the untrained twin and of the trained model."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model_trace.trace import Trace
from scenes import facts
from scenes.s02_training_language_model.content import content


def test_the_example_is_the_trainings_own(training: Trace) -> None:
    said = content(training)
    *features, label = (piece.text for piece in said.example)
    assert features == [token.text for token in training.training.features]
    assert label == training.training.label.text


@pytest.mark.parametrize("prefix", ["untrained", "trained"])
def test_guesses_are_that_models(prefix: str, training: Trace) -> None:
    rows = getattr(content(training), prefix)
    label = training.training.label
    assert len(rows) == 4
    assert [row.token.text for row in rows if row.chosen] == [label.text]
    shown = {row.token.text: row.probability.number for row in rows}
    assert shown[label.text] == pytest.approx(float(training.values(f"{prefix}/next_probability", 0)))
    likeliest = training.values(f"{prefix}/top_probabilities", 0)[:3]
    assert np.allclose([row.probability.number for row in rows[:3]], likeliest)


def test_a_correct_guess_keeps_its_place(training: Trace) -> None:
    """Where the correct word is among the likeliest, it is not listed twice."""
    ids = training.values("trained/top_ids").copy()
    ids[0, 1] = training.training.label.id
    rows = content(replace(training, tensors={**training.tensors, "trained/top_ids": ids})).trained
    assert [row.chosen for row in rows] == [False, True, False, False]
    assert np.allclose(
        [row.probability.number for row in rows], training.values("trained/top_probabilities", 0)[:4]
    )


def test_a_traced_models_own_training_is_not_known(training: Trace) -> None:
    assert content(training).pretraining == facts.GPT3.pretraining
    assert content(training, subject=facts.traced(training)).pretraining is None

"""03 shows the training that was recorded: its values, its scales, its laps."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from pydantic import TypeAdapter

from model_trace.trace import Trace, TraceError
from scenes.candidates import Candidate
from scenes.parts.label import Label
from scenes.s03_training_step.content import Content, Lap, content
from scenes.s03_training_step.transcript import words
from scenes.traced_value import TIMES_SMALLER, Recorded, compute, traced_values
from scenes.wording import Wording
from tests.loops import play
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


def label(lap: Lap) -> Candidate:
    (found,) = (row for row in lap.guesses if row.chosen)
    return found


def test_each_laps_error_is_that_of_the_labels_probability(said: Content, training: Trace) -> None:
    assert len(said.laps) == 5
    for step, lap in enumerate(said.laps):
        assert lap.error.number == pytest.approx(-math.log(label(lap).probability.number), rel=1e-4)
        assert label(lap).probability.number == float(training.values("training/next_probability", (step,)))
    assert said.errors.numbers == tuple(lap.error.number for lap in said.laps)


def test_an_improbable_tokens_place_is_told(said: Content, training: Trace) -> None:
    ranks = training.values("training/next_rank")
    told = [row for lap in said.laps for row in lap.guesses if row.place is not None]
    assert told and all(row.probability.number < 0.01 for row in told)
    for step, lap in enumerate(said.laps):
        for number, row in enumerate(lap.guesses):
            if row.place is not None:
                assert row.place.number == (ranks[step] if row.chosen else number + 1)


def test_without_recorded_places_probabilities_are_shown(training: Trace) -> None:
    tensors = {name: values for name, values in training.tensors.items() if name != "training/next_rank"}
    older = content(replace(training, tensors=tensors))
    assert label(older.laps[0]).place is None


def test_the_change_is_told_in_parts_of_the_weights(said: Content) -> None:
    assert said.smaller.number == said.weights.largest.number / said.change.largest.number
    assert isinstance(said.smaller.origin, Recorded)
    assert said.smaller.origin.formula == TIMES_SMALLER


def colours(said: Content) -> tuple[list[str], list[float]]:
    """What stands over the model's name at each rest, and how far the model is from grey in the end."""

    def words(scene: Any) -> str:
        family = [part for mobject in scene.mobjects for part in mobject.get_family()]
        texts = [part.text for part in family if isinstance(part, Label)]
        return next(text for text in texts if text in ("Untrained", "In training"))

    scene, over = play("03", said, words)
    return over, scene.shares


def test_the_model_is_called_untrained_only_until_its_weights_change(said: Content) -> None:
    over, shares = colours(said)
    assert over[0] == over[-1] == "In training"
    assert "Untrained" in over
    errors = said.errors.numbers
    assert shares == pytest.approx([min(1, max(0, 1 - error / errors[0])) for error in errors])


def test_a_model_that_gets_worse_stays_grey(said: Content) -> None:
    laps = tuple(
        replace(lap, error=replace(lap.error, value=3.0 + step)) for step, lap in enumerate(said.laps)
    )
    assert colours(replace(said, laps=laps))[1] == [0.0] * len(laps)


def test_the_caption_says_how_far_the_error_fell(said: Content) -> None:
    first, last = (Wording().decimal(said.laps[step].error.number) for step in (0, -1))
    assert f"falls from {first} to {last}" in words(said, Wording()).finding
    worse = replace(said.laps[-1].error, value=99.0)
    assert (
        words(replace(said, laps=(*said.laps[:-1], Lap(said.laps[-1].guesses, worse))), Wording()).finding
        == ""
    )


def test_each_block_has_its_own_scale(said: Content, training: Trace) -> None:
    for block, name in ((said.weights, "block_before"), (said.change, "block_change")):
        values = training.values(f"training/{name}")
        assert block.values.numbers == tuple(float(value) for value in values.ravel())
        assert block.columns == values.shape[1]
        assert block.largest.number == float(np.abs(values).max())


def test_the_weights_that_stay_are_those_after_the_step(said: Content, training: Trace) -> None:
    assert said.adjusted.numbers == tuple(map(float, training.values("training/block_after").ravel()))
    sums = np.add(said.weights.values.numbers, said.change.values.numbers)
    assert np.allclose(said.adjusted.numbers, sums, atol=1e-6)


def test_the_heading_says_that_the_error_falls_where_it_does(said: Content) -> None:
    def last(content: Content) -> str:
        scene, _ = play("03", content, lambda scene: None, story=False)
        return " ".join(line.text for line in scene.heading.sentences[-1])

    fallen, risen = (tuple(3.0 + way * step for step in range(5)) for way in (-0.5, 0.5))
    for errors, falls in ((fallen, True), (risen, False)):
        assert ("falls" in last(replace(said, errors=replace(said.errors, value=errors)))) is falls


def test_the_example_is_the_trainings_own(said: Content, training: Trace) -> None:
    assert said.label.text.encode() == training.training.label.bytes
    assert {token.text for lap in said.laps if (token := label(lap).token)} == {said.label.text}
    assert "".join(piece.text for piece in said.features if piece.part == "input") == "".join(
        token.text for token in training.training.features
    )


def test_a_generation_is_refused(embedded: Checkpoint) -> None:
    from model_trace.recording import generation

    with pytest.raises(TraceError, match="holds no training"):
        content(generation.record(embedded, "Hi", max_new_tokens=1))

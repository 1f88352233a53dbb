"""Recordings that are rare but sound are drawn; what no picture can show is refused in one line."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.chosen_content import UndrawableError, choose_content, serves
from tests.loops import content, entry, play
from tests.scenes.boxes import outside, too_small

if TYPE_CHECKING:
    from model_trace.models.checkpoints import Checkpoint

STREAM = ("embed", "resid_pre", "resid_mid", "resid_post", "final_norm")


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    from model_trace.models import checkpoints
    from tests.model_trace.families import save_model

    return checkpoints.load(str(save_model(tmp_path_factory.mktemp("models") / "tiny", "llama")))


@pytest.fixture(scope="module")
def text(checkpoint: Checkpoint) -> Trace:
    from model_trace.recording import generation

    return generation.record(checkpoint, "The quick brown", max_new_tokens=3, temperature=1.0, seed=2)


def filled(trace: Trace, names: tuple[str, ...], value: float) -> Trace:
    held = {f"generation/{name}" for name in names}
    return replace(
        trace,
        tensors={
            name: np.full(tensor.shape, value, tensor.dtype) if name in held else tensor
            for name, tensor in trace.tensors.items()
        },
    )


def shown(number: str, trace: Trace) -> Any:
    """What the loop says of the trace, whose finished picture keeps to the frame."""
    choose_content(entry(number), trace, article=False)
    said = content(number, trace)
    scene, _ = play(number, said, lambda scene: None, story=False)
    assert not [*outside(scene.mobjects), *too_small(scene.mobjects)]
    return said


@pytest.mark.parametrize(("kept", "rows"), [(1, 3), (2, 4)])
def test_as_many_candidates_as_were_recorded(checkpoint: Checkpoint, kept: int, rows: int) -> None:
    from model_trace.recording import generation
    from model_trace.recording.spec import RecordingSpec

    spec = RecordingSpec(candidates=kept)
    trace = generation.record(
        checkpoint, "The quick brown", spec=spec, max_new_tokens=3, temperature=2.0, seed=2
    )
    for step in shown("04", trace).steps:
        assert sum(candidate.chosen for candidate in step.candidates) == 1
        # The recorded ones, the chosen one where it is none of them, and all others.
        assert len(step.candidates) in (rows, rows - 1)
        assert sum(candidate.probability.number for candidate in step.candidates) == pytest.approx(1)
    assert sum(score.chosen for score in shown("06", trace).scores) == 1


def test_one_candidate_of_a_training(training: Trace) -> None:
    cut = {
        name: np.asarray(tensor[...])[..., :1] if "/top_" in name else tensor
        for name, tensor in training.tensors.items()
    }
    for number in ("02", "03"):
        shown(number, replace(training, tensors=cut))


@pytest.mark.parametrize("value", [0, 3e38, -3e38])
@pytest.mark.parametrize("number", ["06", "07"])
def test_a_stream_of_any_size(text: Trace, number: str, value: float) -> None:
    shown(number, filled(text, STREAM, value))


def test_a_layer_that_changes_a_vector_of_zeros_changes_all_of_it(text: Trace) -> None:
    assert set(content("01", filled(text, ("resid_pre",), 0)).updates.numbers) == {1}
    assert set(content("01", filled(text, ("resid_pre", "resid_post"), 0)).updates.numbers) == {0}


def test_large_losses_are_told_by_powers_of_ten(fine_tuning: Trace) -> None:
    name = "fine_tuning/held_out_loss"
    losses = np.full(fine_tuning.tensors[name].shape, 3e38, np.float32)
    shown("10", replace(fine_tuning, tensors={**fine_tuning.tensors, name: losses}))


def one_layer(trace: Trace) -> Trace:
    spec = {**trace.provenance["spec"], "layers": [1]}
    cut = {
        name: np.asarray(tensor[...])[1:2] if len(tensor.shape) > 2 and "lens" not in name else tensor
        for name, tensor in trace.tensors.items()
    }
    return replace(trace, tensors=cut, provenance={**trace.provenance, "spec": spec})


def no_lens(trace: Trace) -> Trace:
    return replace(
        trace, tensors={name: each for name, each in trace.tensors.items() if name[11:15] != "lens"}
    )


def late_lens(trace: Trace) -> Trace:
    name = "generation/lens_positions"
    return replace(trace, tensors={**trace.tensors, name: trace.values(name) + 1})


@pytest.mark.parametrize(
    ("change", "undrawable", "says"),
    [
        (one_layer, {"01", "04", "06", "07", "08"}, "keeps 1 of the model's 3 layers"),
        (no_lens, {"07"}, "no tensor generation/lens_positions"),
        (late_lens, {"07"}, "logit lens lacks the prompt's last token"),
    ],
)
def test_what_a_loop_needs_and_a_recording_lacks(
    text: Trace, change: Callable[[Trace], Trace], undrawable: set[str], says: str
) -> None:
    trace = change(text)
    refused = {}
    for each in CATALOGUE:
        if serves(each, trace):
            try:
                choose_content(each, trace, article=False)
            except UndrawableError as error:
                refused[each.number] = str(error)
    assert refused.keys() == undrawable
    assert all(says in line and "\n" not in line for line in refused.values())

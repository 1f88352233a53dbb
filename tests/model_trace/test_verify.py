"""A good trace passes; one that was tampered with and sealed again does not."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import generation
from model_trace.recording.spec import RecordingSpec
from model_trace.store import store
from model_trace.trace import Token, TraceError
from model_trace.verify import verify
from tests.model_trace.families import TEXT

Tiny = Callable[[str], Checkpoint]


@pytest.fixture(scope="module")
def saved(tiny: Tiny, tmp_path_factory: pytest.TempPathFactory) -> Path:
    trace = generation.record(
        tiny("mistral"), TEXT[:20], spec=RecordingSpec.everything(), max_new_tokens=5, temperature=0.9, seed=4
    )
    path = tmp_path_factory.mktemp("verify") / "good.trace"
    store.save(trace, path)
    return path


def test_good_trace(saved: Path, tiny: Tiny) -> None:
    """The model is loaded from where one says."""
    checks = verify(saved, model=tiny("mistral").source)
    assert {check.name for check in checks} >= {"generation/q", "generation/lens_ids", "unhooked/resid_pre"}
    assert all(check.ok and check.max_abs_error == 0 for check in checks)


def test_given_text_and_float16(tiny: Tiny, tmp_path: Path) -> None:
    spec = RecordingSpec(dtype="float16", layers=(1,))
    store.save(generation.record(tiny("gpt2"), TEXT[:20], TEXT[20:40], spec=spec), tmp_path / "x.trace")
    assert all(check.ok for check in verify(tmp_path / "x.trace", tiny("gpt2")))


@pytest.mark.parametrize(
    ("name", "index", "change"),
    [
        ("generation/resid_mid", (1, 2, 3), lambda value: value + 0.01),
        ("generation/attn_pattern", (0, 1, 4, 2), lambda value: value * 0.9),
        ("generation/top_ids", (3, 4), lambda value: value + 1),
        ("generation/next_probability", (2,), lambda value: value * 1.01),
        ("generation/lens_probabilities", (1, 0, 9), lambda value: value * 1.01),
        ("generation/choice_probability", (0,), lambda value: 0.5),
    ],
)
def test_tampered_and_sealed_again(
    saved: Path, tiny: Tiny, tmp_path: Path, name: str, index: Any, change: Callable[[Any], Any]
) -> None:
    trace = store.open_trace(saved)
    changed = np.array(trace.tensors[name][...])
    changed[index] = change(changed[index])
    store.save(replace(trace, tensors={**trace.tensors, name: changed}), tmp_path / "x.trace")
    store.check_digests(tmp_path / "x.trace")
    bad = [check.name for check in verify(tmp_path / "x.trace", tiny("mistral")) if not check.ok]
    assert bad[0] == name


def test_changed_shard(saved: Path, tiny: Tiny, tmp_path: Path) -> None:
    path = Path(shutil.copytree(saved, tmp_path / "x.trace"))
    with (path / "tensors-001.safetensors").open("r+b") as stream:
        stream.seek(-1, 2)
        stream.write(b"\xff")
    with pytest.raises(TraceError, match="was changed"):
        verify(path, tiny("mistral"))


def test_another_model(saved: Path, tiny: Tiny) -> None:
    with pytest.raises(TraceError, match=r"another model \(weights_sha256"):
        verify(saved, tiny("qwen3"))
    # The same weights, but read otherwise.
    with pytest.raises(TraceError, match=r"another model \(architecture mistral, here llama\)"):
        verify(saved, tiny("llama"))


def test_another_text(saved: Path, tiny: Tiny, tmp_path: Path) -> None:
    path = tmp_path / "x.trace"
    trace = store.open_trace(saved)
    last = trace.tokens[-1]
    id, data = next((id, data) for id, data in trace.pieces.items() if id != last.id)
    other = Token(id, data.decode("utf-8", "replace"), data, last.role, data.decode("utf-8", "replace"))
    store.save(replace(trace, tokens=(*trace.tokens[:-1], other)), path)
    with pytest.raises(TraceError, match="other tokens"):
        verify(path, tiny("mistral"))

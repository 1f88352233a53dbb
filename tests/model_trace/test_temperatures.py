"""A prompt at several temperatures: draws are seeded, and each picks what its number falls on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import generation
from model_trace.recording.temperatures import draw, record_temperatures
from model_trace.request import ModelChoice, Request, TemperaturesRequest
from model_trace.store import store
from model_trace.trace import Trace, TraceError
from model_trace.verify import verify
from scenes.attention import strongest_heads
from tests.heard import Heard
from tests.model_trace.families import TEXT
from traced_loops.jobs.recordings import obtain

Tiny = Callable[[str], Checkpoint]
PROMPT = TEXT[:20]


@pytest.fixture(scope="module")
def trace(tiny: Tiny) -> Trace:
    return record_temperatures(tiny("llama"), PROMPT, seed=3)


@pytest.fixture(scope="module")
def saved(trace: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("temperatures") / "good.trace"
    store.save(trace, path)
    return path


def test_distributions_are_the_models_own(trace: Trace, tiny: Tiny) -> None:
    """At each temperature: softmax of the one set of logits, whose sum is told beside the listed tokens."""
    ids = torch.tensor([tiny("llama").tokenizer(PROMPT)["input_ids"]])
    with torch.no_grad():
        logits = tiny("llama").model(input_ids=ids).logits[0, -1]
    assert np.allclose(trace.values("temperatures/logits"), logits, atol=1e-5)
    listed = trace.values("temperatures/top_ids")
    for place, temperature in enumerate(trace.temperatures.temperatures):
        shares = (logits / temperature).softmax(-1)
        own = trace.values("temperatures/top_probabilities", place)
        assert np.allclose(own, shares[torch.from_numpy(listed).long()], atol=1e-6)
        rest = trace.values("temperatures/rest_probability", place)
        assert own.sum() + rest == pytest.approx(1, abs=1e-6)
        total = trace.values("temperatures/log_sum_exp", place)
        best = trace.values("temperatures/top_logits", 0)
        assert np.exp(best / temperature - total) == pytest.approx(own[0], rel=1e-4)
    assert trace.temperatures.temperatures == (1.0, 0.3, 1.5)
    assert list(np.argsort(trace.values("temperatures/entropy"))) == [1, 0, 2]


def test_each_number_picks_the_token_it_falls_on(trace: Trace, tiny: Tiny) -> None:
    """Laid out anew from the model's own answer, the cumulative distribution gives the recorded tokens."""
    given = tiny("llama").tokenizer(PROMPT)["input_ids"]
    made = trace.temperatures
    numbers = torch.Generator().manual_seed(3)
    expected = [float(torch.rand((), generator=numbers)) for _ in range(made.max_new_tokens)]
    for place, (lane, temperature) in enumerate(zip(made.lanes, made.temperatures, strict=True)):
        ids = [token.id for token in lane.tokens]
        rows = made.rows(place)
        assert trace.values("temperatures/draw_chosen")[rows.start : rows.stop].tolist() == ids
        for step, row in enumerate(rows):
            number, below, own = (
                float(trace.values(f"temperatures/draw_{name}", row))
                for name in ("number", "below", "probability")
            )
            assert number == expected[step]
            assert below - 1e-6 <= number < below + own + 1e-6
            with torch.no_grad():
                logits = tiny("llama").model(input_ids=torch.tensor([[*given, *ids[:step]]])).logits[0, -1]
            shares, order = (logits.double() / temperature).softmax(-1).sort(descending=True)
            picked = int(torch.searchsorted(shares.cumsum(-1), number, right=True))
            assert int(order[picked]) == ids[step]
            assert trace.values("temperatures/draw_rank", row) == picked + 1


def test_shares_end_at_the_last_token() -> None:
    """Whatever number is drawn, of tokens ruled out none is picked, and equal ones go by their ids."""
    logits = torch.tensor([1.0, 2.0, float("-inf"), 2.0])
    picked = [draw(logits, 0.5, number).chosen for number in (0.0, 0.45, 0.5, 0.9999999999)]
    assert picked == [1, 1, 3, 0]
    assert draw(logits, 0.5, 0.45).below == 0 and draw(logits, 0.5, 0.999).rank == 3
    assert draw(logits, 0.5, 0.1).rest == 0


def test_lanes_end_with_the_text(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    """An end of text that is drawn is kept as the lane's last token."""
    checkpoint = tiny("llama")
    first = record_temperatures(checkpoint, PROMPT, seed=3).temperatures.lanes[0].tokens[2]
    monkeypatch.setattr(checkpoint.model.generation_config, "eos_token_id", first.id)
    made = record_temperatures(checkpoint, PROMPT, seed=3)
    tokens = made.temperatures.lanes[0].tokens
    assert [token.role for token in tokens] == ["generated", "generated", "special"]
    assert made.temperatures.rows(1).start == 3
    assert len(made.values("temperatures/draw_number")) == sum(len(x.tokens) for x in made.temperatures.lanes)


def test_saved_checked_and_verified(saved: Path, tiny: Tiny, tmp_path: Path) -> None:
    trace = store.open_checked(saved)
    assert [token.text for token in trace.tokens[trace.prompt_length :]] == [
        token.text for token in trace.temperatures.lanes[0].tokens
    ]
    assert all(check.ok for check in verify(saved, tiny("llama")))
    for name, index in (("draw_number", 3), ("draw_below", 2), ("log_sum_exp", 1)):
        changed = np.array(trace.tensors[f"temperatures/{name}"][...])
        changed[index] = 0.99 if changed[index] < 0.5 else 0.01
        path = tmp_path / f"{name}.trace"
        store.save(replace(trace, tensors={**trace.tensors, f"temperatures/{name}": changed}), path)
        bad = [check.name for check in verify(path, tiny("llama")) if not check.ok]
        assert bad == [f"temperatures/{name}"]
        if name != "log_sum_exp":
            with pytest.raises(TraceError, match="outside the share"):
                store.open_checked(path)


@pytest.mark.parametrize("family", ["gpt2", "mistral", "gemma2"])
def test_families(tiny: Tiny, family: str, tmp_path: Path) -> None:
    store.save(record_temperatures(tiny(family), "T", seed=1), tmp_path / "x.trace")
    store.open_checked(tmp_path / "x.trace")
    assert all(check.ok for check in verify(tmp_path / "x.trace", tiny(family)))


def test_recorded_when_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, tiny: Tiny) -> None:
    monkeypatch.setattr("model_trace.files.user_folder", lambda: tmp_path)
    model = ModelChoice(tiny("llama").source)
    plain, more = Request(PROMPT, model=model), Request(PROMPT, model=model, also=("v",))
    requests = (plain, more, TemperaturesRequest(PROMPT, model))
    said = Heard()
    made = obtain(requests, said)
    assert "generation/v" not in made[plain].tensors and "generation/v" in made[more].tensors
    assert len(made[requests[2]].temperatures.lanes) == 3
    said.clear()
    obtain(requests, said)
    assert not said


def test_the_head_that_looks_hardest_at_each_token(tiny: Tiny) -> None:
    trace = generation.record(tiny("llama"), PROMPT, max_new_tokens=1)
    position = trace.prompt_length - 1
    heads = strongest_heads(trace, position)
    assert sorted(head.key for head in heads) == [*range(1, position)]
    weights = [float(trace.values(head.weight.tensor, head.weight.index)) for head in heads]
    assert weights == sorted(weights, reverse=True)
    pattern = trace.values("generation/attn_pattern")[:, :, position]
    for head, weight in zip(heads, weights, strict=True):
        assert weight == pattern[head.layer, head.head, head.key] == pattern[:, :, head.key].max()
    assert strongest_heads(trace, 1) == ()

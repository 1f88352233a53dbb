"""The text comes out as without recording, its tokens hold its bytes, and bad input is refused in time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from model_trace.models import checkpoints
from model_trace.models.checkpoints import Checkpoint
from model_trace.models.pieces import Pieces, encode
from model_trace.recording import generation
from model_trace.recording.spec import RecordingSpec
from model_trace.store import store
from model_trace.trace import Trace, TraceError
from tests.model_trace.families import (
    DECODERS,
    TEXT,
    byte_level_tokenizer,
    save_model,
    sentencepiece_tokenizer,
)

Tiny = Callable[[str], Checkpoint]


def joined(trace: Trace) -> bytes:
    return b"".join(token.bytes for token in trace.tokens if token.role != "special")


def generated(checkpoint: Checkpoint, prompt: str, count: int, **options: Any) -> list[int]:
    """transformers' own generate, as it is with nobody recording.

    A token that a family's settings force at the last place (bart's end of text) is not the model's choice.
    """
    ids = checkpoint.tokenizer(prompt, return_tensors="pt").input_ids
    torch.manual_seed(11)
    out = checkpoint.model.generate(
        ids, attention_mask=torch.ones_like(ids), max_new_tokens=count, top_k=0, pad_token_id=0,
        forced_eos_token_id=None, **options,
    )  # fmt: skip
    return list(out[0].tolist())


@pytest.mark.parametrize("family", DECODERS)
@pytest.mark.parametrize("temperature", [0.0, 0.8])
def test_same_tokens_as_generate(tiny: Tiny, family: str, temperature: float) -> None:
    options: dict[str, Any] = {"do_sample": temperature > 0}
    if temperature:
        options |= {"temperature": temperature, "top_p": 0.9}
    expected = generated(tiny(family), TEXT[:20], 12, **options)
    trace = generation.record(
        tiny(family), TEXT[:20], max_new_tokens=12, temperature=temperature, top_p=0.9, seed=11
    )
    assert [token.id for token in trace.tokens] == expected


def test_same_tokens_as_generate_embedded(embedded: Checkpoint) -> None:
    for options, ours in (
        ({"do_sample": False}, {}),
        (
            {"do_sample": True, "temperature": 1.3, "top_p": 0.95},
            {"temperature": 1.3, "top_p": 0.95, "seed": 11},
        ),
    ):
        trace = generation.record(embedded, "Once upon a time", max_new_tokens=10, **ours)  # type: ignore[arg-type]
        assert [token.id for token in trace.tokens] == generated(embedded, "Once upon a time", 10, **options)


def test_sampling_depends_on_the_seed_alone(tiny: Tiny) -> None:
    def texts(seed: int) -> list[int]:
        torch.rand(3)
        trace = generation.record(tiny("llama"), "The", max_new_tokens=12, temperature=2.0, seed=seed)
        return [token.id for token in trace.tokens]

    assert texts(1) == texts(1)
    assert texts(1) != texts(2)


def test_distribution(tiny: Tiny) -> None:
    """Against the logits in double precision."""
    spec = RecordingSpec(tensors=("logits",), candidates=7)
    trace = generation.record(
        tiny("llama"), TEXT[:20], spec=spec, max_new_tokens=6, temperature=0.7, top_p=0.5, seed=3
    )
    logits = torch.from_numpy(trace.values("generation/logits")).double()
    chances = logits.softmax(-1).numpy()
    ids, top = trace.values("generation/top_ids"), trace.values("generation/top_probabilities")
    order = np.argsort(-chances, axis=-1)
    assert np.array_equal(ids, order[:, :7])
    assert np.allclose(top, np.take_along_axis(chances, order[:, :7], -1), rtol=1e-5)
    assert np.array_equal(
        trace.values("generation/top_logits"), np.take_along_axis(logits.numpy(), order[:, :7], -1)
    )
    assert np.allclose(top.sum(-1) + trace.values("generation/rest_probability"), 1, atol=1e-6)
    entropy = -(chances * np.log(chances)).sum(-1)
    assert np.allclose(trace.values("generation/entropy"), entropy, atol=1e-5)
    choice = trace.values("generation/choice_probability")
    for row, token in enumerate(trace.tokens[1:]):
        assert np.isclose(trace.values("generation/next_probability", row), chances[row, token.id], rtol=1e-5)
        assert trace.values("generation/next_rank", row) == list(order[row]).index(token.id) + 1
        if token.role == "prompt":
            assert np.isnan(choice[row])
        else:
            # The fewest tokens that together reach top-p, at that temperature.
            warm = (logits[row] / 0.7).softmax(-1).numpy()
            inside = int((np.cumsum(np.sort(warm)[::-1]) < 0.5).sum()) + 1
            assert np.isclose(choice[row], warm[token.id] / np.sort(warm)[::-1][:inside].sum(), rtol=1e-4)


def test_spec_chooses_layers_and_precision(tiny: Tiny) -> None:
    whole = generation.record(tiny("llama"), TEXT[:20], spec=RecordingSpec.everything(), max_new_tokens=3)
    spec = RecordingSpec(
        tensors=("resid_post", "q", "attn_pattern"), layers=(0, 2), dtype="float16", lens="none"
    )
    part = generation.record(tiny("llama"), TEXT[:20], spec=spec, max_new_tokens=3)
    assert part.tokens == whole.tokens
    for name in spec.tensors:
        stored = part.tensor(f"generation/{name}")
        assert stored.dtype == np.float16
        expected = whole.values(f"generation/{name}")[[0, 2]].astype(np.float16)
        assert np.array_equal(stored[...], expected)
    assert part.tensor("generation/top_probabilities").dtype == np.float32
    names = {"resid_post", "q", "attn_pattern", "top_ids", "top_logits", "top_probabilities", "entropy"}
    names |= {"rest_probability", "next_probability", "next_rank"}
    assert set(part.tensors) == {f"generation/{name}" for name in names}
    assert RecordingSpec.from_json(spec.to_json()) == spec


def test_stops_at_the_end_of_the_sentence(embedded: Checkpoint) -> None:
    trace = generation.record(embedded, "The capital of France is")
    assert (trace.generation.stopped, trace.tokens[-1].text) == ("end of sentence", ".")
    trace = generation.record(embedded, "The capital of France is", max_new_tokens=4)
    assert trace.generation.stopped == "length"
    assert trace.values("generation/resid_pre").shape[1] == len(trace.tokens) - 1 == 5 + 4 - 1
    assert len(generation.record(embedded, "One, two, three, four,").tokens) <= 9 + 8


@pytest.mark.parametrize(
    ("text", "ends"),
    [
        *((text, True) for text in ("Paris.", 'so."', "wait…", "(yes!)", "Ja?")),
        *((text, False) for text in ("3,", "so. And", ".", "so")),
    ],
)
def test_sentence_end(text: str, ends: bool) -> None:
    assert generation.ends_sentence(text) is ends


def test_end_of_text_is_kept_as_special(tiny: Tiny) -> None:
    plain = generation.record(tiny("llama"), TEXT[:20], max_new_tokens=6)
    last = plain.tokens[-3].id
    first = next(i for i, token in enumerate(plain.tokens) if token.role == "generated" and token.id == last)
    config = tiny("llama").model.generation_config
    config.eos_token_id = [0, last]
    try:
        trace = generation.record(tiny("llama"), TEXT[:20], max_new_tokens=6)
    finally:
        config.eos_token_id = 0
    assert trace.generation.stopped == "end of text"
    assert [token.id for token in trace.tokens] == [token.id for token in plain.tokens[: first + 1]]
    assert trace.tokens[-1].role == "special"
    assert trace.values("generation/attn_pattern").shape[-1] == len(trace.tokens) - 1


@pytest.mark.parametrize(
    ("prompt", "completion"),
    [
        ("Schöne Grüße aus", " Köln, 🎉 ok"),
        ("  leading and\n\nlines\t", "x"),
        ("👩‍👩‍👧", "👩"),
        ("The capi", "tal of France"),
        ("naïve é", "́ combining"),
        ("<|end|>", " written out"),
    ],
)
def test_tokens_joined_are_the_text(tiny: Tiny, embedded: Checkpoint, prompt: str, completion: str) -> None:
    for checkpoint in (tiny("gpt2"), embedded):
        spec = RecordingSpec(tensors=(), lens="none")
        trace = generation.record(checkpoint, prompt, completion, spec=spec)
        assert joined(trace).decode() == prompt + completion
        before = b"".join(token.bytes for token in trace.tokens if token.role == "prompt")
        assert before.decode() == prompt
        assert trace.provenance["text"]["tokens_joined_equal_text"] is True
        for token in trace.tokens:
            assert trace.pieces[token.id] == token.bytes


@pytest.fixture(scope="module", params=[byte_level_tokenizer, sentencepiece_tokenizer])
def tokenizer(request: pytest.FixtureRequest) -> Any:
    return request.param()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(prompt=st.text(min_size=1, max_size=20), completion=st.text(min_size=1, max_size=20))
def test_any_text_is_parted_where_the_prompt_ends(tokenizer: Any, prompt: str, completion: str) -> None:
    encoded = encode(tokenizer, Pieces(tokenizer), prompt, completion)
    text = b"".join(token.bytes for token in encoded.tokens if token.role != "special").decode()
    literal = any(special in prompt + completion for special in ("<unk>", "<s>", "</s>", "▁"))
    if not literal:
        assert text == prompt + completion
        assert encoded.exact
    if encoded.exact and "inside" not in encoded.tokenised:
        before = b"".join(token.bytes for token in encoded.tokens if token.role == "prompt")
        assert before == prompt.encode()


def test_sentencepiece_specials_and_bytes() -> None:
    tokenizer = sentencepiece_tokenizer()
    encoded = encode(tokenizer, Pieces(tokenizer), "The é", " fox")
    assert [token.role for token in encoded.tokens][:2] == ["special", "prompt"]
    assert b"\xc3" in [token.bytes for token in encoded.tokens]
    # The leading space is the tokenizer's own.
    assert encoded.tokens[1].bytes in (b"", b"T")
    assert encoded.tokens[-1].role == "given"


def test_given_text_is_what_the_model_would_have_said(embedded: Checkpoint) -> None:
    written = generation.record(embedded, "The capital of France is", max_new_tokens=2)
    trace = generation.record(embedded, "The capital of France is", " Paris.")
    assert trace.generation.mode == trace.generation.stopped == "given"
    assert [token.role for token in trace.tokens] == ["prompt"] * 5 + ["given"] * 2
    assert [token.id for token in trace.tokens] == [token.id for token in written.tokens]
    for name in ("next_probability", "entropy", "resid_post", "lens_entropy"):
        ours, theirs = trace.values(f"generation/{name}"), written.values(f"generation/{name}")
        # One forward here, one per token there: rounding differs.
        assert np.allclose(ours, theirs, rtol=1e-3, atol=1e-3 * np.abs(theirs).max())


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        (("",), {}, "prompt is empty"),
        ((" \n\t",), {}, "prompt is empty"),
        (("a", ""), {}, "completion is empty"),
        (("a",), {"temperature": -1.0}, "temperature"),
        (("a",), {"temperature": float("nan")}, "temperature"),
        (("a",), {"top_p": 0.0}, "top-p"),
        (("a",), {"top_p": 1.5}, "top-p"),
        (("a",), {"max_new_tokens": 0}, "at least 1"),
        (("a",), {"max_new_tokens": 65}, "window of 64"),
        (("x" * 65,), {}, "65 tokens long; the model's context window is 64"),
        (("a",), {"seed": 2**65}, "seed"),
    ],
)
def test_bad_input_is_refused_before_any_forward(
    tiny: Tiny, arguments: tuple[str, ...], options: dict[str, Any], message: str
) -> None:
    class Unrunnable:
        def __getattr__(self, name: str) -> Any:
            return getattr(tiny("llama").model, name)

        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            raise AssertionError("the model ran")

    checkpoint = replace(tiny("llama"), model=Unrunnable())
    with pytest.raises(TraceError, match=message) as caught:
        generation.record(checkpoint, *arguments, **options)
    assert "\n" not in str(caught.value)


def test_whole_window_can_be_used(tiny: Tiny) -> None:
    spec = RecordingSpec(tensors=("resid_post",), lens="none")
    trace = generation.record(tiny("llama"), "x" * 60, spec=spec, max_new_tokens=5)
    assert len(trace.tokens) <= 65


def test_float16_overflow_is_refused(tiny: Tiny) -> None:
    from model_trace.recording.recorder import stored

    with pytest.raises(TraceError, match="resid_post reaches 70000"):
        stored("resid_post", np.array([1.0, 7e4], np.float32), "float16")


@pytest.mark.parametrize(
    "fields", [{"tensors": ("residual",)}, {"layers": ()}, {"layers": (2, 1)}, {"dtype": "int8"},
               {"candidates": 0}, {"lens": "some"}]
)  # fmt: skip
def test_bad_spec_is_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(TraceError):
        RecordingSpec(**fields)


def test_progress_counts_tokens(tiny: Tiny) -> None:
    told: list[tuple[Any, ...]] = []
    trace = generation.record(
        tiny("llama"), TEXT[:20], max_new_tokens=4, progress=lambda *report: told.append(report)
    )
    assert told[-1] == ("recording", len(trace.tokens) - 1, len(trace.tokens) - 1, "tokens")
    assert len(told) == 4


@pytest.mark.parametrize("value", [0.0, 3e38])
def test_weights_of_nothing_and_weights_beyond_reckoning(tmp_path: Path, value: float) -> None:
    """They are recorded, or refused in one line."""
    from safetensors.torch import load_file, save_file

    file = save_model(tmp_path / "m", "gpt2") / "model.safetensors"
    weights = {name: torch.full_like(each, value) for name, each in load_file(file).items()}
    save_file(weights, file, metadata={"format": "pt"})
    try:
        trace = generation.record(checkpoints.load(str(tmp_path / "m")), TEXT[:20], max_new_tokens=2)
    except TraceError as error:
        assert value and "\n" not in str(error)
    else:
        store.save(trace, tmp_path / "x.trace")
        store.open_checked(tmp_path / "x.trace")


@pytest.mark.parametrize("temperature", [1e-40, -1.0, 1e300, float("nan"), float("inf")])
def test_temperatures_that_no_logits_can_be_divided_by(tiny: Tiny, temperature: float) -> None:
    with pytest.raises(
        TraceError, match="is not a temperature: type 0 for the most probable token, or 1e-06 to"
    ):
        generation.record(tiny("llama"), TEXT[:20], temperature=temperature)

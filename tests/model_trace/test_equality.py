"""What is recorded is, bit for bit, what the model computes when nobody looks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import generation
from model_trace.recording.spec import PER_LAYER, RecordingSpec
from model_trace.trace import Trace
from tests.model_trace.families import DECODERS, TEXT

EVERYTHING = RecordingSpec.everything()
Tiny = Callable[[str], Checkpoint]


@torch.no_grad()
def unhooked(checkpoint: Checkpoint, trace: Trace) -> dict[str, Any]:
    """The model's own outputs over the same forwards, asked for in transformers' own way."""
    model = checkpoint.model
    assert model.config._attn_implementation == "eager"
    ids = torch.tensor([[token.id for token in trace.tokens]])
    forwarded = ids.shape[1] - 1
    patterns = "attn_pattern" not in trace.unavailable
    pattern = np.zeros((trace.model.layers, trace.model.heads, forwarded, forwarded), np.float32)
    hidden, logits, normed, done, cache = [], [], [], 0, None
    prompt = trace.prompt_length if trace.generation.mode != "given" else forwarded
    for rows in [prompt, *[1] * (forwarded - prompt)]:
        answer = model(
            ids[:, done : done + rows],
            past_key_values=cache,
            use_cache=True,
            output_hidden_states=True,
            output_attentions=True,
        )
        cache = answer.past_key_values
        done += rows
        for layer, weights in enumerate(answer.attentions if patterns else ()):
            pattern[layer, :, done - rows : done, done - weights.shape[-1] : done] = weights[0]
        # The last hidden state has gone through the final norm.
        hidden.append(torch.stack([state[0] for state in answer.hidden_states[:-1]]))
        normed.append(answer.hidden_states[-1][0])
        logits.append(answer.logits[0])
    found = {
        "resid_pre": torch.cat(hidden, 1).numpy(),
        "final_norm": torch.cat(normed).numpy(),
        "attn_pattern": pattern,
        "logits": torch.cat(logits).numpy(),
    }
    return {name: values for name, values in found.items() if name not in trace.unavailable}


def assert_same(trace: Trace, reference: dict[str, Any]) -> None:
    assert {"resid_pre", "logits"} <= reference.keys()
    for name, expected in reference.items():
        recorded = trace.values(f"generation/{name}")
        assert recorded.dtype == np.float32
        assert np.array_equal(recorded, expected), name
    post, pre = trace.values("generation/resid_post"), trace.values("generation/resid_pre")
    assert np.array_equal(post[:-1], pre[1:])


def left_behind(checkpoint: Checkpoint) -> list[Any]:
    """What a recording could forget to take away again."""
    modules = list(checkpoint.model.modules())
    return [checkpoint.model.config._attn_implementation] + [
        (len(m._forward_hooks), len(m._forward_pre_hooks), sorted(vars(m))) for m in modules
    ]


@pytest.mark.parametrize("family", DECODERS)
def test_tiny_models_bit_equal(tiny: Tiny, family: str) -> None:
    checkpoint = tiny(family)
    before = left_behind(checkpoint)
    trace = generation.record(checkpoint, TEXT[:20], spec=EVERYTHING, max_new_tokens=9)
    assert left_behind(checkpoint) == before
    assert_same(trace, unhooked(checkpoint, trace))


@pytest.mark.parametrize("family", ["llama", "mistral", "gpt_neox"])
def test_given_text_bit_equal(tiny: Tiny, family: str) -> None:
    trace = generation.record(tiny(family), TEXT[:20], TEXT[20:40], spec=EVERYTHING)
    assert_same(trace, unhooked(tiny(family), trace))


def test_embedded_model_bit_equal(embedded: Checkpoint) -> None:
    trace = generation.record(embedded, "The capital of France is", spec=EVERYTHING, max_new_tokens=4)
    assert_same(trace, unhooked(embedded, trace))
    assert trace.unavailable == {}
    assert [token.text for token in trace.tokens[5:7]] == [" Paris", "."]
    assert trace.certificate["lens_last_depth_max_abs_error"] == 0.0
    assert trace.certificate["residual_additivity_max_relative_error"] < 1e-6
    assert trace.certificate["one_forward"]["argmax_agreement"] == 1.0


def test_inner_tensors_are_the_modules_own(tiny: Tiny) -> None:
    """q, k, v, z, MLP and both outputs against plain hooks on a Llama's named modules."""
    checkpoint = tiny("llama")
    trace = generation.record(checkpoint, TEXT[:20], TEXT[20:40], spec=EVERYTHING)
    seen: dict[tuple[int, str], Any] = {}

    def after(key: tuple[int, str]) -> Callable[..., None]:
        return lambda m, a, out: seen.update({key: out[0] if isinstance(out, tuple) else out})

    def before(key: tuple[int, str]) -> Callable[..., None]:
        return lambda m, a: seen.update({key: a[0]})

    hooks = []
    for i, layer in enumerate(checkpoint.model.model.layers):
        attention, mlp = layer.self_attn, layer.mlp
        outputs = {"attn_out": attention, "mlp_out": mlp, "v": attention.v_proj, "resid_post": layer}
        hooks += [module.register_forward_hook(after((i, name))) for name, module in outputs.items()]
        inputs = {"z": attention.o_proj, "mlp_act": mlp.down_proj}
        hooks += [module.register_forward_pre_hook(before((i, name))) for name, module in inputs.items()]
    with torch.no_grad():
        checkpoint.model(torch.tensor([[token.id for token in trace.tokens[:-1]]]))
    for hook in hooks:
        hook.remove()
    for (index, name), value in seen.items():
        recorded = trace.values(f"generation/{name}", index)
        assert np.array_equal(recorded, value[0].reshape(recorded.shape).numpy()), (index, name)
    mid = trace.values("generation/resid_pre") + trace.values("generation/attn_out")
    assert np.array_equal(trace.values("generation/resid_mid"), mid)
    assert trace.values("generation/q").shape == (3, trace.values("generation/embed").shape[0], 4, 8)
    assert trace.values("generation/k").shape[2] == 2
    # z is the pattern's weighting of v, each two heads sharing one.
    weighted = np.einsum(
        "lhqk,lkhd->lqhd",
        trace.values("generation/attn_pattern"),
        trace.values("generation/v").repeat(2, axis=2),
    )
    assert np.allclose(weighted, trace.values("generation/z"), atol=1e-5)


def test_window_drops_early_tokens(tiny: Tiny) -> None:
    pattern = generation.record(tiny("mistral"), TEXT[:20], max_new_tokens=9).values(
        "generation/attn_pattern"
    )
    tokens = pattern.shape[-1]
    assert np.allclose(pattern.sum(-1), 1, atol=1e-5)
    for row in range(tokens):
        outside = [column for column in range(tokens) if not row - 5 < column <= row]
        assert not pattern[:, :, row, outside].any()
        assert pattern[:, :, row, max(0, row - 4) : row + 1].all()


@pytest.mark.parametrize("family", DECODERS)
def test_lens_ends_in_the_models_answer(tiny: Tiny, family: str) -> None:
    trace = generation.record(tiny(family), TEXT[:20], max_new_tokens=5)
    positions = trace.values("generation/lens_positions")
    assert list(positions) == list(range(trace.prompt_length - 1, len(trace.tokens) - 1))
    # Through the final norm and the model's own forward, softcap included: the model's own logits.
    assert trace.certificate["lens_last_depth_max_abs_error"] == 0.0
    for lens, own in (("ids", "top_ids"), ("probabilities", "top_probabilities"), ("entropy", "entropy")):
        last = trace.values(f"generation/lens_{lens}", -1)
        assert np.array_equal(last, trace.values(f"generation/{own}")[positions])


def test_lens_between_is_norm_and_unembedding(tiny: Tiny) -> None:
    """For a family that does no more than that, written out by hand."""
    checkpoint = tiny("llama")
    trace = generation.record(checkpoint, TEXT[:20], spec=RecordingSpec(lens="all"), max_new_tokens=4)
    model = checkpoint.model
    with torch.no_grad():
        for depth in range(trace.model.layers):
            stream = torch.from_numpy(trace.values("generation/resid_pre", depth))
            chances = model.lm_head(model.model.norm(stream)).softmax(-1)
            ids = torch.from_numpy(trace.values("generation/lens_ids", depth)).long()
            recorded = trace.values("generation/lens_probabilities", depth)
            assert np.allclose(chances.gather(-1, ids).numpy(), recorded, atol=1e-6)
            assert np.allclose(chances.max(-1).values.numpy(), recorded[:, 0], atol=1e-6)


UNWATCHED = {"q", "k", "v", "z"}
ATTENTION = {*UNWATCHED, "attn_pattern"}
SUMS = {"resid_mid", "attn_out", "mlp_out"}


@pytest.mark.parametrize(
    ("family", "missing", "why"),
    [
        ("phi", {"resid_mid"}, "side by side"),
        ("gpt_neox", {"resid_mid"}, "side by side"),
        ("cohere", {"resid_mid"}, "side by side"),
        ("mixtral", {"mlp_act"}, "no module"),
        ("deepseek_v3", {"mlp_act"}, "48 in layer 0, 16 in layer 1"),
        ("gpt2", set(), ""),
        ("opt", set(), ""),
        ("gemma2", set(), ""),
        ("granite", SUMS, "no module"),
        ("bart", {*SUMS, "final_norm"}, "no module|without a norm"),
        ("bloom", UNWATCHED, "attention interface"),
        ("mpt", UNWATCHED, "attention interface"),
        ("gpt_neo", UNWATCHED, "attention interface"),
        ("gptj", {*UNWATCHED, "resid_mid"}, "attention interface|side by side"),
        ("codegen", {*UNWATCHED, "resid_mid"}, "attention interface|side by side"),
        ("falcon", {*UNWATCHED, "resid_mid"}, "attention interface|side by side"),
        ("qwen3_next", {*ATTENTION, "mlp_act"}, "layer 0 .* other means than attention|no module"),
    ],
)
def test_what_a_family_cannot_give_is_named(tiny: Tiny, family: str, missing: set[str], why: str) -> None:
    """It is never zeros: what is there has values in every layer and every row."""
    trace = generation.record(tiny(family), TEXT[:20], spec=EVERYTHING, max_new_tokens=2)
    assert set(trace.unavailable) == missing
    for name in missing:
        with pytest.raises(ValueError, match=why) as error:
            trace.tensor(f"generation/{name}")
        assert trace.unavailable[name] in str(error.value)
        assert f"generation/{name}" not in trace.tensors
    for name in set(EVERYTHING.tensors) - missing:
        rows = trace.values(f"generation/{name}")
        if name in PER_LAYER:
            rows = rows.reshape(len(rows), -1)
        assert rows.any(axis=-1).all(), name
    if not missing & SUMS - {"resid_mid"}:
        assert trace.certificate["residual_additivity_max_relative_error"] < 1e-6


def test_queries_keys_and_values_make_the_pattern(tiny: Tiny) -> None:
    """Token by token under the cache: the attention worked out from q, k and v is the recorded one."""
    trace = generation.record(tiny("llama"), TEXT[:20], spec=EVERYTHING, max_new_tokens=9)
    q = trace.values("generation/q")
    k, v = (trace.values(f"generation/{name}").repeat(2, axis=2) for name in "kv")
    scores = np.einsum("lqhd,lkhd->lhqk", q, k) / np.sqrt(trace.model.d_head)
    later = np.triu(np.ones(scores.shape[-2:], bool), 1)
    weights = np.exp(np.where(later, -np.inf, scores))
    weights /= weights.sum(-1, keepdims=True)
    pattern = trace.values("generation/attn_pattern")
    assert np.allclose(weights, pattern, atol=1e-5)
    z = np.einsum("lhqk,lkhd->lqhd", pattern, v)
    assert np.allclose(z, trace.values("generation/z"), atol=1e-5)

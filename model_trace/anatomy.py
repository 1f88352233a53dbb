"""Where in a model each tensor is found: by running it once and looking, not by a table of families.

A module's output *is* the attention's contribution if adding it to the stream before gives, bit for
bit, what the layer goes on with. What cannot be found so is reported by name.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from model_trace.checkpoints import quiet
from model_trace.recording_attention import recording_attention
from model_trace.trace import TraceError

PROBE_TOKENS = 3
PARALLEL = "attention and MLP run side by side in this family: no stream lies between them"


@dataclass(frozen=True)
class Tap:
    """One end of one module."""

    module: nn.Module
    end: str  # "input" | "output"


@dataclass(frozen=True)
class Layer:
    """Taps of one decoder layer by tensor name (``resid_mid``, ``attn_out``, ``mlp_out``, ``mlp_act``)."""

    block: nn.Module
    attention: nn.Module | None
    taps: dict[str, Tap]


@dataclass(frozen=True)
class Anatomy:
    """A model's parts.

    ``bases`` are the modules that hold all decoder layers and nothing beyond the final norm (some
    families call an inner one), ``base_output`` is the type they answer with; ``final_norm`` maps the
    last stream to their answer, None where the stream is that answer
    (``ends_in_stream``) or where no single module does it. ``connected``: each layer is given exactly
    what the one before it answers. ``unavailable`` says which tensors the family
    cannot give, and why.
    """

    bases: tuple[nn.Module, ...]
    base_output: type
    embedding: nn.Module
    layers: tuple[Layer, ...]
    final_norm: nn.Module | None
    ends_in_stream: bool
    connected: bool
    unavailable: dict[str, str] = field(default_factory=dict)


@dataclass
class _Seen:
    """What went through one module: first tensor in, first tensor out, and the order of finishing."""

    module: nn.Module
    input: Tensor | None
    output: Tensor


def first_tensor(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Tensor | None:
    """The stream among a module's arguments: the first tensor, however it was passed."""
    if args and isinstance(args[0], Tensor):
        return args[0]
    named = kwargs.get("hidden_states")
    return named if isinstance(named, Tensor) else None


def main_output(output: Any) -> Any:
    """A module's answer without the weights or caches that some return beside it."""
    return output[0] if isinstance(output, tuple) else output


def decoder_layers(model: Any) -> list[nn.Module]:
    """The decoder layers in order: the model's one list of as many modules as the config names.

    Raises:
        TraceError: there is none such.
    """
    count = model.config.get_text_config(decoder=True).num_hidden_layers
    lists = [m for m in model.base_model.modules() if isinstance(m, nn.ModuleList) and len(m) == count]
    if not lists:
        raise TraceError(f"{type(model).__name__} has no list of {count} decoder layers")
    return list(lists[0])


def probe(model: Any) -> Anatomy:
    """Run the model on a few tokens and find each tensor's place.

    Raises:
        TraceError: the model's attention looks ahead, or its layers are not found.
    """
    blocks = decoder_layers(model)
    base = model.base_model
    seen: list[_Seen] = []
    patterns: dict[nn.Module, Tensor] = {}

    def look(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        value = main_output(output)
        if isinstance(value, Tensor):
            # Copied: some modules add to their input in place.
            given = first_tensor(args, kwargs)
            seen.append(_Seen(module, None if given is None else given.clone(), value.clone()))

    def attend(module: nn.Module, tensors: dict[str, Tensor]) -> None:
        patterns[module] = tensors["attn_pattern"]

    hooks = [m.register_forward_hook(look, with_kwargs=True) for m in base.modules() if m is not base]
    ids = torch.arange(PROBE_TOKENS, device=model.device).remainder(model.config.get_text_config().vocab_size)
    try:
        with torch.no_grad(), quiet(), recording_attention(model, attend):
            answer = base(input_ids=ids[None], use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
    for pattern in patterns.values():
        if pattern.triu(1).any():
            raise TraceError(f"{type(model).__name__} looks ahead: it is not a causal language model")
    last = answer.last_hidden_state
    final_norm, ends_in_stream = _final_norm(seen, blocks, last)
    layers = tuple(_layer(block, seen, patterns) for block in blocks)
    return Anatomy(
        bases=_holding(base, blocks),
        base_output=type(answer),
        embedding=model.get_input_embeddings(),
        layers=layers,
        final_norm=final_norm,
        ends_in_stream=ends_in_stream,
        connected=_connected(seen, blocks),
        unavailable=_unavailable(layers, final_norm, ends_in_stream),
    )


def _holding(base: nn.Module, blocks: list[nn.Module]) -> tuple[nn.Module, ...]:
    modules = [m for m in base.modules() if not isinstance(m, nn.ModuleList)]
    return tuple(m for m in modules if set(blocks) <= set(m.modules()))


def _final_norm(seen: list[_Seen], blocks: list[nn.Module], last: Tensor) -> tuple[nn.Module | None, bool]:
    stream = next(each.output for each in reversed(seen) if each.module is blocks[-1])
    for each in reversed(seen):
        if each.input is not None and _same(each.output, last) and _same(each.input, stream):
            return each.module, False
    return None, _same(stream, last)


def _connected(seen: list[_Seen], blocks: list[nn.Module]) -> bool:
    by_block = {each.module: each for each in seen}
    pairs = itertools.pairwise(by_block[block] for block in blocks)
    return all(after.input is not None and _same(before.output, after.input) for before, after in pairs)


def _layer(block: nn.Module, seen: list[_Seen], patterns: dict[nn.Module, Tensor]) -> Layer:
    inside = set(block.modules()) - {block}
    within = [each for each in seen if each.module in inside]
    whole = next(each for each in seen if each.module is block)
    attention = next((module for module in patterns if module in inside), None)
    if attention is None:
        attention = next((m for m in block.modules() if type(m).__name__.endswith("Attention")), None)
    before, after = whole.input, whole.output
    if before is None:
        return Layer(block, attention, {})
    taps = _in_sequence(within, before, after) or _side_by_side(within, before, after, attention)
    taps |= _activation(within, attention, after)
    return Layer(block, attention, taps)


def _in_sequence(within: list[_Seen], before: Tensor, after: Tensor) -> dict[str, Tap]:
    """before + attn_out = mid, which some module is given; mid + mlp_out = after."""
    fitting = [each for each in within if each.output.numel() == before.numel()]
    middles = [
        each
        for each in within
        if each.input is not None
        and each.input.numel() == before.numel()
        and not _same(each.input, before)
        and any(_same(_plus(each.input, other.output), after) for other in fitting)
    ]
    found: dict[str, Tap] = {}
    for middle in middles:
        assert middle.input is not None
        # The outermost of modules with equal outputs finishes last.
        mlp_out = next(e for e in reversed(fitting) if _same(_plus(middle.input, e.output), after))
        taps = {"resid_mid": Tap(middle.module, "input"), "mlp_out": Tap(mlp_out.module, "output")}
        for each in reversed(fitting):
            if _same(_plus(before, each.output), middle.input):
                return taps | {"attn_out": Tap(each.module, "output")}
        found = found or taps
    return found


def _side_by_side(
    within: list[_Seen], before: Tensor, after: Tensor, attention: nn.Module | None
) -> dict[str, Tap]:
    """before + attn_out + mlp_out = after, in whichever order the family adds."""
    fitting = [each for each in within if each.output.numel() == before.numel()]
    attending = set(attention.modules()) if attention is not None else set()
    from_attention = [each for each in fitting if each.module is attention]
    for ours, other in itertools.product(from_attention, reversed(fitting)):
        if other.module in attending:
            continue
        a, b, x = ours.output, other.output, before
        sums = (_plus(_plus(a, b), x), _plus(_plus(x, a), b), _plus(_plus(x, b), a))
        if any(_same(total, after) for total in sums):
            return {"attn_out": Tap(ours.module, "output"), "mlp_out": Tap(other.module, "output")}
    return {}


def _activation(within: list[_Seen], attention: nn.Module | None, after: Tensor) -> dict[str, Tap]:
    """The MLP's hidden activation is what its last weight matrix is given."""
    attending = set(attention.modules()) if attention is not None else set()
    for each in reversed(within):
        weight = getattr(each.module, "weight", None)
        matrix = isinstance(weight, Tensor) and weight.ndim == 2 and not isinstance(each.module, nn.Embedding)
        if matrix and each.module not in attending:
            fits = each.output.shape[-1] == after.shape[-1] and each.input is not None
            return {"mlp_act": Tap(each.module, "input")} if fits else {}
    return {}


def _unavailable(
    layers: tuple[Layer, ...], final_norm: nn.Module | None, ends_in_stream: bool
) -> dict[str, str]:
    reasons = {}
    for name in ("resid_mid", "attn_out", "mlp_out", "mlp_act"):
        lacking = [i for i, layer in enumerate(layers) if name not in layer.taps]
        if lacking:
            reasons[name] = f"no module of layer {lacking[0]} computes it as a tensor of its own"
    if "resid_mid" in reasons and "attn_out" not in reasons:
        reasons["resid_mid"] = PARALLEL
    if final_norm is None:
        reasons["final_norm"] = (
            "the model ends in the residual stream, without a norm"
            if ends_in_stream
            else "no single module leads from the last residual stream to the model's answer"
        )
    return reasons


def _plus(a: Tensor, b: Tensor) -> Tensor:
    return a.reshape(-1) + b.reshape(-1)


def _same(a: Tensor, b: Tensor) -> bool:
    return a.numel() == b.numel() and bool(torch.equal(a.reshape(-1), b.reshape(-1)))

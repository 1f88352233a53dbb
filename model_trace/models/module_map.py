"""Where in a model each tensor is found: by running it once and looking, not by a table of families.

A module's output *is* the attention's contribution if adding it to the stream before gives, bit for
bit, what the layer goes on with. What cannot be found so is reported by name.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from model_trace.errors import TraceError, first_line
from model_trace.models.hook_points import HookPoint, ModuleCall, find_taps, first_tensor, main_output, same
from model_trace.models.quiet import quiet
from model_trace.models.recording_attention import recording_attention

PROBE_TOKENS = 3
# How far a first token's stream may move where another token after it is changed: rounding, no more.
LOOKS_AHEAD = 1e-2

FROM_ATTENTION = ("q", "k", "v", "attn_pattern", "z")
PARALLEL = "attention and MLP run side by side in this family: no stream lies between them"
NOT_DISPATCHED = "this family does not run its attention through transformers' attention interface"
NO_ATTENTION = "layer {} of this family mixes tokens by other means than attention"


@dataclass(frozen=True)
class Layer:
    """Taps of one decoder layer by tensor name (``resid_mid``, ``attn_out``, ``mlp_out``, ``mlp_act``).

    ``heads``: shapes per token of what its attention shows (``q`` [heads, d_head], ``attn_pattern`` [heads]).
    """

    block: nn.Module
    attention: nn.Module | None
    hook_points: dict[str, HookPoint]
    heads: dict[str, tuple[int, ...]] = field(default_factory=dict)


@dataclass(frozen=True)
class ModuleMap:
    """A model's parts.

    ``bases`` are the modules that hold all decoder layers and nothing beyond the final norm (some
    families call an inner one), ``base_output`` is the type they answer with; ``final_norm`` maps the
    last stream to their answer, None where the stream is that answer
    (``ends_in_stream``) or where no single module does it. ``connected``: each layer is given exactly
    what the one before it answers. ``reports_patterns``: attention cannot be watched, but the model gives
    its patterns when asked (``output_attentions``). ``unavailable`` says which tensors the family
    cannot give, and why.
    """

    bases: tuple[nn.Module, ...]
    base_output: type
    embedding: nn.Module
    layers: tuple[Layer, ...]
    final_norm: nn.Module | None
    ends_in_stream: bool
    connected: bool
    reports_patterns: bool = False
    unavailable: dict[str, str] = field(default_factory=dict)


def decoder_layers(model: Any) -> list[nn.Module]:
    """The decoder layers in order: the model's one list of as many modules as the config names.

    Raises:
        TraceError: there is none such.
    """
    count = model.config.get_text_config(decoder=True).num_hidden_layers
    lists = [m for m in _base(model).modules() if isinstance(m, nn.ModuleList) and len(m) == count]
    if not lists:
        raise TraceError(f"{type(model).__name__} has no list of {count} decoder layers: name another model")
    return list(lists[0])


def probe(model: Any) -> ModuleMap:
    """Run the model on a few tokens and find each tensor's place.

    Raises:
        TraceError: the model looks ahead, keeps no key-value cache, cannot be run on token ids alone, or
            its layers are not found.
    """
    name = type(model).__name__
    try:
        return _probe(model, name)
    except TraceError:
        raise
    except Exception as error:
        # Whatever a family's own code says when it is run in a way it was not made for.
        raise TraceError(
            f"{name} cannot be run on token ids alone ({first_line(error)}): name another model"
        ) from error


def _probe(model: Any, name: str) -> ModuleMap:
    blocks = decoder_layers(model)
    base = _base(model)
    seen: list[ModuleCall] = []
    shown: dict[nn.Module, dict[str, Tensor]] = {}

    def look(module: nn.Module, args: tuple[Any, ...], kwargs: dict[str, Any], output: Any) -> None:
        value = main_output(output)
        if isinstance(value, Tensor):
            # Copied: some modules add to their input in place.
            given = first_tensor(args, kwargs)
            seen.append(ModuleCall(module, None if given is None else given.clone(), value.clone()))

    def attend(module: nn.Module, tensors: dict[str, Tensor]) -> None:
        shown[module] = tensors

    size = model.config.get_text_config().vocab_size
    ids = torch.arange(PROBE_TOKENS, device=model.device).remainder(size)
    hooks = [m.register_forward_hook(look, with_kwargs=True) for m in base.modules() if m is not base]
    try:
        with torch.no_grad(), quiet(), recording_attention(model, attend):
            answer = base(input_ids=ids[None], use_cache=False)
    finally:
        for hook in hooks:
            hook.remove()
    last = getattr(answer, "last_hidden_state", None)
    if last is None or last.shape[:2] != (1, PROBE_TOKENS):
        raise TraceError(f"{name} does not answer with one vector per token: name another model")
    if not {each.module for each in seen} >= set(blocks):
        raise TraceError(f"{name} does not run each of its {len(blocks)} decoder layers: name another model")
    layers_gave = [each.output for each in seen if each.module in set(blocks)]
    if any(value.ndim != 3 or value.shape[:2] != last.shape[:2] for value in layers_gave):
        raise TraceError(
            f"the decoder layers of {name} do not pass on one vector per token: name another model"
        )
    reported = () if shown else _reported(base, ids)
    patterns = [tensors["attn_pattern"] for tensors in shown.values()] or list(reported)
    if any(pattern.triu(1).any() for pattern in patterns) or _looks_ahead(base, ids, last):
        raise TraceError(f"{name} attends to later tokens, so it is not causal: name a causal language model")
    _check_cache(model, ids)
    final_norm, ends_in_stream = _final_norm(seen, blocks, last)
    layers = tuple(_layer(block, seen, shown) for block in blocks)
    reports = len(reported) == len(blocks) and len({pattern.shape for pattern in reported}) == 1
    return ModuleMap(
        bases=_holding(base, blocks),
        base_output=type(answer),
        embedding=model.get_input_embeddings(),
        layers=layers,
        final_norm=final_norm,
        ends_in_stream=ends_in_stream,
        connected=_connected(seen, blocks),
        reports_patterns=reports,
        unavailable=_without_taps(layers)
        | _without_heads(layers, reports)
        | _without_norm(final_norm, ends_in_stream),
    )


def _base(model: Any) -> Any:
    """The model without its unembedding."""
    if model.base_model is not model:
        return model.base_model
    # A few families do not name it as the others do.
    embedding = model.get_input_embeddings()
    return next(child for child in model.children() if embedding in child.modules())


@torch.no_grad()
def _reported(base: nn.Module, ids: Tensor) -> tuple[Tensor, ...]:
    """The attention patterns [1, heads, n, n] that the model gives when asked; none where it does not."""
    with quiet():
        answer = base(input_ids=ids[None], use_cache=False, output_attentions=True)
    patterns = getattr(answer, "attentions", None) or ()
    square = (len(ids), len(ids))
    good = all(isinstance(each, Tensor) and each.ndim == 4 and each.shape[2:] == square for each in patterns)
    return tuple(patterns) if good else ()


@torch.no_grad()
def _looks_ahead(base: nn.Module, ids: Tensor, last: Tensor) -> bool:
    """Whether another last token changes what stands at the tokens before it."""
    others = ids.clone()
    others[-1] = ids[0]
    with quiet():
        changed = base(input_ids=others[None], use_cache=False).last_hidden_state
    moved = (changed - last)[:, :-1].abs().max()
    return bool(moved > LOOKS_AHEAD * last.abs().max())


@torch.no_grad()
def _check_cache(model: Any, ids: Tensor) -> None:
    with quiet():
        answer = model(input_ids=ids[None], use_cache=True)
        cache = getattr(answer, "past_key_values", None)
        if cache is None:
            raise TraceError(
                f"{type(model).__name__} keeps no key-value cache, which generating needs: name another model"
            )
        model(input_ids=ids[None, :1], past_key_values=cache, use_cache=True)


def _holding(base: nn.Module, blocks: list[nn.Module]) -> tuple[nn.Module, ...]:
    modules = [m for m in base.modules() if not isinstance(m, nn.ModuleList)]
    return tuple(m for m in modules if set(blocks) <= set(m.modules()))


def _final_norm(
    seen: list[ModuleCall], blocks: list[nn.Module], last: Tensor
) -> tuple[nn.Module | None, bool]:
    stream = next(each.output for each in reversed(seen) if each.module is blocks[-1])
    for each in reversed(seen):
        if each.input is not None and same(each.output, last) and same(each.input, stream):
            return each.module, False
    return None, same(stream, last)


def _connected(seen: list[ModuleCall], blocks: list[nn.Module]) -> bool:
    by_block = {each.module: each for each in seen}
    pairs = itertools.pairwise(by_block[block] for block in blocks)
    return all(after.input is not None and same(before.output, after.input) for before, after in pairs)


def _layer(block: nn.Module, seen: list[ModuleCall], shown: dict[nn.Module, dict[str, Tensor]]) -> Layer:
    inside = set(block.modules()) - {block}
    within = [each for each in seen if each.module in inside]
    whole = next(each for each in seen if each.module is block)
    attention = next((module for module in shown if module in inside), None)
    heads = _per_token(shown[attention]) if attention is not None else {}
    if attention is None:
        attention = next((m for m in block.modules() if type(m).__name__.endswith("Attention")), None)
    hook_points = find_taps(within, whole.input, whole.output, attention) if whole.input is not None else {}
    return Layer(block, attention, hook_points, heads)


def _per_token(shown: dict[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """Shapes without the axes of batch and tokens, by name."""
    shapes = {
        name: (value.shape[1], value.shape[3]) for name, value in shown.items() if name in ("q", "k", "v")
    }
    return shapes | {"z": tuple(shown["z"].shape[2:]), "attn_pattern": (shown["attn_pattern"].shape[1],)}


def _without_taps(layers: Sequence[Layer]) -> dict[str, str]:
    reasons = {}
    for name in ("resid_mid", "attn_out", "mlp_out", "mlp_act"):
        lacking = [i for i, layer in enumerate(layers) if name not in layer.hook_points]
        if lacking:
            reasons[name] = f"no module of layer {lacking[0]} computes it as a tensor of its own"
            continue
        widths = [layer.hook_points[name].width for layer in layers]
        if len(set(widths)) > 1:
            reasons[name] = _uneven(widths)
    if "resid_mid" in reasons and "attn_out" not in reasons:
        reasons["resid_mid"] = PARALLEL
    return reasons


def _without_heads(layers: Sequence[Layer], reports_patterns: bool) -> dict[str, str]:
    reasons = {}
    silent = [i for i, layer in enumerate(layers) if not layer.heads]
    for name in FROM_ATTENTION:
        shapes = [layer.heads.get(name, ()) for layer in layers]
        if len(silent) == len(layers):
            reasons[name] = NOT_DISPATCHED
        elif silent:
            reasons[name] = NO_ATTENTION.format(silent[0])
        elif len(set(shapes)) > 1:
            reasons[name] = _uneven(shapes)
    if reports_patterns:
        del reasons["attn_pattern"]
    return reasons


def _without_norm(final_norm: nn.Module | None, ends_in_stream: bool) -> dict[str, str]:
    if final_norm is not None:
        return {}
    if ends_in_stream:
        return {"final_norm": "the model ends in the residual stream, without a norm"}
    return {"final_norm": "no single module leads from the last residual stream to the model's answer"}


def _uneven(sizes: Sequence[Any]) -> str:
    other = next(i for i, size in enumerate(sizes) if size != sizes[0])
    return f"its size differs from layer to layer: {sizes[0]} in layer 0, {sizes[other]} in layer {other}"

"""Where inside a decoder layer each tensor is found: by comparing what its modules took and gave."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class HookPoint:
    """One end of one module, and the size of what passes there per token."""

    module: nn.Module
    end: str  # "input" | "output"
    width: int


@dataclass
class ModuleCall:
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
    return output[0] if isinstance(output, tuple | list) else output


def same(a: Tensor, b: Tensor) -> bool:
    """Whether two tensors hold the same values, bit for bit, however they are folded."""
    return a.numel() == b.numel() and bool(torch.equal(a.reshape(-1), b.reshape(-1)))


def find_taps(
    within: list[ModuleCall], before: Tensor, after: Tensor, attention: nn.Module | None
) -> dict[str, HookPoint]:
    """The taps by tensor name (``resid_mid``, ``attn_out``, ``mlp_out``, ``mlp_act``) of a layer.

    ``within`` are the modules inside it, in the order of finishing; it was given ``before`` and answered
    ``after``. What cannot be found is left out.
    """
    hook_points = _in_sequence(within, before, after) or _side_by_side(within, before, after, attention)
    return hook_points | _activation(within, attention, after)


def _in_sequence(within: list[ModuleCall], before: Tensor, after: Tensor) -> dict[str, HookPoint]:
    """before + attn_out = mid, which some module is given; mid + mlp_out = after."""
    fitting = [each for each in within if each.output.numel() == before.numel()]
    middles = [
        each
        for each in within
        if each.input is not None
        and each.input.numel() == before.numel()
        and not same(each.input, before)
        and any(same(_plus(each.input, other.output), after) for other in fitting)
    ]
    width = before.shape[-1]
    found: dict[str, HookPoint] = {}
    for middle in middles:
        assert middle.input is not None
        # The outermost of modules with equal outputs finishes last.
        mlp_out = next(e for e in reversed(fitting) if same(_plus(middle.input, e.output), after))
        hook_points = {
            "resid_mid": HookPoint(middle.module, "input", width),
            "mlp_out": HookPoint(mlp_out.module, "output", width),
        }
        for each in reversed(fitting):
            if same(_plus(before, each.output), middle.input):
                return hook_points | {"attn_out": HookPoint(each.module, "output", width)}
        found = found or hook_points
    return found


def _side_by_side(
    within: list[ModuleCall], before: Tensor, after: Tensor, attention: nn.Module | None
) -> dict[str, HookPoint]:
    """before + attn_out + mlp_out = after, in whichever order the family adds."""
    fitting = [each for each in within if each.output.numel() == before.numel()]
    attending = set(attention.modules()) if attention is not None else set()
    width = before.shape[-1]
    from_attention = [each for each in fitting if each.module is attention]
    for ours, other in itertools.product(from_attention, reversed(fitting)):
        if other.module in attending:
            continue
        a, b, x = ours.output, other.output, before
        sums = (_plus(_plus(a, b), x), _plus(_plus(x, a), b), _plus(_plus(x, b), a))
        if any(same(total, after) for total in sums):
            return {
                "attn_out": HookPoint(ours.module, "output", width),
                "mlp_out": HookPoint(other.module, "output", width),
            }
    return {}


def _activation(within: list[ModuleCall], attention: nn.Module | None, after: Tensor) -> dict[str, HookPoint]:
    """The MLP's hidden activation is what its last weight matrix is given."""
    attending = set(attention.modules()) if attention is not None else set()
    for each in reversed(within):
        weight = getattr(each.module, "weight", None)
        matrix = isinstance(weight, Tensor) and weight.ndim == 2 and not isinstance(each.module, nn.Embedding)
        if matrix and each.module not in attending:
            if each.output.shape[-1] != after.shape[-1] or each.input is None:
                return {}
            return {"mlp_act": HookPoint(each.module, "input", each.input.shape[-1])}
    return {}


def _plus(a: Tensor, b: Tensor) -> Tensor:
    return a.reshape(-1) + b.reshape(-1)

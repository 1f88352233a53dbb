"""Train any model one recorded step at a time, and check each against its update law."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from model_trace.trace import Optimiser

# Weights that are compared at a time: so many stay in the processor's cache.
PORTION = 2**16


class Watch(Protocol):
    """Sees a parameter right after it was updated: its place among the parameters, and the tensors."""

    def __call__(self, place: int, parameter: nn.Parameter, before: Tensor, gradient: Tensor, /) -> None: ...


@dataclass(frozen=True)
class OptimizerStep:
    """A finished step: its loss before it, and each parameter's gradient norm (L2), [P].

    ``law_error``: the largest distance of any weight from where the law puts it; None where not checked.
    """

    loss: float
    gradient_norms: Tensor
    law_error: float | None


class Learner:
    """Trains a model with one optimiser, dropout off.

    Each parameter is updated during the backward pass, as soon as its gradient is whole, and the gradient
    let go: the gradients never stand in memory all together. The result is the same as stepping after
    the pass, since every parameter is updated from its own gradient alone.
    """

    def __init__(self, model: Any, optimiser: Optimiser) -> None:
        self.model = model
        self._optimiser = optimiser
        self._parameters = trainable(model)
        self._torch = [torch_optimiser(optimiser, parameter) for parameter in self._parameters.values()]
        self._steps = 0

    def step(
        self, loss: Callable[[], Tensor], watch: Watch | None = None, *, check: bool = False
    ) -> OptimizerStep:
        """Compute ``loss``, go back from it, update every parameter.

        ``check`` compares every weight with the update law; only the first step of an optimiser can be,
        as later ones of AdamW depend on its past.
        """
        if check and self._steps:
            raise ValueError("the update law is checked at an optimiser's first step")
        norms = torch.zeros(len(self._parameters), dtype=torch.float64)
        worst = 0.0

        def update(place: int, parameter: nn.Parameter) -> None:
            nonlocal worst
            gradient = parameter.grad
            assert gradient is not None
            norms[place] = norm(gradient)
            if not (check or watch):
                self._torch[place].step()
                parameter.grad = None
                return
            before = parameter.detach().clone()
            self._torch[place].step()
            if check:
                worst = max(worst, law_error(self._optimiser, before, gradient, parameter.detach()))
            if watch is not None:
                watch(place, parameter, before, gradient)
            parameter.grad = None

        hooks = [
            parameter.register_post_accumulate_grad_hook(partial(update, place))  # type: ignore[no-untyped-call]
            for place, parameter in enumerate(self._parameters.values())
        ]
        try:
            with torch.enable_grad():
                computed = loss()
                computed.backward()  # type: ignore[no-untyped-call]
        finally:
            for hook in hooks:
                hook.remove()
            self.model.zero_grad(set_to_none=True)
        self._steps += 1
        return OptimizerStep(float(computed.detach()), norms, worst if check else None)


def trainable(model: Any) -> dict[str, nn.Parameter]:
    """A model's parameters by name; those that two places share (a tied embedding) are named once."""
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def torch_optimiser(optimiser: Optimiser, parameter: nn.Parameter) -> torch.optim.Optimizer:
    """torch's own optimiser with these settings, for one parameter."""
    if optimiser.name == "SGD":
        return torch.optim.SGD([parameter], lr=optimiser.learning_rate)
    first, second = optimiser.betas
    return torch.optim.AdamW(
        [parameter],
        lr=optimiser.learning_rate,
        betas=(first, second),
        eps=optimiser.epsilon,
        weight_decay=optimiser.weight_decay,
        # One pass over memory instead of a dozen.
        fused=True,
    )


def lawful(optimiser: Optimiser, before: Tensor, gradient: Tensor) -> Tensor:
    """Where the first step puts the weights: W - rate * gradient, or AdamW's (2019, algorithm 2).

    At AdamW's first step the corrected averages are the gradient and its square themselves.
    """
    rate = optimiser.learning_rate
    if optimiser.name == "SGD":
        return before - rate * gradient
    direction = gradient / (gradient.abs() + optimiser.epsilon)
    return before * (1 - rate * optimiser.weight_decay) - rate * direction


def law_error(optimiser: Optimiser, before: Tensor, gradient: Tensor, after: Tensor) -> float:
    """The largest distance of a weight from where the law puts it."""
    # In portions: an embedding is large, and the law takes several tensors of its size.
    portions = zip(*(torch.split(each.flatten(), PORTION) for each in (before, gradient, after)), strict=True)
    return max(float((new - lawful(optimiser, old, slope)).abs().max()) for old, slope, new in portions)


def norm(values: Tensor) -> float:
    """The L2 norm, as ``torch.nn.utils.clip_grad_norm_`` takes it."""
    return float(torch.linalg.vector_norm(values.detach()))


def adamw(learning_rate: float) -> Optimiser:
    """AdamW with torch's defaults but for weight decay, which has no use in a few steps."""
    return Optimiser("AdamW", learning_rate, betas=(0.9, 0.999), epsilon=1e-8, weight_decay=0.0)

"""Train a model on one example by plain gradient descent, at a rate that its weights can bear."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from model_trace.learning.first_step import FirstStep
from model_trace.learning.learner import Learner, law_error, norm, trainable
from model_trace.learning.training_example import (
    Example,
    distribution_of,
    last_logits,
    loss_by_the_model,
    loss_of,
)
from model_trace.learning.weights import deviation
from model_trace.recording.distribution import Distribution
from model_trace.trace import Optimiser, Search, Trial

RULE = (
    "of the rates 1, 2, 5, 10 … the largest at which the first step of plain gradient descent moves no "
    "weight of a matrix by more than the standard deviation of the matrix's weights, and lowers the loss"
)
LARGEST_RATE = 1.0  # where gradients are so small that nothing else bounds it
MOST_TRIALS = 4

Say = Callable[[str], None]


@dataclass(frozen=True)
class Trained:
    """A finished training: how it was done, and what was seen of it.

    ``first`` saw the first step. ``answers`` and ``losses`` have a row more than there are steps, the first
    before any; ``gradient_norms`` is [steps, parameters]. ``certificate``: what was compared with torch's and
    transformers' own ways.
    """

    optimisers: tuple[Optimiser, ...]
    searches: tuple[Search, ...]
    parameters: tuple[str, ...]
    first: FirstStep
    answers: Distribution
    losses: Sequence[float]
    gradient_norms: npt.NDArray[np.float32]
    certificate: Mapping[str, Any]

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """By the names a trace uses."""
        return {
            **self.answers.arrays(),
            "loss": np.array(self.losses, np.float32),
            "gradient_norm": self.gradient_norms,
            **self.first.arrays(),
        }


def descend(model: Any, example: Example, seed: int, steps: int, say: Say) -> Trained:
    """Train the model on the example, every step at the same rate: the one that ``RULE`` gives the first.

    One backward pass serves the search and the first step, which the rate that is found has then made; what
    the model answers after a step is read from the next one's forward.
    """
    weights = trainable(model)
    deviations = [deviation(weight) for weight in weights.values()]
    first = FirstStep(model, seed, deviations)
    gradients = beside(list(weights.values()))
    for weight, gradient in zip(weights.values(), gradients, strict=True):
        weight.grad = gradient
    with torch.enable_grad():
        logits = last_logits(model, example)
        loss = loss_of(logits, example)
        loss.backward()  # type: ignore[no-untyped-call]
    answers, losses = [distribution_of(logits, example)], [float(loss.detach())]
    del logits, loss
    norms = [torch.tensor([norm(gradient) for gradient in gradients], dtype=torch.float64)]
    whole = float(nn.utils.clip_grad_norm_(weights.values(), math.inf))
    certificate: dict[str, Any] = {
        "loss_by_the_model_error": _loss_error(model, example, losses[0]),
        "gradient_norm_relative_error": norms_error(norms[0], whole),
    }
    rates = list(rates_within(largest_rate(deviations, gradients)))[:MOST_TRIALS]
    search, worst = _first_step(model, example, gradients, losses[0], rates, whole, first, say)
    certificate["update_law_max_abs_error"] = {"SGD": worst}
    optimiser = Optimiser("SGD", chosen_rate(search))
    del gradients
    model.zero_grad(set_to_none=True)

    def asked() -> Tensor:
        logits = last_logits(model, example)
        answers.append(distribution_of(logits, example))
        found = loss_of(logits, example)
        losses.append(float(found.detach()))
        return found

    learner = Learner(model, optimiser)
    for number in range(2, steps + 1):
        say(f"training: step {number} of {steps}")
        norms.append(learner.step(asked).gradient_norms)
    with torch.no_grad():
        asked()
    return Trained(
        optimisers=(optimiser,) * steps,
        searches=(search,),
        parameters=tuple(weights),
        first=first,
        answers=Distribution.join(answers),
        losses=losses,
        gradient_norms=torch.stack(norms).float().numpy(),
        certificate=certificate,
    )


def rates_within(bound: float) -> Iterator[float]:
    """The rates …, 0.01, 0.02, 0.05, 0.1, … up to ``bound`` and ``LARGEST_RATE``, the largest first."""
    bound = min(bound, LARGEST_RATE)
    power = math.floor(math.log10(bound))
    series = (float(f"{digit}e{power - lower}") for lower in range(MOST_TRIALS) for digit in (5, 2, 1))
    return (rate for rate in series if rate <= bound)


def largest_rate(deviations: Sequence[float], gradients: Sequence[Tensor]) -> float:
    """The rate at which some weight of a matrix moves by the standard deviation of the matrix's weights.

    Weights that are all alike, as those of a norm are before any training, have no spread to compare with.
    """
    bounds = [LARGEST_RATE]
    for spread, gradient in zip(deviations, gradients, strict=True):
        if gradient.ndim > 1 and spread > 0:
            largest = float(torch.linalg.vector_norm(gradient, math.inf))
            bounds += [spread / largest] if largest > 0 else []
    return min(bounds)


def chosen_rate(search: Search) -> float:
    """The rate of the trial with the lowest loss."""
    return min(search.trials, key=lambda trial: math.inf if trial.loss is None else trial.loss).learning_rate


def norms_error(norms: Tensor, whole: float) -> float:
    """How far the parameters' gradient norms are, together, from the one that torch takes of them all."""
    return abs(float(norms.norm()) / whole - 1) if whole else float(norms.norm())


def beside(weights: list[nn.Parameter]) -> list[Tensor]:
    """Zeros of the weights' shapes, end to end: memory takes one large piece back, hundreds of small ones
    it keeps."""
    sizes = [weight.numel() for weight in weights]
    whole = torch.zeros(sum(sizes), dtype=weights[0].dtype, device=weights[0].device)
    return [part.view_as(weight) for part, weight in zip(torch.split(whole, sizes), weights, strict=True)]


@torch.no_grad()
def _loss_error(model: Any, example: Example, loss: float) -> float:
    return abs(loss_by_the_model(model, example) - loss)


@torch.no_grad()
def _first_step(
    model: Any,
    example: Example,
    gradients: list[Tensor],
    start: float,
    rates: Sequence[float],
    whole: float,
    first: FirstStep,
    say: Say,
) -> tuple[Search, float]:
    """Make the first step, at the rate that the search finds; also return how far it is from its law."""
    weights = list(trainable(model).values())
    size = math.hypot(*(norm(weight) for weight in weights))
    before = [old.copy_(weight) for old, weight in zip(beside(weights), weights, strict=True)]

    def step(rate: float) -> None:
        for weight, old, gradient in zip(weights, before, gradients, strict=True):
            torch.add(old, gradient, alpha=-rate, out=weight.data)

    trials: list[Trial] = []
    for rate in rates:
        say(f"training: trying a first step of rate {rate:g}")
        step(rate)
        after = float(loss_of(last_logits(model, example), example))
        trials.append(Trial(rate, after if math.isfinite(after) else None, rate * whole / size))
        if after < start:
            break
    search = Search(RULE, tuple(trials))
    if chosen_rate(search) != trials[-1].learning_rate:
        step(chosen_rate(search))
    optimiser, worst = Optimiser("SGD", chosen_rate(search)), 0.0
    for place, (weight, old, gradient) in enumerate(zip(weights, before, gradients, strict=True)):
        worst = max(worst, law_error(optimiser, old, gradient, weight.detach()))
        first(place, weight, old, gradient)
    return search, worst

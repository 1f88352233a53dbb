"""Training as earlier versions recorded it, so that their recordings can be verified."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from model_trace.learning.descent import Trained, beside, norms_error
from model_trace.learning.first_step import FirstStep
from model_trace.learning.learner import Learner, OptimizerStep, adamw, norm, trainable
from model_trace.learning.training_example import Example, distribution, example_loss, loss_by_the_model
from model_trace.learning.untrained import untrained_model
from model_trace.models.checkpoints import Checkpoint
from model_trace.recording.distribution import Distribution
from model_trace.trace import Optimiser, Search, Trial

FIRST_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
FIRST_RULE = "the rate with the lowest loss after the one step of plain gradient descent, among small steps"
LATER_RATES = (3e-4, 1e-3, 3e-3)
LATER_RULE = "the rate with the lowest loss after the last step, each tried over all steps after the first"

Say = Callable[[str], None]


def train(checkpoint: Checkpoint, example: Example, seed: int, steps: int, say: Say) -> Trained:
    """One step of plain gradient descent and others of AdamW, each of whose rates is tried over all steps."""
    untrained = untrained_model(checkpoint, seed, earlier=True)
    first, checked = _search_first(untrained, example, say)
    del untrained
    chosen: _Run | None = None
    trials: list[Trial] = []
    for rate in LATER_RATES:
        say(f"training: {steps} steps, the later with the rate {rate:g}")
        optimisers = (Optimiser("SGD", _best(first)), *[adamw(rate)] * (steps - 1))
        model = untrained_model(checkpoint, seed, earlier=True)
        run = _Run(model, example, optimisers, seed, watched=chosen is None)
        trials.append(Trial(rate, run.losses[-1] if math.isfinite(run.losses[-1]) else None))
        if chosen is None or run.losses[-1] < chosen.losses[-1]:
            # Every run's first step is the same: it is watched and checked once.
            if chosen is not None:
                run.first = chosen.first
                run.law_errors = chosen.law_errors | run.law_errors
            chosen = run
    assert chosen is not None and chosen.first is not None
    error = norms_error(chosen.steps[0].gradient_norms, checked.pop("gradient_norm"))
    return Trained(
        optimisers=chosen.optimisers,
        searches=(first, Search(LATER_RULE, tuple(trials))),
        parameters=chosen.parameters,
        first=chosen.first,
        answers=Distribution.join(chosen.answers),
        losses=chosen.losses,
        gradient_norms=np.stack([step.gradient_norms.numpy() for step in chosen.steps]).astype("f4"),
        certificate={
            **checked,
            "update_law_max_abs_error": chosen.law_errors,
            "gradient_norm_relative_error": error,
        },
    )


def _best(search: Search) -> float:
    return min(search.trials, key=lambda trial: math.inf if trial.loss is None else trial.loss).learning_rate


def _search_first(untrained: Any, example: Example, say: Say) -> tuple[Search, dict[str, Any]]:
    """Try the rates of the first step from one gradient; and hold loss and gradient to torch's own."""
    weights = list(trainable(untrained).values())
    gradients = beside(weights)
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient
    with torch.enable_grad():
        loss = example_loss(untrained, example)
        loss.backward()  # type: ignore[no-untyped-call]
    whole = float(torch.nn.utils.clip_grad_norm_(weights, math.inf))
    size = math.hypot(*(norm(weight) for weight in weights))
    before = [old.copy_(weight.detach()) for old, weight in zip(beside(weights), weights, strict=True)]
    trials = []
    with torch.no_grad():
        checked = {"loss_by_the_model_error": abs(loss_by_the_model(untrained, example) - float(loss))}
        for rate in FIRST_RATES:
            say(f"training: trying a first step of rate {rate:g}")
            for weight, old, gradient in zip(weights, before, gradients, strict=True):
                torch.add(old, gradient, alpha=-rate, out=weight.data)
            after = float(example_loss(untrained, example))
            trials.append(Trial(rate, after if math.isfinite(after) else None, rate * whole / size))
    return Search(FIRST_RULE, tuple(trials)), checked | {"gradient_norm": whole}


class _Run:
    """A model trained on the example, step by step, and what was seen of it."""

    def __init__(
        self, model: Any, example: Example, optimisers: tuple[Optimiser, ...], seed: int, *, watched: bool
    ) -> None:
        self.optimisers = optimisers
        self.parameters = tuple(trainable(model))
        self.first = FirstStep(model, seed) if watched else None
        self.steps: list[OptimizerStep] = []
        self.law_errors: dict[str, float] = {}
        self.answers: list[Distribution] = []
        self.losses: list[float] = []
        self._ask(model, example)
        learner: Learner | None = None
        for number, optimiser in enumerate(optimisers):
            fresh = learner is None or optimiser != optimisers[number - 1]
            learner = Learner(model, optimiser) if learner is None or fresh else learner
            watch = self.first if number == 0 else None
            check = fresh and (watched or number > 0)
            step = learner.step(lambda: example_loss(model, example), watch, check=check)
            if step.law_error is not None:
                self.law_errors[optimiser.name] = step.law_error
            self.steps.append(step)
            self._ask(model, example)

    @torch.no_grad()
    def _ask(self, model: Any, example: Example) -> None:
        self.answers.append(distribution(model, example))
        self.losses.append(float(example_loss(model, example)))

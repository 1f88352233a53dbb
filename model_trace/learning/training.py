"""Train an untrained twin on one example of a text, and record the steps beside the trained model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from model_trace.learning.first_step import FirstStep
from model_trace.learning.learner import Learner, OptimizerStep, adamw, norm, trainable
from model_trace.learning.untrained import untrained_model
from model_trace.learning.weights import histogram_edges, layer_arrays, layer_matrices, sample_blocks
from model_trace.models.checkpoints import Checkpoint
from model_trace.models.pieces import encode, surfaces, token
from model_trace.progress import Counter, Progress, silent
from model_trace.recording.distribution import Distribution, check_finite
from model_trace.recording.environment import environment
from model_trace.recording.sizes import training_memory
from model_trace.resources import check_memory
from model_trace.trace import Block, Optimiser, Search, Token, Trace, TraceError, TrainingRun, Trial

FEATURES = 3
STEPS = 8
CANDIDATES = 10

# The first step. Beyond the last rate one step moves the weights by a good part of their own size: the
# loss then may be anything, and says nothing of the gradient.
FIRST_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1)
FIRST_RULE = "the rate with the lowest loss after the one step of plain gradient descent, among small steps"
LATER_RATES = (3e-4, 1e-3, 3e-3)
LATER_RULE = "the rate with the lowest loss after the last step, each tried over all steps after the first"


@dataclass(frozen=True)
class Example:
    """A text's first training example: ``tokens`` are the specials before it, the features, the label."""

    tokens: tuple[Token, ...]
    text: str

    @property
    def features(self) -> tuple[Token, ...]:
        return tuple(token for token in self.tokens[:-1] if token.role != "special")

    @property
    def label(self) -> Token:
        return self.tokens[-1]

    @property
    def given(self) -> list[int]:
        """The ids that are fed to the model: all but the label."""
        return [token.id for token in self.tokens[:-1]]


def first_example(
    checkpoint: Checkpoint,
    prompt: str,
    completion: str | None = None,
    written: Sequence[int] = (),
    chat: bool = False,
) -> Example:
    """The text's first tokens, at most three, as features, and the token after them as label.

    The text is given as to ``record_training``; its tokens are those that a recorded generation of it has,
    without the chat template's.

    Raises:
        TraceError: the text has fewer than two tokens.
    """
    rows = checkpoint.model.get_input_embeddings().weight.shape[0]
    if any(not 0 <= id < rows for id in written):
        raise TraceError(
            f"the model has only {rows} tokens, and the text holds others: record the text again"
        )
    tokenizer, pieces = checkpoint.tokenizer, checkpoint.pieces
    given = encode(tokenizer, pieces, prompt, completion, chat=chat)
    added = zip(written, surfaces(tokenizer, given.ids, written), strict=True)
    tokens = [each for each in given.tokens if each.role != "template"]
    tokens += [token(pieces, id, "generated", text) for id, text in added]
    places = [place for place, each in enumerate(tokens) if each.role != "special"][: FEATURES + 1]
    if len(places) < 2:
        raise TraceError("a training example takes a text of at least two tokens; give it a continuation")
    features = [
        each if each.role == "special" else replace(each, role="prompt") for each in tokens[: places[-1]]
    ]
    text = "".join(each.surface or "" for each in tokens)
    return Example((*features, replace(tokens[places[-1]], role="given")), text)


def record_training(
    checkpoint: Checkpoint,
    prompt: str,
    completion: str | None = None,
    *,
    written: Sequence[int] = (),
    chat: bool = False,
    seed: int = 0,
    steps: int = STEPS,
    progress: Progress = silent,
) -> Trace:
    """Train an untrained twin on the text's first example and record it; the model itself is only asked.

    The text is ``prompt`` and what follows it: a given ``completion``, or the tokens with the ids ``written``
    (in the model's chat template, if ``chat``).

    The first step is plain gradient descent, so that a weight's change is its gradient times the rate;
    the others are AdamW's, from where the first has led. Both rates are searched, as ``searches`` says.
    ``seed`` makes the twin's parameters and chooses which weights are sampled.

    Raises:
        TraceError: the text has fewer than two tokens, ``steps`` is less than 2, or memory is short.
    """
    if steps < 2:
        raise TraceError(f"a training takes at least 2 steps, not {steps}: give a larger number")
    example = first_example(checkpoint, prompt, completion, written, chat)
    if checkpoint.model.device.type == "cpu":
        check_memory(training_memory(checkpoint.card), "training an untrained twin", "take a smaller model")
    count = Counter(progress, "training", len(FIRST_RATES) + len(LATER_RATES) * steps)
    count("making the untrained model", 0)
    untrained = untrained_model(checkpoint, seed)
    arrays, blocks = _compared(checkpoint, untrained, example, seed)
    first, checked = _search_first(untrained, example, count)
    del untrained
    chosen: _Run | None = None
    trials: list[Trial] = []
    for rate in LATER_RATES:
        optimisers = (Optimiser("SGD", _best(first)), *[adamw(rate)] * (steps - 1))
        run = _Run(
            untrained_model(checkpoint, seed), example, optimisers, seed, count, watched=chosen is None
        )
        trials.append(Trial(rate, run.losses[-1] if math.isfinite(run.losses[-1]) else None))
        if chosen is None or run.losses[-1] < chosen.losses[-1]:
            # Every run's first step is the same: it is watched and checked once.
            if chosen is not None:
                run.first = chosen.first
                run.law_errors = chosen.law_errors | run.law_errors
            chosen = run
    assert chosen is not None
    seen = chosen.first
    assert seen is not None and seen.block is not None
    arrays |= {f"training/{name}": array for name, array in (chosen.arrays() | seen.arrays()).items()}
    checked["update_law_max_abs_error"] = chosen.law_errors
    checked["gradient_norm_relative_error"] = abs(
        float(chosen.steps[0].gradient_norms.norm()) / checked.pop("gradient_norm") - 1
    )
    ids = {token.id for token in example.tokens}
    ids |= {int(id) for name in arrays if name.endswith("/top_ids") for id in np.unique(arrays[name])}
    return Trace(
        model=checkpoint.card,
        parts=(
            TrainingRun(
                text=example.text,
                seed=seed,
                features=example.features,
                label=example.label,
                optimisers=chosen.optimisers,
                searches=(first, Search(LATER_RULE, tuple(trials))),
                parameters=chosen.parameters,
                block=seen.block,
                first_layer=blocks,
                prompt=prompt,
                completion=completion,
                written=tuple(written),
                chat=chat,
            ),
        ),
        tokens=example.tokens,
        tensors=arrays,
        pieces={id: checkpoint.pieces[id] for id in sorted(ids)},
        unavailable={},
        certificate=checked,
        provenance={
            "model_source": checkpoint.source,
            "steps": steps,
            "trained": "all parameters of the untrained twin, in float32, dropout off",
            **environment(checkpoint),
        },
    )


@torch.no_grad()
def _compared(
    checkpoint: Checkpoint, untrained: Any, example: Example, seed: int
) -> tuple[dict[str, Any], tuple[Block, ...]]:
    """The twin beside the trained model: answers to the example, and layer 1's weights."""
    trained = layer_matrices(checkpoint.model, 0)
    blocks = sample_blocks(trained, seed)
    edges = histogram_edges(trained)
    arrays: dict[str, Any] = {}
    for prefix, model in (("untrained", untrained), ("trained", checkpoint.model)):
        made = distribution(model, example).arrays() | layer_arrays(layer_matrices(model, 0), blocks, edges)
        arrays |= {f"{prefix}/{name}": array for name, array in made.items()}
    return arrays | {"training/histogram_edges": edges}, blocks


def last_logits(model: Any, example: Example) -> Tensor:
    """The model's logits after the features, [1, vocabulary]."""
    ids = torch.tensor([example.given], device=model.device)
    logits: Tensor = model(input_ids=ids, use_cache=False, logits_to_keep=1).logits
    return logits[0, -1:].float()


def example_loss(model: Any, example: Example) -> Tensor:
    """The example's error, -log p(label), in nats."""
    logits = last_logits(model, example)
    return nn.functional.cross_entropy(logits, torch.tensor([example.label.id], device=logits.device))


@torch.no_grad()
def distribution(model: Any, example: Example) -> Distribution:
    """The model's distribution after the features, with the label as what follows."""
    logits = last_logits(model, example)
    check_finite(logits)
    return Distribution.of(logits, torch.tensor([example.label.id], device=logits.device), CANDIDATES)


def _best(search: Search) -> float:
    return min(search.trials, key=lambda trial: math.inf if trial.loss is None else trial.loss).learning_rate


def _search_first(untrained: Any, example: Example, count: Counter) -> tuple[Search, dict[str, Any]]:
    """Try the rates of the first step from one gradient; and hold loss and gradient to torch's own."""
    weights = list(trainable(untrained).values())
    gradients = _beside(weights)
    for weight, gradient in zip(weights, gradients, strict=True):
        weight.grad = gradient
    with torch.enable_grad():
        loss = example_loss(untrained, example)
        loss.backward()  # type: ignore[no-untyped-call]
    whole = float(nn.utils.clip_grad_norm_(weights, math.inf))
    size = math.hypot(*(norm(weight) for weight in weights))
    before = [old.copy_(weight.detach()) for old, weight in zip(_beside(weights), weights, strict=True)]
    trials = []
    with torch.no_grad():
        checked = {"loss_by_the_model_error": abs(_loss_by_the_model(untrained, example) - float(loss))}
        for rate in FIRST_RATES:
            count("first steps tried")
            for weight, old, gradient in zip(weights, before, gradients, strict=True):
                torch.add(old, gradient, alpha=-rate, out=weight.data)
            after = float(example_loss(untrained, example))
            trials.append(Trial(rate, after if math.isfinite(after) else None, rate * whole / size))
    return Search(FIRST_RULE, tuple(trials)), checked | {"gradient_norm": whole}


def _beside(weights: list[nn.Parameter]) -> list[Tensor]:
    """Zeros of the weights' shapes, end to end: memory takes one large piece back, hundreds of small ones
    it keeps."""
    sizes = [weight.numel() for weight in weights]
    whole = torch.zeros(sum(sizes), dtype=weights[0].dtype, device=weights[0].device)
    return [part.view_as(weight) for part, weight in zip(torch.split(whole, sizes), weights, strict=True)]


def _loss_by_the_model(model: Any, example: Example) -> float:
    """The same loss as transformers computes it from labels."""
    ids = torch.tensor([[*example.given, example.label.id]], device=model.device)
    labels = torch.full_like(ids, -100)
    labels[0, -1] = example.label.id
    return float(model(input_ids=ids, labels=labels, use_cache=False).loss)


class _Run:
    """A model trained on the example, step by step, and what was seen of it."""

    def __init__(
        self,
        model: Any,
        example: Example,
        optimisers: tuple[Optimiser, ...],
        seed: int,
        count: Counter,
        *,
        watched: bool,
    ) -> None:
        self.optimisers = optimisers
        self.parameters = tuple(trainable(model))
        self.first = FirstStep(model, seed) if watched else None
        self.steps: list[OptimizerStep] = []
        self.law_errors: dict[str, float] = {}
        self._answers: list[Distribution] = []
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
            count("steps")

    @torch.no_grad()
    def _ask(self, model: Any, example: Example) -> None:
        self._answers.append(distribution(model, example))
        self.losses.append(float(example_loss(model, example)))

    def arrays(self) -> dict[str, Any]:
        return Distribution.join(self._answers).arrays() | {
            "loss": np.array(self.losses, np.float32),
            "gradient_norm": np.stack([step.gradient_norms.numpy() for step in self.steps]).astype("f4"),
        }

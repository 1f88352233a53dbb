"""A short fine-tuning, English to French, of a copy of the model; recorded step by step."""

from __future__ import annotations

import copy
import hashlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from model_trace.learning import examples as words
from model_trace.learning.examples import FineTuningExample
from model_trace.learning.learner import Learner, OptimizerStep, adamw, norm, trainable
from model_trace.learning.pairs import FEWEST
from model_trace.learning.weights import MostChanged, cut, deviation
from model_trace.models.checkpoints import Checkpoint
from model_trace.recording.distribution import Distribution, check_finite
from model_trace.recording.environment import environment
from model_trace.recording.sizes import training_memory
from model_trace.resources import check_memory
from model_trace.trace import Answer, FineTuning, Pair, Search, Trace, TraceError, Trial

STEPS = 16
BATCH = 8
CANDIDATES = 10
# Tokens of an answer at most; French nouns take one to five.
ANSWER_TOKENS = 8

Say = Callable[[str], None]


@dataclass(frozen=True)
class SearchPlan:
    """A search: ``rates``, each tried for ``steps``, after every ``every``-th of which validation is asked.

    Without ``steps`` they are those of the fine-tuning itself, and the search finds their number too.
    """

    rule: str
    rates: tuple[float, ...]
    every: int
    steps: int | None = None


# Phrases of words that were met before take both rates alike (0 to 10 of 12 right); which one is the better
# shows in the first steps already.
SEARCH = SearchPlan(
    "the rate with the lowest loss on the validation phrases after the first 2 steps, trained on the "
    "training phrases alone; the held-out phrases have no part in it",
    rates=(1e-4, 2e-4),
    every=2,
    steps=2,
)
# As earlier versions searched.
EARLIER = SearchPlan(
    "the rate and number of steps with the lowest loss on the validation words, trained on the training "
    "words alone; the held-out words have no part in it",
    rates=(1e-5, 2e-5, 5e-5),
    every=2,
)


def record_fine_tuning(
    checkpoint: Checkpoint,
    pairs: Sequence[Pair],
    *,
    seed: int = 0,
    steps: int = STEPS,
    batch_size: int = BATCH,
    progress: Say | None = None,
    earlier: bool = False,
) -> Trace:
    """Fine-tune a copy of the model on the pairs and record it; ``checkpoint.model`` is not touched.

    AdamW at a constant rate, dropout off, all parameters but the embedding (see ``training_copy``), the
    loss that of the answers' tokens alone. The rate is searched in the first steps on the training phrases;
    then all of them, the validation phrases included, are trained on for ``steps`` steps, in an order drawn
    with ``seed``. Held-out phrases are only ever asked. The first of them is the probe. ``earlier``: as
    versions before this one recorded it, which searched the number of steps as well.

    Raises:
        TraceError: there are too few pairs, no held-out one, or the training does not stay finite.
    """
    say = progress or (lambda message: None)
    held_out = [pair for pair in pairs if pair.use == "held out"]
    if not held_out or len(pairs) - len(held_out) < FEWEST:
        raise TraceError(
            f"a fine-tuning takes at least {FEWEST} words and one held out, "
            f"not {len(pairs) - len(held_out)} and {len(held_out)}: add phrases to --pairs"
        )
    if steps < 1 or batch_size < 1:
        raise TraceError("a fine-tuning takes at least 1 step and 1 word at a time: give larger numbers")
    if checkpoint.model.device.type == "cpu":
        check_memory(training_memory(checkpoint.card), "fine-tuning", "take a smaller model")
    digest = weights_sha256(checkpoint.model)
    lessons = [words.lesson(checkpoint, pair) for pair in pairs]
    _check_lengths(checkpoint, pairs, lessons)
    plan = EARLIER if earlier else SEARCH
    model = training_copy(checkpoint)
    search = _search(checkpoint, model, pairs, lessons, batch_size, plan, steps, seed, say)
    best = min(search.trials, key=lambda trial: math.inf if trial.loss is None else trial.loss)
    taken = (best.steps or steps) if plan.steps is None else steps
    taught = [place for place, pair in enumerate(pairs) if pair.use != "held out"]
    batches = draw_batches(taught, batch_size, taken, seed)
    asked = [lesson for lesson, pair in zip(lessons, pairs, strict=True) if pair.use == "held out"]

    restore(model, checkpoint)
    learner = Learner(model, adamw(best.learning_rate))
    watched = _Watched(asked)
    before = words.write(model, checkpoint, asked, ANSWER_TOKENS)
    watched.ask(model)
    norms, losses = [], []
    law_error: float | None = None
    for number, batch in enumerate(batches, start=1):
        say(f"fine-tuning: step {number} of {taken}")
        step = _teach(learner, [lessons[place] for place in batch], check=number == 1)
        if not math.isfinite(step.loss):
            raise TraceError(f"the fine-tuning's loss is not finite at step {number}: try another model")
        law_error = step.law_error if number == 1 else law_error
        norms.append(step.gradient_norms.numpy())
        losses.append(step.loss)
        watched.ask(model)
    after = words.write(model, checkpoint, asked, ANSWER_TOKENS)
    changes, block = _changes(checkpoint, model)
    arrays = watched.arrays() | changes
    arrays["loss"] = np.array(losses, np.float32)
    arrays["gradient_norm"] = np.stack(norms).astype(np.float32)
    if not earlier:
        arrays["right"] = np.array(
            [
                sum(text == pair.french for text, pair in zip(texts, held_out, strict=True))
                for texts in (before, after)
            ]
        )
    probe = asked[0]
    return Trace(
        model=checkpoint.card,
        parts=(
            FineTuning(
                prompt_format=words.PROMPT,
                answer_format=words.ANSWER,
                seed=seed,
                pairs=tuple(pairs),
                optimiser=adamw(best.learning_rate),
                search=search,
                batches=batches,
                answers=tuple(
                    Answer(pair.english, pair.french, *texts)
                    for pair, *texts in zip(held_out, before, after, strict=True)
                ),
                parameters=tuple(trainable(model)),
                block=block,
            ),
        ),
        tokens=probe.tokens,
        tensors={f"fine_tuning/{name}": array for name, array in arrays.items()},
        pieces={
            id: checkpoint.pieces[id]
            for id in sorted({*probe.ids, *(int(id) for id in np.unique(arrays["top_ids"]))})
        },
        unavailable={},
        certificate={
            "model_unchanged": weights_sha256(checkpoint.model) == digest,
            "update_law_max_abs_error": law_error,
            "loss_by_the_model_error": _loss_by_the_model(checkpoint, asked, watched.losses[0]),
        },
        provenance={
            "model_source": checkpoint.source,
            "steps": steps,
            "batch_size": batch_size,
            "trained": "all parameters but the token embedding and unembedding, in float32, dropout off",
            **environment(checkpoint),
        },
    )


def training_copy(checkpoint: Checkpoint) -> Any:
    """The model once more, in float32: what is trained is never the loaded model itself.

    Its token embedding and unembedding are frozen: a batch says something about a few dozen of their
    rows, yet AdamW would keep averages of all and move all. The loss comes out the same without.
    """
    model = copy.deepcopy(checkpoint.model).float()
    for table in (model.get_input_embeddings(), model.get_output_embeddings()):
        table.requires_grad_(False)
    return model


@torch.no_grad()
def restore(model: Any, checkpoint: Checkpoint) -> None:
    """Give a copy that was trained the loaded model's weights again."""
    original = trainable(checkpoint.model)
    for name, weight in trainable(model).items():
        weight.copy_(original[name])


def draw_batches(places: Sequence[int], size: int, steps: int, seed: int) -> tuple[tuple[int, ...], ...]:
    """``steps`` batches out of ``places``: shuffled anew each time all have had their turn."""
    shuffles = torch.Generator().manual_seed(seed)
    order: list[int] = []
    while len(order) < steps * size:
        order += [places[int(at)] for at in torch.randperm(len(places), generator=shuffles)]
    return tuple(tuple(order[step * size : (step + 1) * size]) for step in range(steps))


def weights_sha256(model: Any) -> str:
    """One digest of all parameters and buffers, bit for bit."""
    digest = hashlib.sha256()
    for name, values in sorted(model.state_dict(keep_vars=True).items()):
        digest.update(name.encode())
        digest.update(values.detach().cpu().contiguous().view(torch.uint8).numpy())
    return digest.hexdigest()


def _check_lengths(checkpoint: Checkpoint, pairs: Sequence[Pair], lessons: list[FineTuningExample]) -> None:
    window = checkpoint.card.context_window or 2**31
    for pair, each in zip(pairs, lessons, strict=True):
        if len(each.tokens) > window:
            raise TraceError(
                f"the words {pair.english[:40]!r} are {len(each.tokens)} tokens long in their prompt; "
                f"the model's context window is {window}: shorten the words"
            )


def _search(
    checkpoint: Checkpoint,
    model: Any,
    pairs: Sequence[Pair],
    lessons: list[FineTuningExample],
    batch_size: int,
    plan: SearchPlan,
    steps: int,
    seed: int,
    say: Say,
) -> Search:
    """Try the plan's rates on the copy ``model``, which is left as the last of them trained it."""
    taught = [place for place, pair in enumerate(pairs) if pair.use == "training"]
    judged = [lesson for lesson, pair in zip(lessons, pairs, strict=True) if pair.use == "validation"]
    steps = min(steps, plan.steps or steps)
    trials = []
    for rate in plan.rates:
        say(f"fine-tuning: trying the rate {rate:g}")
        restore(model, checkpoint)
        learner = Learner(model, adamw(rate))
        for number, batch in enumerate(draw_batches(taught, batch_size, steps, seed), start=1):
            _teach(learner, [lessons[place] for place in batch])
            if number % plan.every == 0 or number == steps:
                with torch.no_grad():
                    loss = float(words.answers(model, judged).loss())
                trials.append(Trial(rate, loss if math.isfinite(loss) else None, steps=number))
        del learner
    return Search(plan.rule, tuple(trials))


def _teach(learner: Learner, lessons: list[FineTuningExample], *, check: bool = False) -> OptimizerStep:
    return learner.step(lambda: words.answers(learner.model, lessons).loss(), check=check)


class _Watched:
    """The held-out words, asked at every step."""

    def __init__(self, lessons: list[FineTuningExample]) -> None:
        self._lessons = lessons
        self._probe: list[Distribution] = []
        self._by_word: list[torch.Tensor] = []
        self.losses: list[float] = []

    @torch.no_grad()
    def ask(self, model: Any) -> None:
        answers = words.answers(model, self._lessons)
        check_finite(answers.logits)
        self.losses.append(float(answers.loss()))
        self._by_word.append(answers.losses())
        # The probe is the first lesson: its answer's first token is row 0.
        self._probe.append(Distribution.of(answers.logits[:1], answers.labels[:1], CANDIDATES))

    def arrays(self) -> dict[str, Any]:
        return Distribution.join(self._probe).arrays() | {
            "held_out_loss": np.array(self.losses, np.float32),
            "word_loss": torch.stack([self._by_word[0], self._by_word[-1]]).numpy(),
        }


@torch.no_grad()
def _changes(checkpoint: Checkpoint, model: Any) -> tuple[dict[str, Any], Any]:
    """What all steps together did to the weights, and the block they changed most."""
    before = trainable(checkpoint.model)
    most = MostChanged(model)
    sizes, largest, deviations = [], [], []
    for name, after in trainable(model).items():
        change = after - before[name].float()
        sizes.append(norm(change))
        largest.append(float(change.abs().max()))
        deviations.append(deviation(before[name]))
        most.see(name, change)
    block = most.block
    assert block is not None
    ours, theirs = (cut(dict(weights)[block.parameter], block) for weights in (before, trainable(model)))
    return {
        "update_norm": np.array(sizes, np.float32),
        "largest_change": np.array(largest, np.float32),
        "weight_deviation": np.array(deviations, np.float32),
        "block_before": ours,
        "block_change": theirs - ours,
        "block_after": theirs,
    }, block


@torch.no_grad()
def _loss_by_the_model(checkpoint: Checkpoint, asked: list[FineTuningExample], recorded: float) -> float:
    """The held-out loss at step 0 against what the untouched model computes from labels by itself."""
    ids = words.padded([each.ids for each in asked]).to(checkpoint.model.device)
    labels = torch.full_like(ids, -100)
    for row, each in enumerate(asked):
        labels[row, each.start : len(each.tokens)] = ids[row, each.start : len(each.tokens)]
    return abs(float(checkpoint.model(input_ids=ids, labels=labels, use_cache=False).loss) - recorded)

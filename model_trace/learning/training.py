"""Train an untrained twin on one example of a text, and record the steps beside the trained model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch

from model_trace.learning import earlier as earlier_training
from model_trace.learning.descent import descend
from model_trace.learning.training_example import Example, distribution, training_example
from model_trace.learning.untrained import untrained_model
from model_trace.learning.weights import histogram_edges, layer_arrays, layer_matrices, sample_blocks
from model_trace.models.checkpoints import Checkpoint
from model_trace.recording.environment import environment
from model_trace.recording.sizes import training_memory
from model_trace.resources import check_memory
from model_trace.trace import Block, Trace, TraceError, TrainingRun

STEPS = 8

Say = Callable[[str], None]


def record_training(
    checkpoint: Checkpoint,
    prompt: str,
    completion: str | None = None,
    *,
    written: Sequence[int] = (),
    chat: bool = False,
    seed: int = 0,
    steps: int = STEPS,
    progress: Say | None = None,
    earlier: bool = False,
) -> Trace:
    """Train an untrained twin on what the prompt asks and record it; the model itself is only asked.

    The example is the prompt's last tokens and the one after them (``training_example``). What follows
    ``prompt`` is a given ``completion``, or the tokens with the ids ``written`` (in the model's chat
    template, if ``chat``). All steps are plain gradient descent, W' = W - rate * gradient, at the rate that
    ``searches`` tells of. ``seed`` makes the twin's parameters and chooses which weights are sampled.
    ``earlier``: as versions before this one recorded it (``learning.earlier``).

    Raises:
        TraceError: the text has fewer than two tokens, ``steps`` is less than 2, or memory is short.
    """
    if steps < 2:
        raise TraceError(f"a training takes at least 2 steps, not {steps}: give a larger number")
    say = progress or (lambda message: None)
    example = training_example(checkpoint, prompt, completion, written, chat, earlier=earlier)
    if checkpoint.model.device.type == "cpu":
        check_memory(training_memory(checkpoint.card), "training an untrained twin", "take a smaller model")
    say("training: making the untrained twin")
    untrained = untrained_model(checkpoint, seed, earlier=earlier)
    arrays, blocks = _compared(checkpoint, untrained, example, seed)
    if earlier:
        del untrained
        made = earlier_training.train(checkpoint, example, seed, steps, say)
    else:
        made = descend(untrained, example, seed, steps, say)
    block = made.first.block
    assert block is not None
    arrays |= {f"training/{name}": array for name, array in made.arrays().items()}
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
                optimisers=made.optimisers,
                searches=made.searches,
                parameters=made.parameters,
                block=block,
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
        certificate=made.certificate,
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

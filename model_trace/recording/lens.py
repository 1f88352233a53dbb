"""The logit lens: what the model would answer if it stopped at a given depth.

Source: nostalgebraist (2020), "interpreting GPT: the logit lens".
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from model_trace.models.module_map import ModuleMap
from model_trace.recording.distribution import ROWS, Distribution

NAMES = ("lens_ids", "lens_probabilities", "lens_entropy", "lens_next_rank", "lens_positions")
NO_LENS = "no single module leads from the residual stream to the unembedding"


def available(module_map: ModuleMap) -> bool:
    """Whether a stream can be read through this model's own last steps."""
    return module_map.final_norm is not None or module_map.ends_in_stream


@contextmanager
def answering(model: Any, module_map: ModuleMap) -> Iterator[list[Tensor]]:
    """While this lasts the base model answers with the tensor last put into the list."""
    answers: list[Tensor] = []
    # An attribute of the instance hides the class's forward, and deleting it brings that back.
    for base in module_map.bases:
        base.forward = lambda *args, **kwargs: module_map.base_output(last_hidden_state=answers[-1])
    try:
        yield answers
    finally:
        for base in module_map.bases:
            del base.forward


def read(model: Any, module_map: ModuleMap, streams: Tensor) -> Tensor:
    """Logits [n, vocabulary] of residual streams [n, d_model], by the model's own norm and forward.

    The model's own forward, not its unembedding matrix: some families scale or cap their logits there.
    """
    given = streams[None].to(model.device, model.dtype)
    return unembedded(
        model, module_map, given if module_map.final_norm is None else module_map.final_norm(given)
    )


def unembedded(model: Any, module_map: ModuleMap, answer: Tensor) -> Tensor:
    """Logits [n, vocabulary] of what the base model answers, [1, n, d_model], by the model's own forward."""
    ids = torch.zeros(answer.shape[:2], dtype=torch.long, device=model.device)
    with answering(model, module_map) as answers:
        answers.append(answer)
        logits: Tensor = model(input_ids=ids, use_cache=False).logits[0]
    return logits


def look(
    model: Any,
    module_map: ModuleMap,
    stream: Tensor,
    positions: list[int],
    following: Tensor,
    own: Distribution,
) -> dict[str, npt.NDArray[Any]]:
    """The lens at ``positions`` of a recorded ``stream`` [layers + 1, forwarded, d_model].

    ``following`` [forwarded] are the ids that really follow; ``own`` is the model's own answer, which is
    taken over as the last depth. Returns the tensors of ``NAMES``.
    """
    depths, places = stream.shape[0] - 1, len(positions)
    depth = torch.arange(depths).repeat_interleave(places)
    place = torch.tensor(positions).repeat(depths)
    nexts = following[positions].repeat(depths)
    found = Distribution.room(len(nexts), own.ids.shape[1], nexts.device)
    with torch.inference_mode():
        for start in range(0, len(nexts), ROWS):
            part = slice(start, start + ROWS)
            found.put(start, read(model, module_map, stream[depth[part], place[part]]), nexts[part])
    early, last = found.arrays(), own.arrays()

    def stacked(name: str) -> npt.NDArray[Any]:
        before = early[name].reshape(depths, places, *early[name].shape[1:])
        return np.concatenate([before, last[name][positions][None]])

    return {
        "lens_ids": stacked("top_ids"),
        "lens_probabilities": stacked("top_probabilities"),
        "lens_entropy": stacked("entropy"),
        "lens_next_rank": stacked("next_rank"),
        "lens_positions": np.asarray(positions, dtype=np.int32),
    }

"""What the model would say next: the kept candidates of each forward's distribution, and its shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
import torch
from torch import Tensor

from model_trace.errors import TraceError

# Rows of logits that are worked on at a time: bounds the memory, whatever the vocabulary.
ROWS = 64


@dataclass(frozen=True)
class Distribution:
    """Distributions of ``n`` forwards, at temperature 1.

    ``ids``, ``logits``, ``probabilities`` [n, K]; ``rest``, ``entropy`` (nats), ``next_probability`` and
    ``next_rank`` [n].
    """

    ids: Tensor
    logits: Tensor
    probabilities: Tensor
    rest: Tensor
    entropy: Tensor
    next_probability: Tensor
    next_rank: Tensor

    @classmethod
    def of(cls, logits: Tensor, following: Tensor, candidates: int) -> Distribution:
        """From ``logits`` [n, vocabulary] and the ids that really follow [n]."""
        made = cls.room(len(logits), min(candidates, logits.shape[-1]), logits.device)
        made.put(0, logits, following)
        return made

    @classmethod
    def room(cls, rows: int, candidates: int, device: torch.device) -> Distribution:
        """Room for so many, into which ``put`` writes.

        Made beforehand, since small tensors that stay between large ones that go leave holes in memory into
        which no later large one fits.
        """
        shapes = dict.fromkeys(FIELDS, (rows,)) | dict.fromkeys(PER_CANDIDATE, (rows, candidates))
        types = {"ids": torch.int64, "next_rank": torch.int32}
        made = {name: torch.empty(shapes[name], dtype=types.get(name), device=device) for name in FIELDS}
        return cls(**made)

    def put(self, first: int, logits: Tensor, following: Tensor) -> None:
        """Write the distributions of ``logits`` [n, vocabulary] from row ``first`` on."""
        for start in range(0, len(logits), ROWS):
            part = slice(start, start + ROWS)
            made = _of_rows(logits[part].float(), following[part], self.ids.shape[1])
            for name in FIELDS:
                values = getattr(made, name)
                getattr(self, name)[first + start : first + start + len(values)] = values

    def first(self, rows: int) -> Distribution:
        """The first so many of them."""
        return Distribution(**{name: getattr(self, name)[:rows] for name in FIELDS})

    @classmethod
    def join(cls, parts: list[Distribution]) -> Distribution:
        """One after the other."""
        if len(parts) == 1:
            return parts[0]
        return cls(**{name: torch.cat([getattr(part, name) for part in parts]) for name in FIELDS})

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        """By the names a trace uses; ids and ranks are int32."""
        return {
            "top_ids": self.ids.int().cpu().numpy(),
            "top_logits": self.logits.cpu().numpy(),
            "top_probabilities": self.probabilities.cpu().numpy(),
            "rest_probability": self.rest.cpu().numpy(),
            "entropy": self.entropy.cpu().numpy(),
            "next_probability": self.next_probability.cpu().numpy(),
            "next_rank": self.next_rank.int().cpu().numpy(),
        }


def check_finite(*answers: Tensor) -> None:
    """Check what a model answers: its largest value is NaN or infinite where its computation overflowed.

    Raises:
        TraceError: it is.
    """
    for values in answers:
        if not torch.isfinite(values.max()):
            raise TraceError(
                "the model's answer is not finite: its weights are damaged, or too large for the type "
                "it computes in; try --dtype float32"
            )


FIELDS = tuple(Distribution.__dataclass_fields__)
PER_CANDIDATE = ("ids", "logits", "probabilities")


def _of_rows(logits: Tensor, following: Tensor, candidates: int) -> Distribution:
    # Few passes over the vocabulary: this is what recording costs beside the model itself.
    top_logits, ids = logits.topk(min(candidates, logits.shape[-1]))
    next_logits = logits.gather(-1, following[:, None])
    shifted = logits - top_logits[:, :1]
    weights = shifted.exp()
    top, following_weight = weights.gather(-1, ids), weights.gather(-1, following[:, None])
    mean = torch.linalg.vecdot(weights, shifted)
    if mean.isnan().any():
        # A family that rules tokens out by -infinity: they have no part in the entropy.
        mean = torch.linalg.vecdot(weights, shifted.clamp_(min=-1e4))
    # Summed without the candidates rather than as 1 - their sum, which would round a small rest to 0.
    rest = weights.scatter_(-1, ids, 0.0).sum(-1)
    total = rest + top.sum(-1)
    entropy = (total.log() - mean / total).clamp_(min=0)
    # Into the weights' place, as floats: exact up to 2**24 tokens, and far faster than summing booleans.
    rank = torch.gt(logits, next_logits, out=weights).sum(-1).int() + 1
    return Distribution(
        ids, top_logits, top / total[:, None], rest / total, entropy, following_weight[:, 0] / total, rank
    )

"""Check that the tensors' values fit each other and ``trace.json``. Needs no torch."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from model_trace.store.field_checks import spec_of
from model_trace.store.shards import PORTION, StoredTensor
from model_trace.trace import FineTuning, Generation, Part, Temperatures, Trace, TraceError, TrainingRun

# Probabilities are sums of many float32, and attention patterns may be stored as float16.
ROUNDING = 1e-3
_WHEN = ("before", "after")


def check_value_relations(trace: Trace) -> None:
    """Check the tensors' values against each other and against what ``trace.json`` says.

    All tensors concerned are read, a portion at a time.

    Raises:
        TraceError: naming the tensor that does not fit.
    """
    for part in trace.parts:
        for prefix, following in _following(trace, part).items():
            _check_candidates(trace, f"{prefix}/", following)
        match part:
            case Generation():
                _check_lens(trace)
                _check_attention(trace)
                _check_choices(trace, part)
            case TrainingRun():
                _check_histograms(trace, part)
                _check_losses(trace)
                _check_block(trace, "training")
            case FineTuning():
                _check_block(trace, "fine_tuning")
                _check_right(trace, part)
            case Temperatures():
                _check_draws(trace, part)


def _following(trace: Trace, part: Part) -> dict[str, npt.NDArray[Any]]:
    """The ids that ``next_probability`` and ``next_rank`` speak of, by the tensors' prefix."""
    match part:
        case Generation():
            return {"generation": np.array([token.id for token in trace.tokens[1:]])}
        case TrainingRun():
            steps = np.full(len(part.optimisers) + 1, part.label.id)
            return {"untrained": steps[:1], "trained": steps[:1], "training": steps}
        case FineTuning():
            first = next(token.id for token in trace.tokens if token.role == "given")
            return {"fine_tuning": np.full(len(part.batches) + 1, first)}
        case Temperatures():
            return {}


def _rows(trace: Trace, *names: str) -> Iterator[tuple[npt.NDArray[Any], ...]]:
    """The tensors' last axes as rows of matrices, beside one another, a portion at a time.

    Of tensors with fewer axes than the first a row is a single value.
    """
    axes = len(trace.tensors[names[0]].shape)
    flat = []
    for name in names:
        tensor = trace.tensors[name]
        values = tensor.values if isinstance(tensor, StoredTensor) else np.asarray(tensor[...])
        flat.append(values.reshape(-1, values.shape[-1] if len(values.shape) == axes else 1))
    step = max(1, PORTION // max(each.shape[1] for each in flat))
    for start in range(0, len(flat[0]), step):
        yield tuple(np.array(each[start : start + step]) for each in flat)


def _check_candidates(trace: Trace, prefix: str, following: npt.NDArray[Any]) -> None:
    """Candidates are different tokens, most probable first; the next token is in its place among them."""
    names = [f"{prefix}{name}" for name in ("top_ids", "top_logits", "top_probabilities")]
    names += [f"{prefix}{name}" for name in ("next_probability", "next_rank", "entropy")]
    if not set(names) <= trace.tensors.keys():
        return
    done = 0
    for ids, logits, top, chance, rank, entropy in _rows(trace, *names):
        _check_distinct(names[0], ids)
        if (np.diff(logits, axis=-1) > 0).any():
            raise TraceError(f"{names[1]} do not fall from the most probable on")
        here = following[done : done + len(ids), None]
        done += len(ids)
        column = (ids == here).argmax(-1)[:, None]
        listed = (ids == here).any(-1)[:, None]
        own = np.take_along_axis(top, column, -1)
        fits = np.where(listed, np.abs(own - chance) <= ROUNDING, chance <= top[:, -1:] + ROUNDING)
        if not fits.all():
            raise TraceError(f"{names[3]} does not fit {names[2]}")
        # Equally probable tokens share a rank.
        if (listed & (rank > column + 1)).any():
            raise TraceError(f"{names[4]} does not fit {names[0]}")
        if (entropy > math.log(trace.model.vocabulary) + ROUNDING).any():
            raise TraceError(f"{names[5]} is more than that of {trace.model.vocabulary} equal tokens")


def _check_distinct(name: str, ids: npt.NDArray[Any]) -> None:
    if (np.diff(np.sort(ids, axis=-1), axis=-1) == 0).any():
        raise TraceError(f"{name} names a token twice")


def _check_lens(trace: Trace) -> None:
    """The lens looks at ascending positions, and its last depth is the model's own answer."""
    found = {name.partition("/")[2] for name in trace.tensors if name.startswith("generation/lens_")}
    own = {"lens_ids": "top_ids", "lens_probabilities": "top_probabilities", "lens_entropy": "entropy"}
    own |= {"lens_next_rank": "next_rank"}
    if not found:
        return
    missing = sorted({*own, "lens_positions"} - found)
    if missing:
        raise TraceError(f"generation/{missing[0]} is missing beside the lens's other tensors")
    positions = trace.values("generation/lens_positions")
    spec = spec_of(trace)
    first = 0 if spec is not None and spec.lens == "all" else trace.prompt_length - 1
    if not np.array_equal(positions, np.arange(max(first, 0), len(trace.tokens) - 1)):
        raise TraceError("generation/lens_positions are not those of the trace's spec")
    for ids, top in _rows(trace, "generation/lens_ids", "generation/lens_probabilities"):
        _check_distinct("generation/lens_ids", ids)
        if (np.diff(top, axis=-1) > 0).any() or (top.sum(-1) > 1 + ROUNDING).any():
            raise TraceError("generation/lens_probabilities are not those of a distribution, falling")
    for lens, name in own.items():
        if f"generation/{name}" not in trace.tensors:
            continue
        last = trace.values(f"generation/{lens}", -1)
        if last.shape != trace.values(f"generation/{name}", positions).shape or not np.array_equal(
            last, trace.values(f"generation/{name}", positions)
        ):
            raise TraceError(f"generation/{lens} does not end in generation/{name}")


def _check_attention(trace: Trace) -> None:
    """A token attends to itself and those before it, with weights that make up 1 at most."""
    name = "generation/attn_pattern"
    if name not in trace.tensors:
        return
    size = trace.tensors[name].shape[-1]
    done = 0
    for (pattern,) in _rows(trace, name):
        if (pattern.sum(-1, dtype=np.float64) > 1 + ROUNDING).any():
            raise TraceError(f"{name} holds a token's weights that make up more than 1")
        place = (done + np.arange(len(pattern))) % size
        done += len(pattern)
        if pattern[np.arange(size) > place[:, None]].any():
            raise TraceError(f"{name} holds a token that attends to a later one")


def _check_choices(trace: Trace, made: Generation) -> None:
    """Chances are recorded where tokens were drawn, and nowhere else."""
    name = "generation/choice_probability"
    if name not in trace.tensors:
        return
    drawn = [token.role == "generated" for token in trace.tokens[1:]]
    drawn[-1] = drawn[-1] or made.stopped == "end of text"
    chances = trace.values(name)
    if not np.array_equal(np.isnan(chances), ~np.array(drawn)):
        raise TraceError(f"{name} is not of the tokens that were drawn")
    if (chances == 0).any():
        raise TraceError(f"{name} is 0 for a token that was drawn")


def _check_draws(trace: Trace, made: Temperatures) -> None:
    """Each number lies in the share of the token that it picked, which is the one that was written."""
    names = [f"temperatures/draw_{name}" for name in ("chosen", "number", "below", "probability")]
    if not set(names) <= trace.tensors.keys():
        return
    chosen, number, below, own = (trace.values(name).astype(np.float64) for name in names)
    written = [token.id for lane in made.lanes for token in lane.tokens]
    if not np.array_equal(chosen, written):
        raise TraceError(f"{names[0]} are not the tokens that were written")
    if (number >= 1).any() or (number < below - ROUNDING).any() or (number > below + own + ROUNDING).any():
        raise TraceError(f"{names[1]} lies outside the share of the token that was picked")
    ids, listed = "temperatures/draw_ids", "temperatures/draw_probabilities"
    if {ids, listed} <= trace.tensors.keys():
        _check_distinct(ids, trace.values(ids))
        here = trace.values(ids) == chosen[:, None]
        if (np.abs(trace.values(listed) - own[:, None])[here] > ROUNDING).any():
            raise TraceError(f"{names[3]} does not fit {listed}")


def _check_histograms(trace: Trace, made: TrainingRun) -> None:
    """Edges ascend, and counts are those of all the weights of a matrix."""
    edges = "training/histogram_edges"
    if edges in trace.tensors and (np.diff(trace.values(edges)) < 0).any():
        raise TraceError(f"{edges} do not ascend")
    sizes = [float(math.prod(block.shape)) for block in made.first_layer]
    for prefix in ("untrained", "trained"):
        names = f"{prefix}/histograms", f"{prefix}/histogram_outside"
        if not set(names) <= trace.tensors.keys():
            continue
        counts = sum(trace.values(name).astype(np.float64).sum(-1) for name in names)
        if not np.array_equal(counts, [*sizes, sum(sizes)]):
            raise TraceError(f"{names[0]} do not count the weights of layer 1's matrices")
        for name in names:
            each = trace.values(name)
            if not np.array_equal(each[:-1].sum(0), each[-1]):
                raise TraceError(f"{name}: the last row is not the sum of the others")


def _check_losses(trace: Trace) -> None:
    """The loss is -log of the label's probability."""
    names = "training/loss", "training/next_probability"
    if set(names) <= trace.tensors.keys():
        loss, chance = (trace.values(name).astype(np.float64) for name in names)
        if (np.abs(np.exp(-loss) - chance) > ROUNDING).any():
            raise TraceError(f"{names[0]} is not -log of {names[1]}")


def _check_right(trace: Trace, made: FineTuning) -> None:
    """So many phrases are counted as right as there are right answers."""
    name = "fine_tuning/right"
    if name in trace.tensors:
        right = [sum(getattr(each, when) == each.expected for each in made.answers) for when in _WHEN]
        if trace.values(name).tolist() != right:
            raise TraceError(f"{name} is not the number of answers that are as expected")


def _check_block(trace: Trace, prefix: str) -> None:
    names = [f"{prefix}/block_{name}" for name in ("before", "change", "after")]
    if not set(names) <= trace.tensors.keys():
        return
    before, change, after = (trace.values(name).astype(np.float64) for name in names)
    most = max(np.abs(each).max() for each in (before, change, after))
    if (np.abs(before + change - after) > ROUNDING * most).any():
        raise TraceError(f"{names[1]} does not lead from {names[0]} to {names[2]}")

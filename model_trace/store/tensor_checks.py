"""Check the tensors of a trace: the shape of each, and the range of its values. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from model_trace.store.shards import portions
from model_trace.trace import FineTuning, Generation, Part, Temperatures, Trace, TraceError, TrainingRun

# Probabilities are sums of many float32.
ROUNDING = 1e-3

# Axes, then what the values can be. Axes are named as in ``Trace``'s docstring, those of one letter that
# ``_sizes`` does not know only have to be the same wherever they stand.
GENERATION = {
    "embed": "F E real", "resid_pre": "L F D real", "resid_mid": "L F D real", "resid_post": "L F D real",
    "attn_out": "L F D real", "mlp_out": "L F D real", "mlp_act": "L F W real", "final_norm": "F D real",
    "logits": "F V logit", "q": "L F A Q real", "k": "L F G Q real", "v": "L F G Z real",
    "z": "L F A Z real", "attn_pattern": "L A F F share",
    "attn_pattern_rows": "L A B F share", "attn_positions": "B place", "choice_probability": "F chance",
    "lens_ids": "Y+1 X K id", "lens_probabilities": "Y+1 X K probability", "lens_entropy": "Y+1 X size",
    "lens_next_rank": "Y+1 X rank", "lens_positions": "X place",
}  # fmt: skip
DISTRIBUTION = {
    "top_ids": "K id", "top_logits": "K logit", "top_probabilities": "K probability",
    "rest_probability": "probability", "entropy": "size", "next_probability": "probability",
    "next_rank": "rank",
}  # fmt: skip
LAYER = {"weights": "M R C real", "histograms": "M+1 I count", "histogram_outside": "M+1 2 count"}
BLOCK = dict.fromkeys(("block_before", "block_gradient", "block_change", "block_after"), "Height Width real")
SIZES = dict.fromkeys(("update_norm", "largest_change", "weight_deviation"), "P size")
TRAINING = {
    **BLOCK, **SIZES, "histogram_edges": "I+1 real", "loss": "S+1 size", "gradient_norm": "S P size",
    "sample_index": "P N count", "sample_before": "P N real", "sample_gradient": "P N real",
    "sample_after": "P N real",
}  # fmt: skip
FINE_TUNING = {
    **BLOCK, **SIZES, "held_out_loss": "S+1 size", "loss": "S size", "word_loss": "2 H size",
    "gradient_norm": "S P size", "right": "2 count",
}  # fmt: skip
TEMPERATURES = {
    "logits": "V logit", "top_ids": "K id", "top_logits": "K logit", "top_probabilities": "T K probability",
    "rest_probability": "T probability", "entropy": "T size", "log_sum_exp": "T real",
    "draw_ids": "U K id", "draw_probabilities": "U K probability", "draw_rest": "U probability",
    "draw_number": "U probability", "draw_chosen": "U id", "draw_rank": "U rank",
    "draw_probability": "U probability", "draw_below": "U probability",
}  # fmt: skip
DTYPES = {
    "real": ("float32", "float16"), "logit": ("float32", "float16"), "share": ("float32", "float16"),
    "probability": ("float32",), "chance": ("float32",), "size": ("float32",),
    "id": ("int32",), "rank": ("int32",), "place": ("int32",), "count": ("int64",),
}  # fmt: skip


def check_shapes(trace: Trace) -> None:
    """Check the tensors' shapes and dtypes against the model card, the tokens and each other.

    Raises:
        TraceError: naming the tensor that does not fit.
    """
    sizes = _sizes(trace)
    for name, (axes, kind) in _expected(trace).items():
        tensor = trace.tensors[name]
        if tensor.dtype.name not in DTYPES[kind]:
            raise TraceError(f"{name} is of {tensor.dtype.name}, not of {' or '.join(DTYPES[kind])}")
        fitting = len(axes) == len(tensor.shape)
        for axis, size in zip(axes, tensor.shape, strict=False):
            letter, _, more = axis.partition("+")
            known = int(letter) if letter.isdecimal() else sizes.setdefault(letter, size - int(more or 0))
            fitting = fitting and size == known + int(more or 0)
        if not fitting:
            expected = ", ".join(str(sizes.get(axis, axis)) for axis in axes)
            raise TraceError(f"{name} is {list(tensor.shape)}, which does not fit the trace: [{expected}]")


def check_values(trace: Trace) -> None:
    """Check that numbers are finite, probabilities within 0 and 1, and ids known.

    All tensors are read, a portion at a time.

    Raises:
        TraceError: naming the tensor and what it holds.
    """
    # Ids are int32; a vocabulary may be said to be of any size.
    known = np.array(sorted(id for id in trace.pieces if id < min(trace.model.vocabulary, 2**31)), np.int64)
    forwarded = len(trace.tokens) - 1
    for name, (_, kind) in _expected(trace).items():
        for values in portions(trace.tensors[name]):
            wrong = _wrong(kind, values, trace.model.vocabulary, forwarded)
            if wrong is None and kind == "id" and not np.isin(values, known).all():
                wrong = "an id whose bytes the trace does not hold"
            if wrong is not None:
                raise TraceError(f"{name} holds {wrong}")
    for prefix in {name.partition("/")[0] for name in trace.tensors}:
        _check_sums(trace, f"{prefix}/")


def _expected(trace: Trace) -> dict[str, tuple[list[str], str]]:
    """Axes and kind of each tensor of the trace that we know; a later minor addition is left alone."""
    tables: dict[str, Mapping[str, str]] = {}
    for part in trace.parts:
        tables |= _tables(part)
    found = {}
    for name in trace.tensors:
        prefix, _, rest = name.partition("/")
        words = tables.get(prefix, {}).get(rest)
        if words is not None:
            *axes, kind = words.split()
            found[name] = (axes, kind)
    return found


def _tables(part: Part) -> dict[str, Mapping[str, str]]:
    def distributions(rows: str) -> dict[str, str]:
        return {name: f"{rows} {words}" for name, words in DISTRIBUTION.items()}

    match part:
        case Generation():
            return {"generation": GENERATION | distributions("F")}
        case TrainingRun():
            models = dict.fromkeys(("untrained", "trained"), LAYER | distributions("1"))
            return {**models, "training": TRAINING | distributions("S+1")}
        case FineTuning():
            return {"fine_tuning": FINE_TUNING | distributions("S+1")}
        case Temperatures():
            return {"temperatures": TEMPERATURES}


def _sizes(trace: Trace) -> dict[str, int]:
    """The sizes of axes that ``trace.json`` determines."""
    card = trace.model
    sizes = {"D": card.d_model, "V": card.vocabulary, "F": len(trace.tokens) - 1, "Y": card.layers}
    sizes["A"] = card.heads
    sizes["L"] = trace.kept_layers
    for part in trace.parts:
        if isinstance(part, Temperatures):
            draws = sum(len(lane.tokens) for lane in part.lanes)
            sizes |= {"T": len(part.temperatures), "U": draws}
        if isinstance(part, TrainingRun):
            sizes |= {"S": len(part.optimisers), "M": len(part.first_layer)}
        if isinstance(part, FineTuning):
            sizes |= {"S": len(part.batches), "H": sum(pair.use == "held out" for pair in part.pairs)}
        if isinstance(part, TrainingRun | FineTuning):
            sizes |= {"P": len(part.parameters)}
            sizes |= dict(zip(("Height", "Width"), part.block.size, strict=True))
    return sizes


def _wrong(kind: str, values: npt.NDArray[Any], vocabulary: int, forwarded: int) -> str | None:
    """What is wrong with the values, if anything."""
    if kind == "chance":
        values = values[~np.isnan(values)]
    limits = {
        "probability": (0, 1 + ROUNDING), "chance": (0, 1 + ROUNDING), "share": (0, 1 + ROUNDING),
        "size": (0, np.inf), "id": (0, vocabulary - 1), "rank": (1, vocabulary),
        "place": (0, forwarded - 1), "count": (0, np.inf), "logit": (-np.inf, np.inf),
        "real": (-np.inf, np.inf),
    }  # fmt: skip
    low, high = limits[kind]
    if np.isnan(values).any():
        return "a value that is no number"
    # A family may rule a token out by a logit of -infinity.
    if np.isposinf(values).any() or (kind != "logit" and np.isinf(values).any()):
        return "an infinite value"
    outside = values[(values < low) | (values > high)]
    return f"{outside[0]}, which is no {kind}" if len(outside) else None


def _check_sums(trace: Trace, prefix: str) -> None:
    """Candidates come most probable first, and with the rest they are everything."""
    if not {f"{prefix}top_probabilities", f"{prefix}rest_probability"} <= trace.tensors.keys():
        return
    top = trace.values(f"{prefix}top_probabilities")
    rest = trace.values(f"{prefix}rest_probability")
    if (np.diff(top, axis=-1) > 0).any():
        raise TraceError(f"{prefix}top_probabilities do not fall from the most probable on")
    if (np.abs(top.sum(-1) + rest - 1) > ROUNDING).any():
        raise TraceError(f"{prefix}top_probabilities and the rest do not make up 1")


def axes(trace: Trace) -> dict[str, tuple[str, ...]]:
    """The letters of each tensor's axes, see ``GENERATION``; tensors that we do not know are left out."""
    return {name: tuple(letters) for name, (letters, _) in _expected(trace).items()}

"""Compare the fields of two traces' ``trace.json`` one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from model_trace.models.checkpoints import Checkpoint
from model_trace.schema import PARTS, to_json
from model_trace.trace import Trace

# What a computation's rounding depends on, beside the model (keys of a trace's provenance). That it was so
# where the trace was recorded cannot be known here, so these alone are not compared.
ENVIRONMENT = ("software", "threads", "processor", "device", "accelerator")

# What stands where one side has no such field.
NOTHING = object()


def sections(trace: Trace, checkpoint: Checkpoint) -> dict[str, Any]:
    """A trace's fields as in ``trace.json``, without those that depend on the machine that recorded it.

    Where a model's folder lay does not matter, only its name.
    """
    model, provenance = to_json(trace.model), dict(trace.provenance)
    if checkpoint.source is not None and model["source"] == provenance.get("model_source"):
        model["source"] = provenance["model_source"] = Path(model["source"]).name
    return {
        "model": model,
        **{name: to_json(part) for name, kind in PARTS.items() for part in trace.parts if type(part) is kind},
        "tokens": [to_json(token) for token in trace.tokens],
        "pieces": {str(id): data.hex() for id, data in trace.pieces.items()},
        "unavailable": dict(trace.unavailable),
        "certificate": dict(trace.certificate),
        "provenance": {name: value for name, value in provenance.items() if name not in ENVIRONMENT},
    }


def leaves(name: str, one: Any, other: Any, smallest: float) -> Iterator[tuple[str, float, Any, Any]]:
    """Each field's name, how far its two values are apart, relatively, and both values.

    What is no number is infinitely far from anything else.
    """
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for key in {**one, **other}:
            values = one.get(key, NOTHING), other.get(key, NOTHING)
            yield from leaves(f"{name}.{key}", *values, smallest)
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, values in enumerate(zip(one, other, strict=True)):
            yield from leaves(f"{name}[{place}]", *values, smallest)
    elif isinstance(one, float) and isinstance(other, float):
        yield name, abs(one - other) / max(abs(other), smallest), one, other
    else:
        equal = type(one) is type(other) and one == other
        yield name, 0.0 if equal else float("inf"), one, other


def shortened(value: Any) -> str:
    """A value out of a trace, fit for a line on a terminal."""
    shown = "nothing" if value is NOTHING else repr(value)
    return shown if len(shown) <= 80 else shown[:79] + "…"

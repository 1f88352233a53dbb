"""Blocks of weights to draw: their values, and the value of full colour."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.traced_value import LARGEST, Source, TracedValue, recorded


@dataclass(frozen=True)
class Block:
    """Weights, or their changes, row by row, ``columns`` to a row; ``largest`` is that of full colour."""

    values: TracedValue
    columns: int
    largest: TracedValue


def block(trace: Trace, tensor: str, index: tuple[int, ...] = ()) -> Block:
    """Return the matrix at ``index`` of ``tensor``, on a scale of its own."""
    source = Source(tensor, index)
    return Block(
        values=recorded(trace, "colour", source),
        columns=trace.values(tensor, index).shape[-1],
        largest=recorded(trace, "significant", source, formula=LARGEST),
    )

"""Choose what is drawn of a token's vector: some values, some layers, and how much each layer changes it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from model_trace.trace import Trace
from scenes.traced_value import RELATIVE_UPDATE, Source, TracedValue, recorded


def evenly(count: int, most: int) -> tuple[int, ...]:
    """Return at most ``most`` of ``count`` places, evenly spaced from the first to the last."""
    return tuple(int(place) for place in np.linspace(0, count - 1, min(most, count)).round())


def drawn_layers(count: int, rows: int = 30) -> tuple[int, ...]:
    """Which of ``count`` layers are drawn, counted from 1.

    All of them up to ``rows``; otherwise the last three, where answers settle, and evenly spaced ones
    below from the first on.
    """
    if count <= rows:
        return tuple(range(1, count + 1))
    last = (count - 2, count - 1, count)
    below = rows - len(last)
    step = (count - 6) / (below - 1) if count - 5 >= below else (count - 4) / (below - 1)
    return (*(round(1 + step * i) for i in range(below)), *last)


def updates(trace: Trace, position: int, layers: Sequence[int]) -> TracedValue:
    """Return how much each of these layers changed the vector at ``position``, relative to its length."""
    index = (tuple(layers), position)
    before, after = (Source(f"generation/{name}", index) for name in ("resid_pre", "resid_post"))
    return recorded(trace, "colour", before, after, formula=RELATIVE_UPDATE)

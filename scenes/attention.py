"""Choose the attention pattern that is drawn for a token."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from model_trace.trace import Trace
from scenes.traced_value import MEAN, Source, TracedValue, recorded

_HEADS = 5  # the attention heads whose mean is drawn


def attention(trace: Trace, position: int) -> TracedValue | None:
    """Return the mean pattern of the heads that look hardest at one token between the first and ``position``.

    The first token is left out of the choice: most heads rest on it when they have nothing to say.
    """
    found = pattern_row(trace, position)
    if found is None or position < 2:
        return None
    name, row = found
    rows = trace.values(name, (slice(None), slice(None), row, slice(0, position)))
    strength = rows[..., 1:].max(axis=-1)
    chosen = np.argsort(-strength, axis=None, kind="stable")[:_HEADS]
    places = tuple(range(position))
    sources = [
        Source(name, (int(layer), int(head), row, places))
        for layer, head in zip(*np.unravel_index(chosen, strength.shape), strict=True)
    ]
    return recorded(trace, "colour", *sources, formula=MEAN)


@dataclass(frozen=True)
class HeadWeight:
    """The head that looks hardest at one token: layer and number, from 0; the token's place; the weight."""

    layer: int
    head: int
    key: int
    weight: Source


def strongest_heads(trace: Trace, position: int) -> tuple[HeadWeight, ...]:
    """Return, for each token before ``position``, the head that looks hardest at it from there.

    The first token, on which most heads rest when they have nothing to say, and ``position`` itself are left
    out. The largest weight comes first; of equal ones that of the lower layer and head counts.
    """
    found = pattern_row(trace, position)
    if found is None or position < 2:
        return ()
    name, row = found
    weights = trace.values(name, (slice(None), slice(None), row, slice(1, position)))
    layers, heads, keys = weights.shape
    flat = weights.reshape(layers * heads, keys)
    best = flat.argmax(axis=0)
    order = np.argsort(-flat.max(axis=0), kind="stable")
    return tuple(
        HeadWeight(layer, head, key + 1, Source(name, (layer, head, row, key + 1)))
        for key in map(int, order)
        for layer, head in [divmod(int(best[key]), heads)]
    )


def pattern_row(trace: Trace, position: int) -> tuple[str, int] | None:
    """Return the tensor [layers, heads, rows, tokens] with the patterns of ``position``, and their row.

    None where none were recorded of that token.
    """
    if "generation/attn_pattern" in trace.tensors:
        return "generation/attn_pattern", position
    rows, positions = "generation/attn_pattern_rows", "generation/attn_positions"
    if rows in trace.tensors and positions in trace.tensors:
        (found,) = np.nonzero(trace.values(positions) == position)
        return (rows, int(found[0])) if len(found) else None
    return None

"""Where a token looks, as loops draw it."""

from __future__ import annotations

import numpy as np

from model_trace.trace import Trace
from scenes.traced_value import MEAN, Shown, Source, recorded

_HEADS = 5  # the attention heads whose mean is drawn


def attention(trace: Trace, position: int) -> Shown | None:
    """Mean pattern of the heads that look hardest at one token between the first and ``position``.

    The first token is left out of the choice: most heads rest on it when they have nothing to say.
    """
    name = "generation/attn_pattern"
    if name not in trace.tensors or position < 2:
        return None
    rows = trace.values(name, (slice(None), slice(None), position, slice(0, position)))
    strength = rows[..., 1:].max(axis=-1)
    chosen = np.argsort(-strength, axis=None, kind="stable")[:_HEADS]
    places = tuple(range(position))
    sources = [
        Source(name, (int(layer), int(head), position, places))
        for layer, head in zip(*np.unravel_index(chosen, strength.shape), strict=True)
    ]
    return recorded(trace, "colour", *sources, formula=MEAN)

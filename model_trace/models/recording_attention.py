"""Attention that shows its tensors: the family's own eager function, with a witness."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

NAME = "model_trace"
WITNESS = "_model_trace_witness"

# (attention module, {"q": [1, heads, n, d_head], "k", "v": [1, key_value_heads, seen, d_head],
#  "attn_pattern": [1, heads, n, seen], "z": [1, n, heads, d_head]})
Witness = Callable[[nn.Module, dict[str, Tensor]], None]


def attention(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *args: Any,
    **kwargs: Any,
) -> tuple[Tensor, Tensor | None]:
    """The family's eager attention; its tensors go to the witness that the module carries, if any."""
    eager = sys.modules[type(module).__module__].eager_attention_forward
    z, pattern = eager(module, query, key, value, *args, **kwargs)
    witness: Witness | None = getattr(module, WITNESS, None)
    if witness is not None:
        witness(module, {"q": query, "k": key, "v": value, "attn_pattern": pattern, "z": z})
    return z, pattern


@contextmanager
def recording_attention(model: Any, witness: Witness) -> Iterator[None]:
    """While this lasts, every attention layer that goes through the attention interface tells ``witness``.

    Families that do not dispatch through the interface run as ever, and tell nothing. The mask function
    is registered together with the attention: without it the mask would be left out, silently.
    """
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    # Both are the same functions each time, so registering again changes nothing.
    AttentionInterface.register(NAME, attention)
    AttentionMaskInterface.register(NAME, eager_mask)
    before = model.config._attn_implementation
    modules = [
        m for m in model.modules() if hasattr(sys.modules[type(m).__module__], "eager_attention_forward")
    ]
    for module in modules:
        setattr(module, WITNESS, witness)
    model.config._attn_implementation = NAME
    try:
        yield
    finally:
        model.config._attn_implementation = before
        for module in modules:
            delattr(module, WITNESS)

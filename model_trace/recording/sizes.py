"""Estimate the memory and disk of a recording or a training before it runs. Needs no torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from model_trace.recording.spec import ALL, PER_LAYER, RecordingSpec
from model_trace.trace import ModelCard

FLOAT = 4
# Per forward the model's largest tensors, logits and one layer's attention scores, have so many entries at
# most: 128 MB of float32. A long prompt goes in by portions.
PER_FORWARD = 2**25
# How many tensors of that size stand beside each other: scores, their softmax and what those are made of.
COPIES = 4
# A single forward of the whole text is compared with the recording, up to so many scores of one layer.
ONE_FORWARD = 2**26
# The largest part of a trace that is written at once, but for a larger tensor.
SHARD_BYTES = 256 * 2**20


@dataclass(frozen=True)
class Size:
    """Bytes of memory beside the loaded model, and of disk."""

    memory: int
    disk: int


def portion(card: ModelCard, forwarded: int, layers_at_once: int = 1) -> int:
    """How many tokens one forward takes of a text of so many."""
    scores = card.heads * max(1, forwarded) * layers_at_once
    return max(1, PER_FORWARD // max(card.vocabulary, scores))


def in_one_forward(card: ModelCard, forwarded: int) -> int:
    """How many of a text's first tokens a single forward may take."""
    return min(forwarded, max(1, math.isqrt(ONE_FORWARD // card.heads)))


def recording_size(card: ModelCard, spec: RecordingSpec, forwarded: int, positions: int) -> Size:
    """What recording a text takes, of so many forwards, the last ``positions`` of which follow the prompt."""
    spec = spec.resolved(card.layers, card.heads, forwarded)
    wanted = {name for name in spec.tensors if name not in ("resid_pre", "resid_post")}
    buffers = sum(_entries(name, card, spec, forwarded, positions, card.layers) for name in wanted)
    if spec.lens != "none" or wanted != set(spec.tensors):
        buffers += (card.layers + 1) * forwarded * card.d_model
    layers = card.layers if spec.layers is None else len(spec.layers)
    kept = {name: _entries(name, card, spec, forwarded, positions, layers) for name in spec.tensors}
    looked = {"written": positions, "all": forwarded, "none": 0}[spec.lens]
    answers = (forwarded + (card.layers + 1) * looked) * (3 * spec.candidates + 4)
    cached = 2 * card.layers * forwarded * card.key_value_heads * card.d_head
    copied = sum(kept.values()) if spec.dtype == "float16" else 0
    first = in_one_forward(card, forwarded)
    working = max(
        COPIES * min(forwarded, portion(card, forwarded)) * max(card.vocabulary, card.heads * forwarded),
        COPIES * card.heads * first * first,
        max(min(SHARD_BYTES // FLOAT, sum(kept.values())), *kept.values(), 0),
    )
    itemsize = 2 if spec.dtype == "float16" else FLOAT
    return Size(
        memory=FLOAT * (buffers + 2 * answers + cached + working) + 2 * copied,
        disk=itemsize * sum(kept.values()) + FLOAT * answers,
    )


def _entries(
    name: str, card: ModelCard, spec: RecordingSpec, forwarded: int, positions: int, layers: int
) -> int:
    """How many numbers a tensor of so many layers has."""
    heads, key_values = card.heads * card.d_head, card.key_value_heads * card.d_head
    rows = forwarded if spec.pattern_rows == "whole" else min(int(spec.pattern_rows), positions)
    widths = dict.fromkeys(ALL, card.d_model) | {
        "logits": card.vocabulary, "mlp_act": card.d_mlp, "q": heads, "z": heads, "k": key_values,
        "v": key_values, "attn_pattern": card.heads * rows,
    }  # fmt: skip
    return (layers if name in PER_LAYER else 1) * forwarded * widths[name]


def training_memory(card: ModelCard) -> int:
    """What training a model takes beside the loaded one: a copy in float32, and two averages of its gradients
    or, of the first step, the gradients and the weights before it."""
    return 3 * FLOAT * card.parameters

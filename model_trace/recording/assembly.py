"""From a finished run to a trace: arrays, lens, certificate, provenance."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from model_trace.models.chat import has_template
from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import certificate, lens
from model_trace.recording.environment import environment
from model_trace.recording.runs import GenerationRun, Plan
from model_trace.recording.spec import RecordingSpec
from model_trace.trace import Generation, Trace

# How far the lens's last depth may be from the model's own logits, over their largest.
LENS_TOLERANCE = 1e-4


def assemble(checkpoint: Checkpoint, plan: Plan, spec: RecordingSpec, ran: GenerationRun) -> Trace:
    """Everything derived from a finished run: arrays, lens, certificate, provenance."""
    arrays, unavailable = ran.recorder.results(spec)
    arrays |= ran.distribution.arrays()
    greedy = plan.temperature == 0
    drawn = plan.completion is None and not greedy
    if drawn:
        arrays["choice_probability"] = np.asarray(ran.chances, dtype=np.float32)
    if spec.lens != "none":
        if lens.available(checkpoint.module_map):
            arrays |= looked(checkpoint, spec, ran)
        else:
            unavailable |= dict.fromkeys(lens.NAMES, lens.NO_LENS)
    checked = certificate.certify(checkpoint, ran, arrays)
    error = checked["lens_last_depth_max_abs_error"]
    if error is not None and error > LENS_TOLERANCE * float(ran.last.abs().max()):
        # The way through the model's end is not understood: no lens rather than a false one.
        arrays = {name: array for name, array in arrays.items() if name not in lens.NAMES}
        unavailable |= dict.fromkeys(
            lens.NAMES, f"its last depth differs from the model's logits by {error:.3g}"
        )
    return Trace(
        model=checkpoint.card,
        parts=(
            Generation(
                prompt=plan.prompt,
                completion=plan.completion,
                mode="given" if plan.completion is not None else "greedy" if greedy else "sampled",
                # What no token was drawn with had no part in the text, and cannot be verified.
                temperature=plan.temperature if drawn else 0.0,
                top_p=plan.top_p if drawn else 1.0,
                seed=plan.seed if drawn else 0,
                max_new_tokens=plan.max_new_tokens,
                stopped=ran.stopped,
                chat=plan.chat,
                passed_over=ran.passed_over,
            ),
        ),
        tokens=ran.tokens,
        tensors={f"generation/{name}": array for name, array in arrays.items()},
        pieces=_occurring(checkpoint, ran, arrays),
        unavailable=unavailable,
        certificate=checked,
        provenance=_provenance(checkpoint, plan, spec, ran),
    )


def looked(checkpoint: Checkpoint, spec: RecordingSpec, ran: GenerationRun) -> dict[str, Any]:
    """The lens at the spec's positions."""
    forwarded = len(ran.tokens) - 1
    following = torch.tensor([each.id for each in ran.tokens[1:]], device=checkpoint.model.device)
    written = next((i for i, each in enumerate(ran.tokens) if each.role in ("given", "generated")), forwarded)
    first = 0 if spec.lens == "all" else written - 1
    positions = list(range(first, forwarded))
    return lens.look(
        checkpoint.model, checkpoint.module_map, ran.recorder.stream(), positions, following, ran.distribution
    )


def _occurring(checkpoint: Checkpoint, ran: GenerationRun, arrays: dict[str, Any]) -> dict[int, bytes]:
    """The bytes of every id that a reader of the trace can come across."""
    ids = {each.id for each in ran.tokens}
    if ran.passed_over is not None:
        ids.add(ran.passed_over)
    for name in ("top_ids", "lens_ids"):
        if name in arrays:
            ids |= {int(id) for id in np.unique(arrays[name])}
    return {id: checkpoint.pieces[id] for id in sorted(ids)}


def _provenance(
    checkpoint: Checkpoint, plan: Plan, spec: RecordingSpec, ran: GenerationRun
) -> dict[str, Any]:
    return {
        "model_source": checkpoint.source,
        "spec": spec.to_json(),
        "forwards": list(ran.forwards),
        "text": {
            "tokens_joined_equal_text": plan.encoded.exact,
            "tokenised": plan.encoded.tokenised,
            "left_off": list(plan.encoded.left_off),
            "chat_template": has_template(checkpoint.tokenizer),
        },
        **environment(checkpoint),
    }

"""What was compared with the model run without recording, and by how much it differs."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import lens
from model_trace.recording.distribution import ROWS
from model_trace.recording.runs import GenerationRun
from model_trace.recording.sizes import in_one_forward


@torch.inference_mode()
def certify(checkpoint: Checkpoint, run: GenerationRun, arrays: dict[str, Any]) -> dict[str, Any]:
    """Cheap checks of a finished run: plain numbers and sentences, for trace.json.

    - ``lens_last_depth_max_abs_error``: the lens at the last depth against the model's own logits, on
      the last forward; 0 is bit-equal.
    - ``residual_additivity_max_relative_error``: stream before + attention + MLP against the stream
      after, over the largest entry of each layer's stream.
    - ``one_forward``: the text, of a long one the beginning (``forwards_compared``), in a single forward
      without hooks or cache against the recorded candidates' logits. Rounding differs there, so this is
      small, not 0.
    """
    return {
        "lens_last_depth_max_abs_error": _lens_error(checkpoint, run, arrays),
        "residual_additivity_max_relative_error": _additivity(arrays),
        "one_forward": _one_forward(checkpoint, run, arrays),
    }


def _lens_error(checkpoint: Checkpoint, run: GenerationRun, arrays: dict[str, Any]) -> float | None:
    if "lens_ids" not in arrays:
        return None
    # In the same shape as the model had it: another shape may round otherwise.
    rows = run.forwards[-1]
    logits = lens.read(checkpoint.model, checkpoint.module_map, run.recorder.stream()[-1, -rows:])
    return float(logits.sub_(run.last).abs_().max())


def _additivity(arrays: dict[str, Any]) -> float | None:
    if not {"resid_pre", "attn_out", "mlp_out", "resid_post"} <= arrays.keys():
        return None
    worst = 0.0
    for before, attention, mlp, after in zip(
        *(arrays[name] for name in ("resid_pre", "attn_out", "mlp_out", "resid_post")), strict=True
    ):
        error = np.abs(before.astype(np.float64) + attention + mlp - after).max()
        worst = max(worst, float(error / max(np.abs(after).max(), 1e-30)))
    return worst


def _one_forward(checkpoint: Checkpoint, run: GenerationRun, arrays: dict[str, Any]) -> dict[str, Any]:
    model, module_map = checkpoint.model, checkpoint.module_map
    # Attention grows with the square of the text.
    count = in_one_forward(checkpoint.card, len(run.tokens) - 1)
    ids = torch.tensor([[token.id for token in run.tokens[:count]]], device=model.device)
    recorded_ids = torch.from_numpy(arrays["top_ids"][:count]).long()
    recorded = torch.from_numpy(arrays["top_logits"][:count])
    answer = module_map.bases[0](input_ids=ids, use_cache=False).last_hidden_state
    error, agreeing = 0.0, 0
    # Logits are large: of a few forwards at a time.
    for start in range(0, len(recorded), ROWS):
        rows = slice(start, start + ROWS)
        logits = lens.unembedded(model, module_map, answer[:, rows]).float().cpu()
        error = max(error, float((logits.gather(-1, recorded_ids[rows]) - recorded[rows]).abs().max()))
        agreeing += int((logits.argmax(-1) == recorded_ids[rows, 0]).sum())
    return {
        "forwards_compared": len(recorded),
        "logits_max_relative_error": error / max(float(recorded.abs().max()), 1e-30),
        "argmax_agreement": agreeing / len(recorded),
    }

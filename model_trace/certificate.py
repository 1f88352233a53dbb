"""What was compared with the model run without recording, and by how much it differs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from model_trace import lens
from model_trace.checkpoints import Checkpoint

if TYPE_CHECKING:
    from model_trace.generation import Run

# Logits of the comparing forward at most: 512 MB of float32; of a longer text its last part is compared.
COMPARED_LOGITS = 2**27


@torch.inference_mode()
def certify(checkpoint: Checkpoint, run: Run, arrays: dict[str, Any]) -> dict[str, Any]:
    """Cheap checks of a finished run: plain numbers and sentences, for trace.json.

    - ``lens_last_depth_max_abs_error``: the lens at the last depth against the model's own logits, on
      the last forward; 0 is bit-equal.
    - ``residual_additivity_max_relative_error``: stream before + attention + MLP against the stream
      after, over the largest entry of each layer's stream.
    - ``one_forward``: the whole text in a single forward without hooks or cache against the recorded
      candidates' logits. Rounding differs there, so this is small, not 0.
    """
    return {
        "lens_last_depth_max_abs_error": _lens_error(checkpoint, run, arrays),
        "residual_additivity_max_relative_error": _additivity(arrays),
        "one_forward": _one_forward(checkpoint, run, arrays),
    }


def _lens_error(checkpoint: Checkpoint, run: Run, arrays: dict[str, Any]) -> float | None:
    if "lens_ids" not in arrays:
        return None
    # In the same shape as the model had it: another shape may round otherwise.
    rows = run.forwards[-1]
    logits = lens.read(checkpoint.model, checkpoint.anatomy, run.recorder.stream()[-1, -rows:])
    return float((logits - run.last).abs().max())


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


def _one_forward(checkpoint: Checkpoint, run: Run, arrays: dict[str, Any]) -> dict[str, Any]:
    model = checkpoint.model
    ids = torch.tensor([[token.id for token in run.tokens[:-1]]], device=model.device)
    compared = min(ids.shape[1], max(1, COMPARED_LOGITS // checkpoint.card.vocabulary))
    logits = model(input_ids=ids, use_cache=False, logits_to_keep=compared).logits[0].float().cpu()
    recorded_ids = torch.from_numpy(arrays["top_ids"][-compared:]).long()
    recorded = torch.from_numpy(arrays["top_logits"][-compared:])
    error = (logits.gather(-1, recorded_ids) - recorded).abs().max() / recorded.abs().max()
    agreeing = (logits.argmax(-1) == recorded_ids[:, 0]).float().mean()
    return {
        "forwards_compared": compared,
        "logits_max_relative_error": float(error),
        "argmax_agreement": float(agreeing),
    }

"""The untrained twin: a model's architecture with random parameters."""

from __future__ import annotations

import copy
from typing import Any

import torch

from model_trace.models.checkpoints import Checkpoint
from model_trace.models.quiet import quiet


def untrained_model(checkpoint: Checkpoint, seed: int) -> Any:
    """A model like the checkpoint's as it is before any training: in evaluation mode, in float32.

    Its parameters are drawn by the family's own initialisation after ``torch.manual_seed(seed)``, on the
    CPU wherever it runs, so a seed means the same everywhere. torch's own generator is left as it was.
    """
    from transformers import AutoModelForCausalLM as _AutoModelForCausalLM

    automatic: Any = _AutoModelForCausalLM
    # Copied: the constructor writes into the config it is given.
    config = copy.deepcopy(checkpoint.model.config)
    with quiet(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = automatic.from_config(
            config, dtype=torch.float32, attn_implementation="eager", trust_remote_code=False
        )
    untrained: Any = made.to(checkpoint.model.device).eval()
    return untrained

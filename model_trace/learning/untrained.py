"""The untrained twin: a model's architecture with random parameters."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any

import torch
from torch import nn

from model_trace.models.checkpoints import Checkpoint
from model_trace.models.quiet import quiet


def untrained_model(checkpoint: Checkpoint, seed: int, *, earlier: bool = False) -> Any:
    """A model like the checkpoint's as it is before any training: in evaluation mode, in float32.

    Its parameters are drawn by the family's own initialisation after ``torch.manual_seed(seed)``, on the
    CPU wherever it runs, so a seed means the same everywhere. torch's own generator is left as it was.
    ``earlier``: as versions before this one drew them, torch's layers by themselves and the family anew.
    """
    made = _drawn(checkpoint, seed, nullcontext() if earlier else _left_to_the_family())
    if not earlier and any(_is_zero(weight) for weight in made.parameters() if weight.ndim > 1):
        # A family that leaves some of its layers as torch initialises them.
        made = _drawn(checkpoint, seed, nullcontext())
    untrained: Any = made.to(checkpoint.model.device).eval()
    return untrained


def _drawn(checkpoint: Checkpoint, seed: int, initialisation: Any) -> Any:
    from transformers import AutoModelForCausalLM as _AutoModelForCausalLM

    automatic: Any = _AutoModelForCausalLM
    # Copied: the constructor writes into the config it is given.
    config = copy.deepcopy(checkpoint.model.config)
    with quiet(), torch.random.fork_rng(devices=[]), initialisation:
        torch.manual_seed(seed)
        return automatic.from_config(
            config, dtype=torch.float32, attn_implementation="eager", trust_remote_code=False
        )


def _is_zero(weight: nn.Parameter) -> bool:
    """Whether the weights seem to be all zeros: of large ones a part is looked at."""
    return not weight.detach().flatten()[:: max(1, weight.numel() // 4096)].any()


@contextmanager
def _left_to_the_family() -> Iterator[None]:
    """While this lasts torch's large layers begin with zeros.

    The family draws them anew: drawing them twice takes twice the time.
    """

    def zeros(layer: Any) -> None:
        for weight in layer.parameters(recurse=False):
            nn.init.zeros_(weight)

    kinds = (nn.Linear, nn.Embedding)
    with ExitStack() as stack:
        for kind in kinds:
            stack.callback(setattr, kind, "reset_parameters", kind.reset_parameters)
            setattr(kind, "reset_parameters", zeros)  # noqa: B010
        yield

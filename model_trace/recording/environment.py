"""Where a recording was made: what its numbers could differ by elsewhere."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any

import torch

from model_trace.models.checkpoints import Checkpoint


def environment(checkpoint: Checkpoint) -> dict[str, Any]:
    """What a computation's rounding depends on."""
    device = checkpoint.model.device
    libraries = ("torch", "transformers", "tokenizers", "numpy", "safetensors")
    return {
        "attention": "eager",
        "device": str(device),
        "accelerator": torch.cuda.get_device_name(device) if device.type == "cuda" else None,
        "threads": torch.get_num_threads(),
        "processor": f"{platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
        "software": {"python": platform.python_version()} | {name: version(name) for name in libraries},
    }

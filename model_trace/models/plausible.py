"""Check that a model's configuration fits its weights, before a library builds it. Needs no torch.

A configuration is a few lines that anyone can write: one that names a thousand million layers would keep the
library that builds them busy for hours. Its sizes are compared with the weights beside it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from model_trace.errors import TraceError
from model_trace.user_files import UserFileError, check_regular, read_user_bytes

LARGEST_JSON = 512 * 2**20
LARGEST_HEADER = 100 * 10**6  # the format's own limit
LAYERS = ("num_hidden_layers", "n_layer", "n_layers", "num_layers")
WIDTHS = ("hidden_size", "n_embd", "d_model")
# Whole numbers that are no sizes of weights.
NO_SIZE = re.compile(r"position|window|ctx|context|length|seq|theta|base|chunk|(^|_)ids?$|seed|version")
# Quantised weights are packed, up to so many in one number.
PACKED = 16
SMALL = 1000


def check_files(folder: Path) -> None:
    """Raise an error for pipes and devices among a model's files, and for huge JSON.

    Raises:
        TraceError: naming the file.
    """
    for file in sorted(folder.iterdir()):
        # A link to nothing is no file of the model's.
        if not file.exists() or file.is_dir():
            continue
        try:
            check_regular(file)
        except UserFileError as error:
            raise TraceError(str(error)) from error
        if file.suffix == ".json" and file.stat().st_size > LARGEST_JSON:
            raise TraceError(f"{file} is larger than {LARGEST_JSON // 2**20} MB: download it again")


def check_sizes(folder: Path, weights: Sequence[Path], source: str) -> None:
    """Raise an error if a size in the model's config is not that of its weights.

    Raises:
        TraceError: naming the size.
    """
    try:
        config = json.loads(read_user_bytes(folder / "config.json"))
        tensors = [shape for file in weights for shape in shapes(file)]
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # Damaged; who reads it next says how.
        return
    if isinstance(config, Mapping):
        _check_sizes(config, tensors, source)


def count_weights(weights: Sequence[Path]) -> int:
    """How many numbers the files hold.

    Raises:
        OSError, ValueError, TypeError, KeyError, AttributeError: they are no safetensors files.
    """
    return sum(math.prod(shape) for file in weights for shape in shapes(file))


def _check_sizes(config: Mapping[str, Any], tensors: list[list[int]], source: str) -> None:
    total = sum(math.prod(shape) for shape in tensors)
    for part in (config, *(value for value in config.values() if isinstance(value, Mapping))):
        width = next((part[name] for name in WIDTHS if type(part.get(name)) is int), 1)
        for name, size in part.items():
            if type(size) is not int or NO_SIZE.search(name):
                continue
            if name in LAYERS and size > len(tensors):
                raise TraceError(
                    f"{source}: config.json names {size} layers, its weights {len(tensors)} "
                    "tensors: download it again"
                )
            # Each layer, head, expert, token or neuron has a row of weights as wide as the model.
            if size > SMALL and size * max(1, width) > PACKED * total:
                raise TraceError(
                    f"{source}: config.json says {name} {size}, but it has {total} weights: download it again"
                )


def shapes(file: Path) -> Iterator[list[int]]:
    """The shapes of the tensors in a safetensors file."""
    with file.open("rb") as stream:
        length = int.from_bytes(stream.read(8), "little")
        if length > min(LARGEST_HEADER, file.stat().st_size):
            raise ValueError("no safetensors file")
        header = json.loads(stream.read(length))
    return iter([entry["shape"] for name, entry in header.items() if name != "__metadata__"])

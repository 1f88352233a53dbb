"""Blocks and histograms of a model's weights, and the block that a training changed most."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from model_trace.models.module_map import decoder_layers
from model_trace.trace import Block, TraceError

# Rows and columns of a recorded block, where the matrix has as many.
CHANGED_BLOCK = 8
SAMPLE_BLOCK = 16
BINS = 81
# Histograms reach to this many standard deviations of the trained weights; what lies beyond is counted.
REACH = 4.0


def layer_matrices(model: Any, layer: int) -> dict[str, Tensor]:
    """A decoder layer's weights of two axes or more, by their full names, as matrices."""
    inside = {id(weight) for weight in decoder_layers(model)[layer].parameters()}
    return {name: matrix(w) for name, w in model.named_parameters() if id(w) in inside and w.ndim >= 2}


def matrix(weight: Tensor) -> Tensor:
    """A weight as a matrix of its last axis."""
    return weight.detach().flatten(0, -2)


def sample_blocks(matrices: dict[str, Tensor], seed: int) -> tuple[Block, ...]:
    """A block of each matrix, all of one size, at places drawn with ``seed``."""
    side = min(SAMPLE_BLOCK, *(size for each in matrices.values() for size in each.shape))
    places = torch.Generator().manual_seed(seed)

    def offset(size: int) -> int:
        return int(torch.randint(size - side + 1, (), generator=places))

    return tuple(
        Block(name, tuple(each.shape), tuple(offset(size) for size in each.shape), (side, side))
        for name, each in matrices.items()
    )


def cut(weights: Tensor, block: Block) -> npt.NDArray[Any]:
    """The block's values, [rows, columns], float32."""
    (row, column), (rows, columns) = block.offset, block.size
    return matrix(weights)[row : row + rows, column : column + columns].float().cpu().numpy().copy()


def histogram_edges(matrices: dict[str, Tensor]) -> npt.NDArray[Any]:
    """Edges of ``BINS`` equal bins around 0, wide enough for nearly all of these weights."""
    deviation = float(torch.cat([each.flatten().float() for each in matrices.values()]).std())
    if not np.isfinite(REACH * deviation):
        raise TraceError("the model's weights are too large for float32: name another model")
    return np.linspace(-REACH * deviation, REACH * deviation, BINS + 1).astype(np.float32)


def layer_arrays(
    matrices: dict[str, Tensor], blocks: tuple[Block, ...], edges: npt.NDArray[Any]
) -> dict[str, npt.NDArray[Any]]:
    """``weights`` [M, rows, columns], ``histograms`` [M + 1, bins], ``histogram_outside`` [M + 1, 2]."""
    counts, outside = [], []
    for each in matrices.values():
        values = each.float().cpu().numpy().ravel()
        counts.append(np.histogram(values, edges)[0])
        outside.append([(values < edges[0]).sum(), (values > edges[-1]).sum()])
    inside, beyond = np.array(counts, np.int64), np.array(outside, np.int64)
    return {
        "weights": np.stack([cut(matrices[block.parameter], block) for block in blocks]),
        "histograms": np.concatenate([inside, inside.sum(0, keepdims=True)]),
        "histogram_outside": np.concatenate([beyond, beyond.sum(0, keepdims=True)]),
    }


class MostChanged:
    """Of all decoder layers' matrices, the block whose change is largest (L2); blocks tile a matrix.

    The embedding is left out: its rows are single tokens' vectors, and a step moves one or two of them.
    """

    def __init__(self, model: Any) -> None:
        layers = range(len(decoder_layers(model)))
        self._names = {name for layer in layers for name in layer_matrices(model, layer)}
        self._size = -1.0
        self.block: Block | None = None

    def see(self, name: str, change: Tensor) -> bool:
        """Look at a parameter's change; whether it holds the largest so far, now in ``block``."""
        if name not in self._names:
            return False
        flat = matrix(change)
        height, width = (min(CHANGED_BLOCK, size) for size in flat.shape)
        rows, columns = flat.shape[0] // height, flat.shape[1] // width
        whole = flat[: rows * height, : columns * width].float()
        sizes = whole.square().reshape(rows, height, columns, width).sum((1, 3))
        place = int(sizes.argmax())
        if float(sizes.flatten()[place]) <= self._size:
            return False
        self._size = float(sizes.flatten()[place])
        offset = (place // columns * height, place % columns * width)
        self.block = Block(name, tuple(flat.shape), offset, (height, width))
        return True


def deviation(weights: nn.Parameter | Tensor) -> float:
    """The standard deviation of all the weights (0 for a single one)."""
    return float(weights.detach().float().std(correction=0))

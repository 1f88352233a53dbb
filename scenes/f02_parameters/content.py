"""What figure f02 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from model_trace.trace import Block, Trace
from scenes.facts import GPT3, Subject
from scenes.traced_value import LARGEST, NEARLY_LARGEST, Source, TracedValue, recorded

Kind = Literal["query", "key", "value", "q, k, v", "output", "feed-forward"]

_MOST = 16  # cells along the longest side of the largest matrix
# what the families call the matrices of attention
_KINDS: dict[str, Kind] = {
    "q_proj": "query",
    "k_proj": "key",
    "v_proj": "value",
    "c_attn": "q, k, v",
    "query_key_value": "q, k, v",
}


@dataclass(frozen=True)
class Grid:
    """A part of one matrix, row by row as it is drawn: as large as the matrix is beside the others.

    ``scale`` is the value of full colour; few weights are larger.
    """

    kind: Kind
    columns: int
    weights: TracedValue
    scale: TracedValue


@dataclass(frozen=True)
class Parameters:
    """A model's layer 1: parts of its matrices, and how many of all of its weights fall into which bin."""

    grids: tuple[Grid, ...]
    histogram: TracedValue
    tallest: TracedValue


@dataclass(frozen=True)
class Content:
    """The same of the untrained model and of the trained one."""

    model: str
    subject: str
    parameters: TracedValue
    edges: TracedValue
    ends: tuple[TracedValue, TracedValue]
    untrained: Parameters
    trained: Parameters


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the figure's content: layer 1 of the untrained twin and of the model."""
    edges = "training/histogram_edges"
    last = trace.tensor(edges).shape[0] - 1
    return Content(
        model=trace.model.label,
        subject=subject.name,
        parameters=subject.parameters,
        edges=recorded(trace, "colour", Source(edges, ())),
        ends=(
            recorded(trace, "decimal", Source(edges, (0,))),
            recorded(trace, "decimal", Source(edges, (last,))),
        ),
        untrained=_parameters(trace, "untrained"),
        trained=_parameters(trace, "trained"),
    )


def _parameters(trace: Trace, prefix: str) -> Parameters:
    blocks = trace.training.first_layer
    # many experts in one matrix do not make all others small
    longest = max(min(size, 4 * trace.model.d_model) for block in blocks for size in block.shape)
    unit = longest / _MOST
    kinds = [_kind(block) for block in blocks]
    grids = []
    for place, (block, kind) in enumerate(zip(blocks, kinds, strict=True)):
        rows, columns = (
            min(size, max(1, round(side / unit))) for size, side in zip(block.size, block.shape, strict=True)
        )
        # feed-forward matrices lie
        turned = kind == "feed-forward" and rows > columns
        pairs = [(row, column) for row in range(rows) for column in range(columns)]
        if turned:
            pairs = [(row, column) for column in range(columns) for row in range(rows)]
        index = tuple(zip(*pairs, strict=True))
        source = Source(f"{prefix}/weights", (place, index[0], index[1]))
        scale = recorded(trace, "significant", source, formula=NEARLY_LARGEST)
        grids.append(Grid(kind, rows if turned else columns, recorded(trace, "colour", source), scale))
    everything = Source(f"{prefix}/histograms", (len(blocks),))
    return Parameters(
        grids=tuple(grids),
        histogram=recorded(trace, "colour", everything),
        tallest=recorded(trace, "count", everything, formula=LARGEST),
    )


def _kind(block: Block) -> Kind:
    """Return what a matrix is for, by the name that its family gives it."""
    *path, name = block.parameter.removesuffix(".weight").split(".")
    if not any("attn" in part or "attention" in part for part in path):
        return "feed-forward"
    return _KINDS.get(name, "output")

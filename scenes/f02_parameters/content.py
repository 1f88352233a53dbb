"""What figure f02 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.display_token import DisplayToken, TextSource, display_token, named
from scenes.facts import GPT3, Subject
from scenes.traced_value import MEDIAN, Source, TracedValue, recorded

_MATRIX = 0  # of layer 1, the first


@dataclass(frozen=True)
class Weights:
    """A part of the matrix, row by row, and how many of all its weights fall into which bin.

    ``guess`` is what the model with these weights holds to be the likeliest next token.
    """

    part: TracedValue
    histogram: TracedValue
    guess: DisplayToken


@dataclass(frozen=True)
class Content:
    """One matrix of layer 1 in the untrained twin and in the model, and what each guesses after ``example``.

    ``scale`` is the value of full colour in both, which every second trained weight of the part reaches.
    ``ends`` are the first and the last of the histograms' ``edges``.
    """

    model: str
    subject: str
    text_source: TextSource
    example: tuple[DisplayToken, ...]
    parameters: TracedValue
    columns: int
    scale: TracedValue
    edges: TracedValue
    ends: tuple[TracedValue, TracedValue]
    untrained: Weights
    trained: Weights


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the figure's content: the first matrix of layer 1, before training and after it."""
    edges = "training/histogram_edges"
    last = trace.tensor(edges).shape[0] - 1
    features = [place for place in range(len(trace.tokens) - 1) if trace.tokens[place].role == "prompt"]
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source="article" if article else "given",
        example=tuple(display_token(trace, place) for place in features),
        parameters=subject.parameters,
        columns=trace.training.first_layer[_MATRIX].size[1],
        scale=recorded(trace, "significant", Source("trained/weights", (_MATRIX,)), formula=MEDIAN),
        edges=recorded(trace, "colour", Source(edges, ())),
        ends=(
            recorded(trace, "decimal", Source(edges, (0,))),
            recorded(trace, "decimal", Source(edges, (last,))),
        ),
        untrained=_weights(trace, "untrained"),
        trained=_weights(trace, "trained"),
    )


def _weights(trace: Trace, prefix: str) -> Weights:
    return Weights(
        part=recorded(trace, "colour", Source(f"{prefix}/weights", (_MATRIX,))),
        histogram=recorded(trace, "colour", Source(f"{prefix}/histograms", (_MATRIX,))),
        guess=DisplayToken(
            named(trace, f"{prefix}/top_ids", (0, 0), len(trace.tokens) - 1),
            "output",
            recorded(trace, "percent", Source(f"{prefix}/top_probabilities", (0, 0))),
        ),
    )

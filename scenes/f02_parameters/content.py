"""What figure f02 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.display_token import DisplayToken, TextSource, display_token, named
from scenes.facts import GPT3, Subject
from scenes.traced_value import MEDIAN, Source, TracedValue, recorded

_MATRIX = 0  # of layer 1, the first
_ROWS, _COLUMNS = 4, 5  # of its recorded part, so many are shown


@dataclass(frozen=True)
class Weights:
    """Some weights of the matrix, row by row, and how many of all of them fall into which bin.

    In the last row there is one less: an ellipsis takes its place.

    ``guess`` is what the model with these weights holds to be the likeliest next token.
    """

    rows: tuple[tuple[TracedValue, ...], ...]
    histogram: TracedValue
    guess: DisplayToken


@dataclass(frozen=True)
class Content:
    """One matrix of layer 1 in the untrained twin and in the model, and what each guesses after ``example``.

    ``scale`` is the value of full colour in both, which every second trained weight of the part reaches.
    """

    model: str
    subject: str
    text_source: TextSource
    example: tuple[DisplayToken, ...]
    parameters: TracedValue
    scale: TracedValue
    untrained: Weights
    trained: Weights


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the figure's content: the first matrix of layer 1, before training and after it."""
    features = [place for place in range(len(trace.tokens) - 1) if trace.tokens[place].role == "prompt"]
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source="article" if article else "given",
        example=tuple(display_token(trace, place) for place in features),
        parameters=subject.parameters,
        scale=recorded(trace, "significant", Source("trained/weights", (_MATRIX,)), formula=MEDIAN),
        untrained=_weights(trace, "untrained"),
        trained=_weights(trace, "trained"),
    )


def _weights(trace: Trace, prefix: str) -> Weights:
    high, wide = (
        min(pair) for pair in zip((_ROWS, _COLUMNS), trace.training.first_layer[_MATRIX].size, strict=True)
    )
    return Weights(
        rows=tuple(
            tuple(
                recorded(trace, "decimal", Source(f"{prefix}/weights", (_MATRIX, row, column)))
                for column in range(wide - (row == high - 1))
            )
            for row in range(high)
        ),
        histogram=recorded(trace, "colour", Source(f"{prefix}/histograms", (_MATRIX,))),
        guess=DisplayToken(
            named(trace, f"{prefix}/top_ids", (0, 0), len(trace.tokens) - 1),
            "output",
            recorded(trace, "percent", Source(f"{prefix}/top_probabilities", (0, 0))),
        ),
    )

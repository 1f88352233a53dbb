"""What loop 07 shows, chosen from a trace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from model_trace.trace import Trace, TraceError
from scenes.display_token import DisplayToken, TextSource, display_token, named, prompt_tokens, text_source
from scenes.facts import GPT3, Subject
from scenes.traced_value import Source, TracedValue, recorded
from scenes.vectors import drawn_layers, evenly

_CELLS = 16


@dataclass(frozen=True)
class Depth:
    """What stands after one layer.

    Attributes:
        layer: Its number, from 1.
        values: Some of the vector's values.
        place: The answer's among all tokens by their probability, if the model stopped here; 1 is the first.
        guess: The token that is the first here, where that is another one.
    """

    layer: int
    values: TracedValue
    place: TracedValue
    guess: TracedValue | None


@dataclass(frozen=True)
class Content:
    """The prompt, whose last token is followed; its vector at each drawn depth; the token that came next.

    ``width`` is the length of the vector, of which the same evenly spaced places are drawn at every depth.
    """

    model: str
    subject: str
    traced: bool
    subject_layers: TracedValue
    parameters_per_layer: TracedValue | None
    text_source: TextSource
    prompt: tuple[DisplayToken, ...]
    width: TracedValue
    layers: TracedValue
    vocabulary: TracedValue
    embedding: TracedValue
    depths: tuple[Depth, ...]
    answer: DisplayToken


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content: the track of the prompt's last token."""
    position = trace.prompt_length - 1
    cells = evenly(trace.model.d_model, _CELLS)
    return Content(
        model=trace.model.label,
        subject=subject.name,
        traced=subject.traced,
        subject_layers=subject.layers,
        parameters_per_layer=subject.parameters_per_layer,
        text_source=text_source(trace, article),
        prompt=prompt_tokens(trace),
        width=recorded(trace, "integer", Source("model.d_model", ())),
        layers=recorded(trace, "integer", Source("model.layers", ())),
        vocabulary=recorded(trace, "integer", Source("model.vocabulary", ())),
        embedding=recorded(trace, "colour", Source("generation/resid_pre", (0, position, cells))),
        depths=_depths(trace, position, cells),
        answer=display_token(trace, position + 1),
    )


def turn(places: Sequence[float]) -> int:
    """Return the row in which the answer rises most, by how many times nearer to the first place it gets."""
    rises = [math.log(before / after) for before, after in pairwise(places)]
    return rises.index(max(rises)) + 1 if rises else 0


def _depths(trace: Trace, position: int, cells: tuple[int, ...]) -> tuple[Depth, ...]:
    positions = [int(p) for p in trace.values("generation/lens_positions")]
    if position not in positions:
        raise TraceError("the recording's logit lens lacks the prompt's last token: record it again")
    # depth 0 of the lens is the embedding
    layers, column = drawn_layers(trace.model.layers), positions.index(position)
    places = [
        recorded(trace, "integer", Source("generation/lens_next_rank", (layer, column))) for layer in layers
    ]

    def guess(row: int) -> TracedValue | None:
        if places[row].number <= 1:
            return None
        return named(trace, "generation/lens_ids", (layers[row], column, 0), position + 1)

    return tuple(
        Depth(
            layer=layer,
            values=recorded(trace, "colour", Source("generation/resid_post", (layer - 1, position, cells))),
            place=places[row],
            guess=guess(row),
        )
        for row, layer in enumerate(layers)
    )

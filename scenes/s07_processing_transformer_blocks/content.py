"""What loop 07 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace, TraceError
from scenes.display_token import DisplayToken, TextSource, display_token, named, prompt_tokens, text_source
from scenes.facts import GPT3, Subject
from scenes.parts.decoder_stack import drawn_layers
from scenes.traced_value import Source, TracedValue, recorded
from scenes.vectors import evenly

_CELLS = 24


@dataclass(frozen=True)
class Depth:
    """What stands after one layer: some of the vector's values, and the best guess read off it there."""

    layer: int
    values: TracedValue
    guess: TracedValue
    probability: TracedValue
    answer: bool


@dataclass(frozen=True)
class Content:
    """The prompt, whose last token is followed; its vector at each drawn depth; the token that came next.

    ``width`` is the length of the vector, of which the same evenly spaced places are drawn at every depth.
    """

    model: str
    subject: str
    subject_layers: TracedValue
    parameters_per_layer: TracedValue | None
    text_source: TextSource
    prompt: tuple[DisplayToken, ...]
    width: TracedValue
    layers: TracedValue
    embedding: TracedValue
    depths: tuple[Depth, ...]
    answer: DisplayToken


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content: the track of the prompt's last token."""
    position = trace.prompt_length - 1
    places = evenly(trace.model.d_model, _CELLS)
    return Content(
        model=trace.model.label,
        subject=subject.name,
        subject_layers=subject.layers,
        parameters_per_layer=subject.parameters_per_layer,
        text_source=text_source(trace, article),
        prompt=prompt_tokens(trace),
        width=recorded(trace, "integer", Source("model.d_model", ())),
        layers=recorded(trace, "integer", Source("model.layers", ())),
        embedding=recorded(trace, "colour", Source("generation/resid_pre", (0, position, places))),
        depths=tuple(_depth(trace, layer, position, places) for layer in drawn_layers(trace.model.layers)),
        answer=display_token(trace, position + 1),
    )


def _depth(trace: Trace, layer: int, position: int, places: tuple[int, ...]) -> Depth:
    positions = [int(p) for p in trace.values("generation/lens_positions")]
    if position not in positions:
        raise TraceError("the recording's logit lens lacks the prompt's last token: record it again")
    column = positions.index(position)
    guess = (layer, column, 0)  # depth 0 of the lens is the embedding
    return Depth(
        layer=layer,
        values=recorded(trace, "colour", Source("generation/resid_post", (layer - 1, position, places))),
        guess=named(trace, "generation/lens_ids", guess, position + 1),
        probability=recorded(trace, "percent", Source("generation/lens_probabilities", guess)),
        answer=int(trace.values("generation/lens_ids", guess)) == trace.tokens[position + 1].id,
    )

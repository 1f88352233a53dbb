"""What loop 12 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.candidates import Candidate
from scenes.display_token import DisplayToken, named, prompt_tokens, spelt
from scenes.facts import GPT3, Subject
from scenes.traced_value import REST, Recorded, Source, TracedValue, recorded

_CANDIDATES = 3
_REACH = 3  # bytes of the tokens beside, with which one may share a character


@dataclass(frozen=True)
class Lane:
    """The distribution at one temperature, the draw from it, and what was written.

    ``candidates`` are the most probable tokens, the same at each temperature, then all others together.
    ``below`` is how probable all tokens before the drawn one are together, ``share`` how probable it is.
    ``drawn`` is its place among the candidates, that of the others where it is none of the first.
    """

    temperature: TracedValue
    candidates: tuple[Candidate, ...]
    below: TracedValue
    share: TracedValue
    drawn: int
    tokens: tuple[DisplayToken, ...]


@dataclass(frozen=True)
class Content:
    """A prompt that was gone on with at several temperatures, from the lowest on.

    ``usual`` is the place of the lane whose probabilities are the model's own, at temperature 1. ``number``
    is the seeded number that drew the first token in all lanes.
    """

    model: str
    subject: str
    prompt: tuple[DisplayToken, ...]
    number: TracedValue
    lanes: tuple[Lane, ...]
    usual: int


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content. Nothing follows the prompt but what the model drew."""
    temperatures = trace.temperatures.temperatures
    order = sorted(range(len(temperatures)), key=lambda place: temperatures[place])
    return Content(
        model=trace.model.label,
        subject=subject.name,
        prompt=prompt_tokens(trace),
        number=recorded(trace, "percent", Source("temperatures/draw_number", (0,))),
        lanes=tuple(_lane(trace, place) for place in order),
        usual=min(range(len(order)), key=lambda place: abs(temperatures[order[place]] - 1)),
    )


def _lane(trace: Trace, place: int) -> Lane:
    first = trace.temperatures.rows(place)[0]
    tensor = "temperatures/top_probabilities"
    count = min(_CANDIDATES, trace.tensor(tensor).shape[1])
    rows = [
        Candidate(
            named(trace, "temperatures/top_ids", (rank,), trace.prompt_length),
            recorded(trace, "percent", Source(tensor, (place, rank))),
        )
        for rank in range(count)
    ]
    others = recorded(trace, "percent", Source(tensor, (place, tuple(range(count)))), formula=REST)
    tokens = trace.temperatures.lanes[place].tokens
    return Lane(
        temperature=recorded(trace, "decimal", Source("temperatures.temperatures", (place,))),
        candidates=(*rows, Candidate(None, others)),
        below=recorded(trace, "colour", Source("temperatures/draw_below", (first,))),
        share=recorded(trace, "percent", Source("temperatures/draw_probability", (first,))),
        drawn=min(int(trace.values("temperatures/draw_rank", (first,))) - 1, count),
        tokens=tuple(_token(trace, place, step) for step in range(len(tokens))),
    )


def _token(trace: Trace, lane: int, step: int) -> DisplayToken:
    """A token that was drawn, with its probability at the lane's temperature."""
    tokens = trace.temperatures.lanes[lane].tokens
    token = tokens[step]
    prompt = trace.tokens[: trace.prompt_length]
    before = b"".join(each.bytes for each in (*prompt, *tokens[:step])[-_REACH:])
    after = b"".join(each.bytes for each in tokens[step + 1 : step + 1 + _REACH])
    shown = spelt(token.bytes, Recorded((Source("pieces", (token.id,)),)), before, after)
    row = trace.temperatures.rows(lane)[step]
    share = recorded(trace, "percent", Source("temperatures/draw_probability", (row,)))
    return DisplayToken(shown, "special" if token.role == "special" else "output", share)

"""What loop 08 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.attention import attention
from scenes.display_token import (
    DisplayToken,
    TextSource,
    display_token,
    named,
    prompt_tokens,
    text_source,
)
from scenes.facts import GPT3, Subject
from scenes.traced_value import Source, TracedValue, recorded
from scenes.vectors import evenly, updates

_LAYERS = 48  # the most that are drawn
_ANSWERS, _ANSWER = 2, 14  # how many, and their letters


@dataclass(frozen=True)
class Content:
    """The columns of the picture, one per forwarded token, and what came out where we listen.

    ``unheard`` are the best guesses before the prompt's end, which nobody listens to.
    ``updates`` [columns][drawn layers]: how much each layer changed that token's vector. ``attention``
    [prompt tokens]: where the last prompt token looked, mean of a few heads; empty where the model's
    family cannot tell. ``layers`` counts all of the traced model's, of which ``drawn`` are shown.
    """

    model: str
    subject: str
    traced: bool
    subject_layers: TracedValue
    text_source: TextSource
    tokens: tuple[DisplayToken, ...]
    prompt_length: int
    unheard: tuple[TracedValue, ...]
    answers: tuple[DisplayToken, ...]
    updates: tuple[TracedValue, ...]
    attention: TracedValue | None
    layers: TracedValue
    drawn: tuple[int, ...]


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content: the prompt and the first two tokens that follow it."""
    prompt = trace.prompt_length
    written = range(prompt, min(prompt + _ANSWERS, len(trace.tokens)))
    answers = tuple(display_token(trace, i) for i in written if trace.tokens[i].role != "special")
    # the last answer came out, but what it leads to is not part of this picture
    columns = prompt + max(len(answers) - 1, 0)
    drawn = evenly(trace.model.layers, _LAYERS)
    return Content(
        model=trace.model.label,
        subject=subject.name,
        traced=subject.traced,
        subject_layers=subject.layers,
        text_source=text_source(trace, article),
        tokens=prompt_tokens(trace) + answers[:-1],
        prompt_length=prompt,
        unheard=tuple(named(trace, "generation/top_ids", (row, 0), row + 1) for row in range(prompt - 1)),
        answers=answers,
        updates=tuple(updates(trace, column, drawn) for column in range(columns)),
        attention=attention(trace, prompt - 1),
        layers=recorded(trace, "integer", Source("model.layers", ())),
        drawn=drawn,
    )

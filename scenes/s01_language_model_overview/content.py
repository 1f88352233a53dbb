"""What loop 01 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.display_token import (
    DisplayToken,
    TextSource,
    display_token,
    extremes,
    prompt_tokens,
    text_source,
    written_positions,
)
from scenes.facts import GPT3, Subject
from scenes.traced_value import TracedValue
from scenes.vectors import updates


@dataclass(frozen=True)
class Content:
    """The prompt, the text that follows it, and how strongly each layer worked on the first answer.

    ``extremes`` are the places in ``output`` of its likeliest and its unlikeliest token.
    """

    model: str
    subject: str
    text_source: TextSource
    prompt: tuple[DisplayToken, ...]
    output: tuple[DisplayToken, ...]
    updates: TracedValue
    extremes: tuple[int, ...]


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content; the layers' work is that of the forward that wrote the first token."""
    output = tuple(display_token(trace, i) for i in written_positions(trace))
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source=text_source(trace, article),
        prompt=prompt_tokens(trace),
        output=output,
        updates=updates(trace, trace.prompt_length - 1, range(trace.model.layers)),
        extremes=extremes(output),
    )

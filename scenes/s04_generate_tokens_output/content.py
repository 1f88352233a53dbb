"""What loop 04 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.candidates import Candidate, candidates
from scenes.display_token import (
    DisplayToken,
    TextSource,
    display_token,
    prompt_tokens,
    text_source,
    written_positions,
)
from scenes.facts import GPT3, Subject
from scenes.traced_value import TracedValue
from scenes.vectors import updates

_ROWS = 4


@dataclass(frozen=True)
class Step:
    """One forward: how strongly each layer worked, the distribution it ended in, and the token taken.

    The last row of the distribution is all other tokens.
    """

    updates: TracedValue
    candidates: tuple[Candidate, ...]
    chosen: DisplayToken


@dataclass(frozen=True)
class Content:
    """The prompt and one step for each token written."""

    model: str
    subject: str
    text_source: TextSource
    prompt: tuple[DisplayToken, ...]
    steps: tuple[Step, ...]


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content."""
    layers = range(trace.model.layers)
    steps = tuple(
        Step(
            updates(trace, position - 1, layers),
            candidates(trace, position, _ROWS),
            display_token(trace, position),
        )
        for position in written_positions(trace)
    )
    return Content(trace.model.label, subject.name, text_source(trace, article), prompt_tokens(trace), steps)

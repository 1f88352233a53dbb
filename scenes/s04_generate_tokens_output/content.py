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

_ROWS = 4


@dataclass(frozen=True)
class Step:
    """One forward: the distribution it ended in (the last row is all other tokens) and the token taken."""

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
    steps = tuple(
        Step(candidates(trace, position, _ROWS), display_token(trace, position))
        for position in written_positions(trace)
    )
    return Content(trace.model.label, subject.name, text_source(trace, article), prompt_tokens(trace), steps)

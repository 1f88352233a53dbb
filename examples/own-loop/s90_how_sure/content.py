"""What loop 90 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.display_token import (
    DisplayToken,
    TextSource,
    display_token,
    prompt_tokens,
    text_source,
    written_positions,
)
from scenes.facts import GPT3, Subject

MOST = 4  # rows of written tokens that the picture has room for


@dataclass(frozen=True)
class Content:
    """The prompt, and the first tokens after it, each with its probability."""

    model: str
    subject: str
    text_source: TextSource
    prompt: tuple[DisplayToken, ...]
    written: tuple[DisplayToken, ...]


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content."""
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source=text_source(trace, article),
        prompt=prompt_tokens(trace),
        written=tuple(display_token(trace, position) for position in written_positions(trace)[:MOST]),
    )

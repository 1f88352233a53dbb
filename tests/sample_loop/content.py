"""What loop 77 shows, chosen from a trace."""

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


@dataclass(frozen=True)
class Content:
    """The prompt, and the first token after it with its probability."""

    model: str
    subject: str
    text_source: TextSource
    prompt: tuple[DisplayToken, ...]
    answer: DisplayToken


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content."""
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source=text_source(trace, article),
        prompt=prompt_tokens(trace),
        answer=display_token(trace, written_positions(trace)[0]),
    )

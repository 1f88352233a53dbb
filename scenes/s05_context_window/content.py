"""What loop 05 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace, TraceError
from scenes.display_token import DisplayToken, TextSource, display_token, prompt_tokens, text_source
from scenes.facts import GPT3, Subject
from scenes.traced_value import TracedValue


@dataclass(frozen=True)
class Content:
    """How many places there are (``tracks``), the prompt's tokens, and the token that came next."""

    model: str
    subject: str
    tracks: TracedValue
    text_source: TextSource
    prompt: tuple[DisplayToken, ...]
    answer: DisplayToken


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content.

    Raises:
        TraceError: the text has more tokens than the subject has places.
    """
    last = trace.prompt_length - 1
    tracks = round(subject.context_window.number)
    if last + 2 > tracks and not subject.traced:
        raise TraceError(
            f"the text takes {last + 2} places and {subject.name} has {tracks}: leave out --subject gpt3"
        )
    return Content(
        model=trace.model.label,
        subject=subject.name,
        tracks=subject.context_window,
        text_source=text_source(trace, article),
        prompt=prompt_tokens(trace),
        answer=display_token(trace, last + 1),
    )

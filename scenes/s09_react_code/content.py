"""What loop 09 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.display_token import (
    DisplayToken,
    TextSource,
    display_token,
    extremes,
    text_of,
    text_source,
    written_positions,
)
from scenes.facts import GPT3, Subject
from scenes.markup import Element, element
from scenes.priming import pairs


@dataclass(frozen=True)
class Example:
    """A description and its code, as the prompt has them."""

    description: str
    code: str


@dataclass(frozen=True)
class Content:
    """The prompt's examples and its last description, the code's first line as written, and what it shows.

    ``preview`` is None where the line is not one simple element. ``extremes`` are the places in ``code`` of
    its likeliest and its unlikeliest token.
    """

    model: str
    subject: str
    text_source: TextSource
    examples: tuple[Example, ...]
    description: str
    code: tuple[DisplayToken, ...]
    preview: Element | None
    extremes: tuple[int, ...]


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content.

    Raises:
        TraceError: its prompt is not made of descriptions and code.
    """
    *examples, (description, _) = pairs(trace.generation.prompt)
    line = _first_line(trace)
    code = tuple(display_token(trace, position) for position in line)
    text = text_of(trace.tokens[position] for position in line)
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source=text_source(trace, article),
        examples=tuple(Example(*pair) for pair in examples),
        description=description,
        code=code,
        preview=element(text),
        extremes=extremes(code),
    )


def _first_line(trace: Trace) -> list[int]:
    """Return the positions of the first line with code; what the model wrote after it is not shown."""
    line: list[int] = []
    written = ""
    for position in written_positions(trace):
        text = text_of([trace.tokens[position]])
        begun, ends = bool(written.strip()), "\n" in text
        if begun and ends and not text.split("\n")[0].strip():
            break
        line.append(position)
        written += text
        if ends and written.split("\n")[0].strip():
            break
    return line

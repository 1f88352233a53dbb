"""What loop 09 shows, chosen from a trace."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from model_trace.trace import Trace
from scenes.display_token import (
    DisplayToken,
    TextSource,
    display_token,
    text_of,
    text_source,
    written_positions,
)
from scenes.facts import GPT3, Subject
from scenes.markup import Element, element
from scenes.priming import pairs
from scenes.traced_value import TracedValue
from scenes.vectors import updates

_WORD = re.compile(r"\w{3,}")
_TIES = 2  # at most


@dataclass(frozen=True)
class Echo:
    """A word of an example's description, from ``start`` to ``end``, and where its code has it."""

    start: int
    end: int
    code: tuple[int, int]


@dataclass(frozen=True)
class Example:
    """A description and its code, as the prompt has them.

    ``echoes`` are words of this description alone that the code takes up.
    """

    description: str
    code: str
    echoes: tuple[Echo, ...]


@dataclass(frozen=True)
class Tie:
    """A word of the description, from ``start`` to ``end``, and the token that ends it in the code."""

    start: int
    end: int
    token: int


@dataclass(frozen=True)
class Content:
    """The prompt's examples and its last description, the code's first line as written, and what it shows.

    ``updates`` are how strongly each layer worked on the first token. ``ties`` are words of the description
    that no example has, and that the code takes up. ``preview`` is None where the line is not one simple
    element.
    """

    model: str
    subject: str
    text_source: TextSource
    examples: tuple[Example, ...]
    description: str
    updates: TracedValue
    code: tuple[DisplayToken, ...]
    ties: tuple[Tie, ...]
    preview: Element | None


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content.

    Raises:
        TraceError: its prompt is not made of descriptions and code.
    """
    *examples, (description, _) = pairs(trace.generation.prompt)
    descriptions = [*(text for text, _ in examples), description]
    line = _first_line(trace)
    code = tuple(display_token(trace, position) for position in line)
    shown = text_of(trace.tokens[position] for position in line)
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source=text_source(trace, article),
        examples=tuple(
            Example(text, written, _echoes(text, written, _without(descriptions, place)))
            for place, (text, written) in enumerate(examples)
        ),
        description=description,
        updates=updates(trace, trace.prompt_length - 1, range(trace.model.layers)),
        code=code,
        ties=_ties(description, descriptions[:-1], [piece.text for piece in code]),
        preview=element(shown),
    )


def _without(texts: Sequence[str], place: int) -> list[str]:
    return [text for number, text in enumerate(texts) if number != place]


def _own(text: str, others: Sequence[str]) -> Iterator[re.Match[str]]:
    """Yield the words of ``text`` that are in none of the others, each where it first stands."""
    known = {word for other in others for word in _WORD.findall(other.casefold())}
    for word in _WORD.finditer(text):
        if word[0].casefold() not in known:
            known.add(word[0].casefold())
            yield word


def _taken_up(word: str, code: str) -> re.Match[str] | None:
    return re.search(rf"\b{re.escape(word)}\b", code, re.IGNORECASE)


def _echoes(description: str, code: str, others: Sequence[str]) -> tuple[Echo, ...]:
    """Return which words of the description the code takes up, where no other description has them."""
    found = ((word, _taken_up(word[0], code)) for word in _own(description, others))
    return tuple(Echo(word.start(), word.end(), there.span()) for word, there in found if there)[:_TIES]


def _ties(description: str, examples: Sequence[str], tokens: Sequence[str]) -> tuple[Tie, ...]:
    """Return where the code takes up words of the description that are in no example's."""
    written = "".join(tokens)
    ends = list(accumulate(len(token) for token in tokens))
    ties = []
    for word in _own(description, examples):
        found = _taken_up(word[0], written)
        if found:
            token = next(place for place, end in enumerate(ends) if end >= found.end())
            ties.append(Tie(word.start(), word.end(), token))
    return tuple(ties[:_TIES])


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

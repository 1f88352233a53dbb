"""Text that knows which of its letters print which value."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import NamedTuple, Protocol, Self, runtime_checkable


@runtime_checkable
class Value(Protocol):
    """A value on screen."""

    @property
    def number(self) -> float:
        """The value as a number, where it is one."""


class Span(NamedTuple):
    """The letters from ``start`` up to ``end`` print ``value``."""

    start: int
    end: int
    value: Value


class Printed(str):
    """A text with the ``spans`` of its letters that print values; of what is made of it a plain text."""

    spans: tuple[Span, ...]

    def __new__(cls, text: str, spans: tuple[Span, ...] = ()) -> Self:
        """Make a text with these spans."""
        made = super().__new__(cls, text)
        made.spans = spans
        return made

    def __deepcopy__(self, memo: object) -> Self:
        """Return the text itself: a copy of what shows it shows the same values."""
        return self

    @classmethod
    def of(cls, text: str, value: Value) -> Self:
        """Return the text of which every letter prints ``value``."""
        return cls(text, (Span(0, len(text), value),))


def spans_of(text: str) -> tuple[Span, ...]:
    """Return which letters of a text print values."""
    return text.spans if isinstance(text, Printed) else ()


def part(text: str, start: int, end: int) -> str:
    """Return the letters from ``start`` up to ``end``, with the values that are printed whole there."""
    spans = tuple(
        Span(span.start - start, span.end - start, span.value)
        for span in spans_of(text)
        if start <= span.start and span.end <= end
    )
    return Printed(text[start:end], spans) if spans else text[start:end]


def joined(text: str, *others: str) -> str:
    """Return the texts as one, with the values that they print."""
    spans, whole = list(spans_of(text)), str(text)
    for other in others:
        spans += (Span(a + len(whole), b + len(whole), value) for a, b, value in spans_of(other))
        whole += other
    return Printed(whole, tuple(spans)) if spans else whole


def formatted(message: str, values: Mapping[str, object]) -> str:
    """Return ``message`` with ``{name}`` replaced by each value, as ``str.format`` does."""
    if not any(spans_of(value) for value in values.values() if isinstance(value, str)):
        return message.format(**values)
    pieces = []
    for before, name, form, _ in string.Formatter().parse(message):
        value = values[name] if name else ""
        pieces += [before, value if isinstance(value, str) else format(value, form or "")]
    return joined(*pieces)

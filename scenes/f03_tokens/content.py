"""What figure f03 shows, chosen from a trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from model_trace.trace import Token, Trace, TraceError
from scenes.display_token import DisplayToken, TextSource, display_token, text_of, text_source
from scenes.facts import GPT3, Subject
from scenes.traced_value import Source, TracedValue, recorded

_TOKENS, _CELLS = 9, 8


@dataclass(frozen=True)
class Entry:
    """A token, its id, and the first values of the row of the embedding that has this number.

    The first token has them ``printed`` too.
    """

    token: DisplayToken
    id: TracedValue
    values: TracedValue
    printed: tuple[TracedValue, ...]


@dataclass(frozen=True)
class Word:
    """A word, number or sign of the text, and the tokens it is cut into."""

    text: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Content:
    """The prompt's first words, how many tokens ``more`` there are, and the size of the embedding."""

    model: str
    subject: str
    text_source: TextSource
    words: tuple[Word, ...]
    more: int
    vocabulary: TracedValue
    width: TracedValue


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the figure's content; the special tokens and those of a template are left out.

    Raises:
        TraceError: the prompt has no token of its own.
    """
    own = [
        place
        for place, token in enumerate(trace.tokens[: trace.prompt_length])
        if token.role not in ("special", "template")
    ]
    if not own:
        raise TraceError("the prompt has no token; give a text")
    # a word that is not whole is left out, unless it is the first
    words = _words(trace.tokens, own)
    shown = [places for number, places in enumerate(words) if not number or places[-1] < own[0] + _TOKENS]
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source=text_source(trace, article),
        words=tuple(
            Word(
                text_of(trace.tokens[place] for place in places).strip(),
                tuple(_entry(trace, place, printed=place == own[0]) for place in places),
            )
            for places in shown
        ),
        more=len(own) - sum(map(len, shown)),
        vocabulary=recorded(trace, "integer", Source("model.vocabulary", ())),
        width=recorded(trace, "integer", Source("model.d_model", ())),
    )


def _entry(trace: Trace, place: int, *, printed: bool) -> Entry:
    cells = range(_CELLS if printed else 0)
    return Entry(
        token=display_token(trace, place),
        id=recorded(trace, "integer", Source("tokens.id", (place,))),
        values=recorded(trace, "colour", Source("generation/embed", (place, tuple(range(_CELLS))))),
        printed=tuple(
            recorded(trace, "decimal", Source("generation/embed", (place, cell))) for cell in cells
        ),
    )


def _words(tokens: Sequence[Token], places: Sequence[int]) -> list[list[int]]:
    """Group the tokens by word: one begins with a space, and where letters and signs meet."""
    found: list[list[int]] = []
    for place in places:
        text = tokens[place].text
        before = tokens[found[-1][-1]].text if found else ""
        if not before or text[:1].isspace() or _in_word(before[-1:]) != _in_word(text[:1]):
            found.append([])
        found[-1].append(place)
    return found


def _in_word(character: str) -> bool:
    """Whether it is a letter or digit, or a part of a character that the token shares with others."""
    return character.isalnum() or character == "\N{REPLACEMENT CHARACTER}"

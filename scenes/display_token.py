"""Tokens to draw: text, kind, probability, and where each value stands in the trace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from model_trace.trace import Token, Trace, TrainingRun
from scenes.traced_value import Recorded, Source, TracedValue, recorded, traced_values

TokenKind = Literal["input", "output", "label", "special", "template"]
_LONGEST_CHARACTER = 4  # bytes in UTF-8


@dataclass(frozen=True)
class DisplayToken:
    """One token to draw. ``surface`` is the stretch of the text it stands for, where that was recorded."""

    shown: TracedValue
    part: TokenKind
    probability: TracedValue | None = None
    surface: str | None = None

    @property
    def text(self) -> str:
        """The token's text, spaces and line ends included."""
        return self.shown.text


@dataclass(frozen=True)
class Share:
    """A token's share of a character's bytes: ``first`` to ``last`` (from 1) of ``total``.

    ``place`` is the character's in the token's text.
    """

    place: int
    first: int
    last: int
    total: int


def spelt(data: bytes, origin: Recorded, before: bytes = b"", after: bytes = b"") -> TracedValue:
    """Return a token's text, with the whole of each character that it shares with the tokens beside it.

    ``before`` and ``after`` are their bytes. What they do not complete is spelt as bytes, in hex (0xE280).
    """
    for head in range(min(len(before), _LONGEST_CHARACTER - 1) + 1):
        for tail in range(min(len(after), _LONGEST_CHARACTER - 1) + 1):
            try:
                text = (before[len(before) - head :] + data + after[:tail]).decode("utf-8")
            except UnicodeDecodeError:
                continue
            return TracedValue(text, "text", origin, (head, head + len(data)) if head or tail else None)
    return TracedValue("0x" + data.hex().upper(), "bytes", origin)


def shares(shown: TracedValue) -> tuple[Share, ...]:
    """Return the characters of a token's text that it shares with other tokens."""
    if shown.own is None:
        return ()
    found, start = [], 0
    for place, character in enumerate(shown.text):
        total = len(character.encode())
        first, last = max(0, shown.own[0] - start), min(total, shown.own[1] - start)
        if (first, last) != (0, total):
            found.append(Share(place, first + 1, last, total))
        start += total
    return tuple(found)


def bytes_of(shown: TracedValue) -> bytes:
    """Return the bytes of a token."""
    if shown.form == "bytes":
        return bytes.fromhex(shown.text.removeprefix("0x"))
    data = shown.text.encode("utf-8", "replace")
    return data if shown.own is None else data[slice(*shown.own)]


def token_text(trace: Trace, position: int) -> TracedValue:
    """Return the text of the token at ``position``."""
    token, origin = trace.tokens[position], Recorded((Source("tokens", (position,)),))
    return _named(spelt(token.bytes, origin, *_beside(trace, position)), token.id)


def _named(shown: TracedValue, number: int) -> TracedValue:
    """Return the text of a token, or the id of one that has no text (#405)."""
    return shown if shown.text else replace(shown, value=f"#{number}")


def _beside(trace: Trace, position: int) -> tuple[bytes, bytes]:
    """Return the bytes before the token and after it, as many as one character can take."""
    most = _LONGEST_CHARACTER - 1
    left, right = _beyond(trace)
    before, after = (
        b"".join(token.bytes for token in tokens if token.role != "special")
        for tokens in (
            trace.tokens[max(0, position - most) : position],
            trace.tokens[position + 1 : position + 1 + most],
        )
    )
    return left + before, after + right


def _beyond(trace: Trace) -> tuple[bytes, bytes]:
    """Return the text's bytes around the tokens, where they are only a part of it: a training example."""
    for part in trace.parts:
        if isinstance(part, TrainingRun):
            text = part.text.encode("utf-8", "replace")
            inside = b"".join(token.bytes for token in trace.tokens if token.role != "special")
            # A training example's features end where the prompt does, or begin where the text does.
            asked = len(part.prompt.encode("utf-8", "replace")) - len(inside) + len(part.label.bytes)
            start = text.find(inside, max(0, asked))
            start = text.find(inside) if start < 0 else start
            if start >= 0:
                return text[:start][-_LONGEST_CHARACTER:], text[start + len(inside) :][:_LONGEST_CHARACTER]
    return b"", b""


def text_of(tokens: Iterable[Token]) -> str:
    """Return the text of the tokens, without what a tokenizer or a chat template adds."""
    tokens = [token for token in tokens if token.role not in ("special", "template")]
    surfaces = [token.surface for token in tokens if token.surface is not None]
    if len(surfaces) == len(tokens):
        return "".join(surfaces)
    return b"".join(token.bytes for token in tokens).decode("utf-8", "replace")


def display_token(trace: Trace, position: int) -> DisplayToken:
    """Return the token at ``position``, with its probability if it follows the prompt."""
    token = trace.tokens[position]
    shown = token_text(trace, position)
    if token.role in ("special", "template"):
        return DisplayToken(shown, token.role)
    if token.role == "prompt":
        return DisplayToken(shown, "input", surface=token.surface)
    return DisplayToken(shown, "output", _chance(trace, position), token.surface)


def _chance(trace: Trace, position: int) -> TracedValue:
    """Return the token's probability: among the likeliest ones', as distributions show it, if it is there."""
    row = position - 1  # of the tensors: it speaks about the token after it
    ids = trace.values("generation/top_ids", (row,))
    ranks = [rank for rank, number in enumerate(ids) if number == trace.tokens[position].id]
    if not ranks:
        return recorded(trace, "percent", Source("generation/next_probability", (row,)))
    return recorded(trace, "percent", Source("generation/top_probabilities", (row, ranks[0])))


def spans(pieces: Sequence[DisplayToken], apart: int | None = None) -> list[range]:
    """Group the tokens' places: template tokens in a row together, others (and ``apart``) one by one."""
    found: list[range] = []
    for place, piece in enumerate(pieces):
        joins = piece.part == "template" and apart not in (place, place - 1)
        if joins and found and pieces[found[-1][-1]].part == "template":
            found[-1] = range(found[-1].start, place + 1)
        else:
            found.append(range(place, place + 1))
    return found


def label_token(trace: Trace, position: int) -> DisplayToken:
    """Return the token at ``position`` as the correct word of a training example."""
    return DisplayToken(token_text(trace, position), "label", surface=trace.tokens[position].surface)


def spaced(content: object) -> bool:
    """Return whether a text of this content has a space, whose mark must then be explained."""
    return any(shown.form == "text" and " " in shown.text for _, shown in traced_values(content))


def prompt_tokens(trace: Trace) -> tuple[DisplayToken, ...]:
    """Return the prompt's tokens, with the special ones that the tokenizer adds."""
    return tuple(display_token(trace, i) for i in range(trace.prompt_length))


def written_positions(trace: Trace) -> tuple[int, ...]:
    """Return the positions of the tokens after the prompt, without an end-of-text token."""
    return tuple(
        i for i in range(trace.prompt_length, len(trace.tokens)) if trace.tokens[i].role != "special"
    )


def named(trace: Trace, tensor: str, index: tuple[int, ...], position: int) -> TracedValue:
    """Return the text of a token that was guessed for ``position``: its id stands at ``index`` of ``tensor``.

    It may complete a character that the text before it began; what comes after it is known only of the
    token that really follows.
    """
    number = int(trace.values(tensor, index))
    before, after = _beside(trace, position)
    origin = Recorded((Source(tensor, index), Source("pieces", (number,))))
    known = after if number == trace.tokens[position].id else b""
    return _named(spelt(trace.pieces[number], origin, before, known), number)


def extremes(pieces: Sequence[DisplayToken]) -> tuple[int, ...]:
    """Return the places of the likeliest token and of the unlikeliest; one place where they are the same.

    Of two that read the same, one could not tell which of the chips is meant: the likeliest is then the
    likeliest of the others.
    """
    by_chance = sorted(range(len(pieces)), key=lambda place: probability(pieces[place]), reverse=True)
    last = by_chance[-1]
    others = [place for place in by_chance if _look(pieces[place]) != _look(pieces[last])]
    return tuple(dict.fromkeys(((others or by_chance)[0], last)))


def _look(piece: DisplayToken) -> tuple[str, tuple[Share, ...]]:
    return piece.text, shares(piece.shown)


def probability(piece: DisplayToken) -> float:
    """Return the model's probability for the token; 0 where none was recorded."""
    return piece.probability.number if piece.probability else 0.0


# "continued": the model's own, an end of the text that would have come first passed over
TextSource = Literal["model", "continued", "article", "given"]


def text_source(trace: Trace, article: bool) -> TextSource:
    """Return whose text follows the prompt: the model's own, the article's, or one that was given."""
    if trace.generation.completion is None:
        return "model" if trace.generation.passed_over is None else "continued"
    return "article" if article else "given"

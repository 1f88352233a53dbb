"""Tokens as a picture shows them: their text, what they are, and where they stand in the trace."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from model_trace.trace import Trace
from scenes.traced_value import Recorded, Shown, Source, recorded, shown_values

Part = Literal["input", "output", "label", "special"]


@dataclass(frozen=True)
class Piece:
    """One token to draw. A token that is not whole characters is spelt as its bytes, in hex."""

    shown: Shown
    part: Part
    probability: Shown | None = None

    @property
    def text(self) -> str:
        """The token's text, spaces and line ends included."""
        return self.shown.text


def spelt(data: bytes) -> str:
    """The bytes as text; as hex (0xE280) where they are not whole characters."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return "0x" + data.hex().upper()


def token_piece(trace: Trace, position: int) -> Piece:
    """The token at ``position``, with the probability the model gave it where it was written by or for it."""
    token = trace.tokens[position]
    shown = Shown(spelt(token.bytes), "text", Recorded((Source("tokens", (position,)),)))
    if token.role == "special":
        return Piece(shown, "special")
    if token.role == "prompt":
        return Piece(shown, "input")
    # row p of the tensors speaks about token p + 1
    chance = recorded(trace, "percent", Source("generation/next_probability", (position - 1,)))
    return Piece(shown, "output", chance)


def label_piece(trace: Trace, position: int) -> Piece:
    """The token at ``position`` as the correct word of a training example."""
    text = spelt(trace.tokens[position].bytes)
    return Piece(Shown(text, "text", Recorded((Source("tokens", (position,)),))), "label")


def spaced(content: object) -> bool:
    """Whether a text of this content has a space, whose mark is to be explained."""
    return any(shown.form == "text" and " " in shown.text for _, shown in shown_values(content))


def prompt_pieces(trace: Trace) -> tuple[Piece, ...]:
    """The prompt's tokens, with the specials the tokenizer adds."""
    return tuple(token_piece(trace, i) for i in range(trace.prompt_length))


def written_positions(trace: Trace) -> tuple[int, ...]:
    """Where the continuation's tokens stand, without an end-of-text token."""
    return tuple(
        i for i in range(trace.prompt_length, len(trace.tokens)) if trace.tokens[i].role != "special"
    )


def named(trace: Trace, tensor: str, index: tuple[int, ...]) -> Shown:
    """The text of the token whose id is recorded at ``index`` of ``tensor``."""
    number = int(trace.values(tensor, index))
    return Shown(
        spelt(trace.pieces[number]), "text", Recorded((Source(tensor, index), Source("pieces", (number,))))
    )


def extremes(pieces: Sequence[Piece]) -> tuple[int, ...]:
    """The places of the likeliest and of the unlikeliest; one place where they are the same.

    Of two that read the same, one could not tell which of the chips is meant: the likeliest is then the
    likeliest of the others.
    """
    by_chance = sorted(range(len(pieces)), key=lambda place: probability(pieces[place]), reverse=True)
    last = by_chance[-1]
    others = [place for place in by_chance if pieces[place].text != pieces[last].text]
    return tuple(dict.fromkeys(((others or by_chance)[0], last)))


def probability(piece: Piece) -> float:
    """The model's probability for the token; 0 where none was recorded."""
    return piece.probability.number if piece.probability else 0.0


TextSource = Literal["model", "article", "given"]


def text_source(trace: Trace, article: bool) -> TextSource:
    """Whose text follows the prompt: the model's own, the article's, or one the reader gave."""
    if trace.generation.completion is None:
        return "model"
    return "article" if article else "given"

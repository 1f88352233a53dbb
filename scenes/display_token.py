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
    """One token to draw. A token that is not whole characters is spelt as its bytes, in hex.

    ``surface`` is the stretch of the text that it stands for, None where that is not recorded.
    """

    shown: Shown
    part: Part
    probability: Shown | None = None
    surface: str | None = None

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


def name_of(trace: Trace, number: int, data: bytes | None = None) -> str:
    """How the token with this id is called: by its text, or by its number (#405) where it has none.

    ``data`` are its bytes where they are not those of the vocabulary.
    """
    return spelt(data or trace.pieces[number]) or f"#{number}"


def token_shown(trace: Trace, position: int) -> Shown:
    """The token at ``position`` by its name."""
    token = trace.tokens[position]
    source = Source("tokens", (position,))
    return Shown(name_of(trace, token.id, token.bytes), "text", Recorded((source,)))


def token_piece(trace: Trace, position: int) -> Piece:
    """The token at ``position``, with the probability the model gave it where it was written by or for it."""
    token = trace.tokens[position]
    shown = token_shown(trace, position)
    if token.role in ("special", "template"):
        return Piece(shown, "special")
    if token.role == "prompt":
        return Piece(shown, "input", surface=token.surface)
    # row p of the tensors speaks about token p + 1
    chance = recorded(trace, "percent", Source("generation/next_probability", (position - 1,)))
    return Piece(shown, "output", chance, token.surface)


def label_piece(trace: Trace, position: int) -> Piece:
    """The token at ``position`` as the correct word of a training example."""
    return Piece(token_shown(trace, position), "label", surface=trace.tokens[position].surface)


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
        name_of(trace, number), "text", Recorded((Source(tensor, index), Source("pieces", (number,))))
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


# "continued": the model's own, an end of the text that would have come first passed over
TextSource = Literal["model", "continued", "article", "given"]


def text_source(trace: Trace, article: bool) -> TextSource:
    """Whose text follows the prompt: the model's own, the article's, or one the reader gave."""
    if trace.generation.completion is None:
        return "model" if trace.generation.passed_over is None else "continued"
    return "article" if article else "given"

"""Text to tokens and back, byte for byte."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Literal

from model_trace.trace import Role, Token

SPACE_MARK = "▁"
BYTE_PIECE = re.compile(r"<0x([0-9A-Fa-f]{2})>")


def byte_alphabet() -> dict[str, int]:
    """The printable stand-in of each byte in a byte-level vocabulary (GPT-2, Radford et al. 2019)."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in printable]
    stand_ins = {chr(byte): byte for byte in printable}
    return stand_ins | {chr(256 + place): byte for place, byte in enumerate(hidden)}


class Pieces:
    """The exact bytes of a tokenizer's tokens.

    Which way a vocabulary writes bytes is read from the tokenizer's own decoder: a byte-level alphabet,
    or SentencePiece's mark for spaces with ``<0xE2>`` for single bytes. Any other kind goes by the
    decoder's text for the single token.
    """

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._added = {id: token.content for id, token in tokenizer.added_tokens_decoder.items()}
        decoder = tokenizer.backend_tokenizer.decoder
        self._kinds = _decoder_kinds(json.loads(decoder.__getstate__())) if decoder is not None else set()
        self._alphabet = byte_alphabet()
        self._known: dict[int, bytes] = {}

    def __getitem__(self, id: int) -> bytes:
        """The bytes of one token."""
        if id not in self._known:
            self._known[id] = self._bytes(id)
        return self._known[id]

    def _bytes(self, id: int) -> bytes:
        piece = self._added.get(id)
        if piece is not None:
            return str(piece).encode()
        piece = self._tokenizer.convert_ids_to_tokens(id)
        if piece is None:
            # A model may have more rows in its unembedding than its tokenizer has tokens.
            return b""
        if "ByteLevel" in self._kinds and all(character in self._alphabet for character in piece):
            return bytes(self._alphabet[character] for character in piece)
        if "ByteFallback" in self._kinds and (match := BYTE_PIECE.fullmatch(piece)):
            return bytes([int(match[1], 16)])
        if self._kinds & {"ByteFallback", "Metaspace", "Replace"}:
            return str(piece.replace(SPACE_MARK, " ")).encode()
        return str(self._tokenizer.decode([id])).encode()


def _decoder_kinds(state: dict[str, Any]) -> set[str]:
    kinds = {state["type"]}
    for part in state.get("decoders", ()):
        kinds |= _decoder_kinds(part)
    return kinds


@dataclass(frozen=True)
class Encoded:
    """A text as tokens. ``exact``: the bytes of all but the specials joined are the text."""

    tokens: tuple[Token, ...]
    exact: bool
    tokenised: Literal["together", "separately", "together, with the boundary inside a given token"]

    @property
    def ids(self) -> list[int]:
        return [token.id for token in self.tokens]


def token(pieces: Pieces, id: int, role: Role) -> Token:
    """The token with its bytes and their decoding."""
    data = pieces[id]
    return Token(id, data.decode("utf-8", "replace"), data, role)


def encode(tokenizer: Any, pieces: Pieces, prompt: str, completion: str | None = None) -> Encoded:
    """Prompt and given completion as tokens, with the specials that the tokenizer adds by itself.

    Both are tokenised as one text, as the model would meet it, and parted where the prompt ends. Where
    that falls inside a token, each is tokenised by itself; and where that changes the text (some
    tokenizers put a space before any text), the token across the boundary counts as given.
    """
    together = _encode(tokenizer, pieces, prompt + (completion or ""))
    if completion is None:
        return Encoded(together, _text(together) == prompt.encode(), "together")
    whole = (prompt + completion).encode()
    exact = _text(together) == whole
    parted = _part(together, len(prompt.encode()))
    if parted is not None:
        return Encoded(parted, exact, "together")
    apart = _encode(tokenizer, pieces, prompt) + _encode(
        tokenizer, pieces, completion, "given", special=False
    )
    if _text(apart) == whole:
        return Encoded(apart, True, "separately")
    across = _part(together, len(prompt.encode()), whole_tokens=False)
    assert across is not None
    return Encoded(across, exact, "together, with the boundary inside a given token")


def _encode(
    tokenizer: Any, pieces: Pieces, text: str, role: Role = "prompt", *, special: bool = True
) -> tuple[Token, ...]:
    # return_offsets_mapping off, no truncation: the whole text, raw.
    encoding = tokenizer(text, add_special_tokens=special, return_special_tokens_mask=True, verbose=False)
    tokens = [
        token(pieces, id, "special" if added else role)
        for id, added in zip(encoding["input_ids"], encoding["special_tokens_mask"], strict=True)
    ]
    return _without_leading_space(tokens, text)


def _without_leading_space(tokens: list[Token], text: str) -> tuple[Token, ...]:
    """SentencePiece puts a space before the text; it is the tokenizer's, so the first token sheds it."""
    if _text(tuple(tokens)) == b" " + text.encode():
        first = next(i for i, token in enumerate(tokens) if token.role != "special")
        bare = tokens[first].bytes[1:]
        tokens[first] = Token(tokens[first].id, bare.decode("utf-8", "replace"), bare, tokens[first].role)
    return tuple(tokens)


def _text(tokens: tuple[Token, ...]) -> bytes:
    return b"".join(token.bytes for token in tokens if token.role != "special")


def _part(tokens: tuple[Token, ...], boundary: int, *, whole_tokens: bool = True) -> tuple[Token, ...] | None:
    """The tokens from byte ``boundary`` on as given; None where no token starts there."""
    parted: list[Token] = []
    place = 0
    for each in tokens:
        if each.role == "special":
            parted.append(each)
            continue
        end = place + len(each.bytes)
        if place < boundary < end and whole_tokens:
            return None
        role: Role = "prompt" if end <= boundary else "given"
        parted.append(Token(each.id, each.text, each.bytes, role))
        place = end
    return tuple(parted)

"""What several transcripts say alike: tokens in quotes, their probabilities, whose values and text it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from scenes.candidates import Candidate
from scenes.display_token import Piece, TextSource
from scenes.traced_value import Shown
from scenes.wording import Wording

_SIGNS = {"\n": "↵", "\t": "⇥"}


def spelt(text: str) -> str:
    """The text on one line: a sign for each line end and tab, a code point for what cannot be seen."""
    return "".join(_SIGNS.get(character) or _visible(character) for character in text)


def _visible(character: str) -> str:
    hidden = unicodedata.category(character)[0] in "CZ" and character != " "
    return f"U+{ord(character):04X}" if hidden else character


def text(pieces: Sequence[Piece]) -> str:
    """The tokens as one text, without those that the tokenizer added."""
    data = b"".join(_bytes(piece.text) for piece in pieces if piece.part != "special")
    return spelt(data.decode("utf-8", "replace").strip())


def _bytes(token: str) -> bytes:
    """The bytes of a token's text, which is in hex where they are a part of a character only."""
    if re.fullmatch("0x([0-9A-F]{2})+", token):
        data = bytes.fromhex(token[2:])
        if not _is_text(data):
            return data
    return token.encode("utf-8", "replace")


def _is_text(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def token(shown: Shown, w: Wording) -> str:
    """The token in quotes. One space before a word is left as it is, others are drawn: “ word”, “␣␣”."""
    if shown.text == " ":
        return w("(space)")
    said = spelt(shown.text)
    if said.endswith(" ") or "  " in said:
        said = said.replace(" ", "␣")
    return w("“{token}”", token=said) if said else w("(nothing)")


def tokens(pieces: Sequence[Piece], w: Wording) -> str:
    """The tokens in a row."""
    return w.listed([token(piece.shown, w) for piece in pieces])


def likely(piece: Piece, w: Wording) -> str:
    """The token, with its probability in parentheses where it has one."""
    return _rated(token(piece.shown, w), piece.probability, w)


def candidate(row: Candidate, w: Wording) -> str:
    """The token (or all others together), with its probability in parentheses."""
    return _rated(w("all others") if row.token is None else token(row.token, w), row.probability, w)


def candidates(rows: Sequence[Candidate], w: Wording) -> str:
    """The tokens of a distribution in a row."""
    return w.listed([candidate(row, w) for row in rows])


def _rated(name: str, probability: Shown | None, w: Wording) -> str:
    if probability is None:
        return name
    return w("{token} ({probability})", token=name, probability=w.percent(probability.number))


def credit(model: str, source: TextSource | None, w: Wording) -> str:
    """Whose values these are, and whose the text is where it is not the model's."""
    values = w("Values: {model}.", model=w.model(model))
    if source == "article":
        return f"{w('The text is the article’s.')} {values}"
    if source == "given":
        return f"{w('The text was given, not generated.')} {values}"
    return values

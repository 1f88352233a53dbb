"""What several transcripts say alike: tokens in quotes, their probabilities, whose values and text it is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol

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
    said = [piece for piece in pieces if piece.part != "special"]
    surfaces = [piece.surface for piece in said if piece.surface is not None]
    if len(surfaces) == len(said) and (whole := "".join(surfaces).strip()):
        return spelt(whole)
    # recorded without them, or of tokens that have no text but their names
    return spelt(b"".join(_bytes(piece.text) for piece in said).decode("utf-8", "replace").strip())


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


class Named(Protocol):
    """What every content has: the traced model's label, and the name of the model that the loop explains."""

    @property
    def model(self) -> str: ...
    @property
    def subject(self) -> str: ...


def agent(said: Named) -> str:
    """The name of the model that did what was recorded.

    Whatever is written, guessed or computed is told of this one, never of the model that it stands in for.
    """
    return said.model.partition(", ")[0] if stands_in(said) else said.subject


def stands_in(said: Named) -> bool:
    """Whether the traced model stands in for another, whose name the loop gives."""
    return not said.model.startswith(said.subject.removesuffix("…"))


def credit(said: Named, source: TextSource | None, w: Wording, model: str | None = None) -> str:
    """Whose values these are, and whose the text is where it is not the model's.

    ``model`` is the traced model with what else was traced, its untrained twin for one.
    """
    model = model or w.model(said.model)
    values = w("Values: {model}.", model=model)
    if stands_in(said):
        values = w("Values: {model}, standing in for {subject}.", model=model, subject=said.subject)
    if source == "article":
        return f"{w('The text is the article’s.')} {values}"
    if source == "continued":
        return f"{w('An end of the text that would have come first was passed over.')} {values}"
    if source == "given":
        return f"{w('The text was given, not generated.')} {values}"
    return values

"""Phrases of the transcripts: tokens in quotes, probabilities, whose values and text they are."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Protocol

from scenes.candidates import Candidate
from scenes.display_token import DisplayToken, Share, TextSource, bytes_of, shares, spans
from scenes.traced_value import TracedValue
from scenes.wording import Wording

_SIGNS = {"\n": "↵", "\t": "⇥"}


def spelt(text: str) -> str:
    """Return the text on one line: a sign for each line end and tab, a code point for what is invisible."""
    return "".join(_SIGNS.get(character) or _visible(character) for character in text)


def _visible(character: str) -> str:
    hidden = unicodedata.category(character)[0] in "CZ" and character != " "
    return f"U+{ord(character):04X}" if hidden else character


def text(pieces: Sequence[DisplayToken]) -> str:
    """Return the tokens as one text, without those that the tokenizer or a template added."""
    own = [piece for piece in pieces if piece.part not in ("special", "template")]
    surfaces = [piece.surface for piece in own if piece.surface is not None]
    if len(surfaces) == len(own) and (whole := "".join(surfaces).strip()):
        return spelt(whole)
    # recorded without them, or of tokens that have no text but their names
    return spelt(b"".join(bytes_of(piece.shown) for piece in own).decode("utf-8", "replace").strip())


def token(shown: TracedValue, w: Wording) -> str:
    """Return the token in quotes, with its share of the characters that it has in part.

    One space before a word is left as it is, others are drawn: “ word”, “␣␣”.
    """
    return _noted(shown, [], w)


def tokens(pieces: Sequence[DisplayToken], w: Wording) -> str:
    """Return the tokens as a list; of template tokens in a row only how many there are."""
    named = [
        w.plural("{count} token of the template", "{count} tokens of the template", len(span))
        if len(span) > 1
        else token(pieces[span.start].shown, w)
        for span in spans(pieces)
    ]
    return w.listed(named)


def likely(piece: DisplayToken, w: Wording) -> str:
    """Return the token in quotes, with its probability in parentheses if it has one."""
    chance = piece.probability
    return _noted(piece.shown, [] if chance is None else [w.percent(chance.number)], w)


def candidate(row: Candidate, w: Wording) -> str:
    """Return a row's token (or “all others”) with its probability, and its place if told, in parentheses."""
    notes = [w.percent(row.probability.number)]
    if row.place is not None:
        notes.append(w.ordinal(round(row.place.number)))
    return _noted(row.token, notes, w)


def candidates(rows: Sequence[Candidate], w: Wording) -> str:
    """Return the tokens of a distribution as a list."""
    return w.listed([candidate(row, w) for row in rows])


def _noted(shown: TracedValue | None, notes: Sequence[str], w: Wording) -> str:
    """Return the token in quotes, with notes in parentheses; None stands for all other tokens."""
    if shown is None:
        name, parts = w("all others"), []
    else:
        name, parts = _quoted(shown.text, w), [_part(shown, share, w) for share in shares(shown)]
    note = "; ".join((*parts, *notes))
    return w("{token} ({probability})", token=name, probability=note) if note else name


def _quoted(text: str, w: Wording) -> str:
    if text == " ":
        return w("(space)")
    spelling = spelt(text)
    if spelling.endswith(" ") or "  " in spelling:
        spelling = spelling.replace(" ", "␣")
    return w("“{token}”", token=spelling) if spelling else w("(nothing)")


def _part(shown: TracedValue, share: Share, w: Wording) -> str:
    """Return which of a character's bytes are the token's."""
    numbers = {"first": w.integer(share.first), "last": w.integer(share.last), "total": share.total}
    own = w("byte {first} of {total}", **numbers)
    if share.last > share.first:
        own = w("bytes {first}–{last} of {total}", **numbers)
    if len(shown.text) == 1:
        return own
    return w("{bytes} of “{character}”", bytes=own, character=spelt(shown.text[share.place]))


class Named(Protocol):
    """Any content: it has the traced model's label, and the name of the model that the loop explains."""

    @property
    def model(self) -> str: ...
    @property
    def subject(self) -> str: ...


def agent(content: Named) -> str:
    """Return the name of the model that was recorded.

    Only this one is content to have written, guessed or computed, never the model that it stands in for.
    """
    return content.model.partition(", ")[0] if stands_in(content) else content.subject


def stands_in(content: Named) -> bool:
    """Return whether the traced model stands in for another, whose name the loop gives."""
    return not content.model.startswith(content.subject.removesuffix("…"))


def credit(content: Named, source: TextSource | None, w: Wording, model: str | None = None) -> str:
    """Return the sentences on whose values these are, and whose text, if it is not the model's.

    ``model`` is the traced model with what else was traced, its untrained twin for one.
    """
    model = model or w.model(content.model)
    values = w("Values: {model}.", model=model)
    if stands_in(content):
        values = w("Values: {model}, standing in for {subject}.", model=model, subject=content.subject)
    if source == "article":
        return f"{w('The text is the article’s.')} {values}"
    if source == "continued":
        return f"{w('An end of the text that would have come first was passed over.')} {values}"
    if source == "given":
        return f"{w('The text was given, not generated.')} {values}"
    return values

"""Puts figure f03 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.f03_tokens.content import Content, Word


def words(content: Content, w: Wording) -> Words:
    """The words, the tokens they are cut into, and the tokens' numbers."""
    entries = [entry for word in content.words for entry in word.entries]
    pairs = [
        w(
            "{token} is number {number}",
            token=phrases.token(entry.token.shown, w),
            number=w.integer(entry.id.number),
        )
        for entry in entries
    ]
    parts = [
        w("The text is cut into tokens, and each has a number: {pairs}.", pairs=w.listed(pairs)),
        w(
            "Each number is that of a row of the embedding, a table of {rows} rows of {width} values; the "
            "first ones are drawn, from blue (negative) to orange (positive), the largest of a row in full "
            "colour.",
            rows=w.integer(content.vocabulary.number),
            width=w.integer(content.width.number),
        ),
    ]
    first = entries[0]
    parts.append(
        w(
            "The row of {token} begins with {values}.",
            token=phrases.token(first.token.shown, w),
            values=w.listed([w.decimal(value.number) for value in first.printed]),
        )
    )
    cuts = [_cut(word, w) for word in content.words if len(word.entries) > 1 and word.text]
    parts += cuts
    if content.more:
        parts.append(w.plural("There is {count} more token.", "There are {count} more tokens.", content.more))
    finding = ""
    if cuts:
        finding = w("A token is not always a word: {cut}", cut=cuts[0])
    return Words(" ".join((*parts, phrases.credit(content, None, w))), finding=finding)


def _cut(word: Word, w: Wording) -> str:
    """Say which tokens a word is cut into."""
    text, tokens = phrases.spelt(word.text), phrases.tokens([entry.token for entry in word.entries], w)
    return w.plural(
        "“{word}” is {count} token: {tokens}.",
        "“{word}” is {count} tokens: {tokens}.",
        len(word.entries),
        word=text,
        tokens=tokens,
    )

"""Text as it can be drawn: letters with their marks, and code points for what has no glyph or no ink."""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from scenes import fonts

_MARKS = 4  # the most that are set on one letter; what is piled up higher would reach into other lines
_CIRCLE = "◌"  # stands for the letter where a mark has none
_SPACES = " \u00a0\u202f"  # those with which numbers and words are set
_JOINERS = "\u200c\u200d"
# from here on: emoji, playing cards and the like, which come in colour or not at all
_PICTOGRAPHS = 0x1F000


@dataclass(frozen=True)
class Sign:
    """What is drawn as one: a letter with its marks, in a font that has them all.

    ``font`` is None where there is none: then the text is one character, which is drawn as its code point.
    """

    text: str
    font: str | None

    @property
    def drawn(self) -> str:
        """The letters that stand in the picture."""
        if self.font is None:
            return f"U+{ord(self.text):04X}"
        return _CIRCLE + self.text if _is_mark(self.text[0]) else self.text


@functools.lru_cache(maxsize=4096)
def signs(text: str, family: str, *, exact: bool = False) -> tuple[Sign, ...]:
    """The text's signs in ``family``, or in other fonts of ours where it lacks a letter.

    What draws nothing is spelt: control characters, joiners outside of a word, marks of direction, variation
    selectors. With ``exact`` so are the spaces that are not the common one.
    """
    chinese = _chinese(text)
    blanks = " " if exact else _SPACES
    found: list[Sign] = []
    for cluster in _clusters(text):
        if cluster in blanks:
            found.append(Sign(cluster, family))
            continue
        # a mark that follows neither letter nor space was one too many
        piled = _is_mark(cluster[0]) and bool(found) and found[-1].text not in _SPACES
        font = None if piled else _font(cluster, family, chinese)
        if font is None:
            found.append(Sign(cluster[0], None if piled else _font(cluster[0], family, chinese)))
            found += [Sign(mark, None) for mark in cluster[1:]]
        else:
            found.append(Sign(cluster, font))
    return tuple(found)


def cut(text: str, longest: int, family: str, *, exact: bool = False) -> str:
    """The text, or as much of its beginning as makes ``longest`` drawn letters with an ellipsis."""
    left, kept = longest, ""
    # no sign has fewer letters than one, so those beyond are not looked at
    for sign in signs(text[: longest * (_MARKS + 1) + 1], family, exact=exact):
        left -= 1 if sign.font else len(sign.drawn)
        if left < 0:
            return f"{kept}…"
        if left > 0:
            kept += sign.text
    return text


def right_to_left(text: str) -> bool:
    """Whether the first letter that has a direction is written from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in ("L", "R", "AL"):
            return direction != "L"
    return False


def _clusters(text: str) -> Iterator[str]:
    """The text in letters with their marks; ``_MARKS`` and no more to one letter."""
    place = 0
    while place < len(text):
        end = place + 1
        if not _is_blank(text[place]):
            while end < len(text) and end - place <= _MARKS and _goes_on(text, end):
                end += 1
        yield text[place:end]
        place = end


def _goes_on(text: str, place: int) -> bool:
    """Whether the character belongs to the letter before: a mark, or a joiner inside of a word."""
    character = text[place]
    if character not in _JOINERS:
        return _is_mark(character)
    return place + 1 < len(text) and all(_is_joined(text[side]) for side in (place - 1, place + 1))


def _is_joined(character: str) -> bool:
    """Whether joiners are part of spelling beside it: letters and marks of Arabic, Syriac, Indic scripts."""
    return 0x0600 <= ord(character) < 0x1100 and unicodedata.category(character)[0] in "LM"


def _is_blank(character: str) -> bool:
    return unicodedata.category(character)[0] in "CZ"


def _is_mark(character: str) -> bool:
    return unicodedata.category(character)[0] == "M"


@functools.lru_cache(maxsize=4096)
def _font(cluster: str, family: str, chinese: str) -> str | None:
    """The font of a letter with its marks; None where it must be spelt."""
    drawn = (_CIRCLE if _is_mark(cluster[0]) else "") + cluster
    visible = "".join(character for character in drawn if character not in _JOINERS)
    if not visible or any(
        _is_blank(each) or _is_hidden(each) or ord(each) >= _PICTOGRAPHS for each in visible
    ):
        return None
    return fonts.family_of(unicodedata.normalize("NFC", visible), family, chinese) or fonts.family_of(
        visible, family, chinese
    )


def _is_hidden(character: str) -> bool:
    """Whether by Unicode's rules nothing is drawn of it, whatever a font has: selectors, fillers."""
    code = ord(character)
    return (
        0xFE00 <= code <= 0xFE0F
        or 0x180B <= code <= 0x180F
        or code in (0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0)
    )


def _chinese(text: str) -> str:
    """Whose forms of the Chinese characters the text asks for, by the letters that stand beside them."""
    if any(0x3040 <= ord(character) <= 0x30FF for character in text):
        return "JP"
    if any(0xAC00 <= ord(character) <= 0xD7A3 for character in text):
        return "KR"
    return "SC"

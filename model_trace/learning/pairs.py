"""Words and their translations, read from a file. Needs no torch: mistakes are found before a model loads."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

from model_trace.trace import Pair, TraceError
from model_trace.user_files import UserFileError, read_user_file

# Of the training words one in so many chooses the learning rate before it trains, too.
VALIDATION = 7
FEWEST = 8

# A cell that a spreadsheet quoted, with the quotes inside it doubled.
_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
# What Anki says at the top of an export of a column that is no field of the card: "#tags column:3".
_NO_FIELD = re.compile(r"#[a-z ]+ column:\s*(\d+)\s*")


class _Line(NamedTuple):
    english: str
    french: str
    held_out: bool


def read_pairs(path: Path) -> tuple[Pair, ...]:
    """Read the pairs of a TSV file: English, French and, in a third column, "held out" for those kept back.

    Lines that are empty or begin with # are passed over, and quotes round a whole cell are none of its text.
    Where no pair is marked, the last fifth of the English words and phrases is held out, each with all its
    translations. Every seventh of the rest chooses the learning rate ("validation").

    Raises:
        TraceError: the file cannot be read, a line is no pair, a held-out word is trained on too, or
            fewer than 8 pairs are left to train on.
    """
    lines = _lines(path)
    if not any(line.held_out for line in lines):
        lines = _split(lines)
    trained = [line for line in lines if not line.held_out]
    if len(trained) < FEWEST:
        raise TraceError(
            f"{path} leaves too few words to train on: {len(trained)} of at least {FEWEST}, add phrases"
        )
    places = _places(trained)
    known = {line.english for line in trained}
    for line in lines:
        if line.held_out and line.english in known:
            raise TraceError(
                f"{path} lists {line.english[:60]!r} as held out and also to train on: remove one"
            )
    pairs = [
        Pair(
            english,
            french,
            "validation" if places[_same(english)] % VALIDATION == VALIDATION - 1 else "training",
        )
        for english, french, _ in trained
    ]
    return (*pairs, *(Pair(english, french, "held out") for english, french, held in lines if held))


def _lines(path: Path) -> list[_Line]:
    """The file's pairs as they are written."""
    try:
        text = read_user_file(path)
    except UserFileError as error:
        raise TraceError(f"the pairs: {error}") from error
    found: list[_Line] = []
    no_fields: set[int] = set()
    # at line feeds alone: a separator of lines or pages inside a cell is the cell's
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.startswith("#"):
            if column := _NO_FIELD.fullmatch(line):
                no_fields.add(int(column[1]))
            continue
        cells = [
            _unquoted(cell.strip())
            for place, cell in enumerate(line.split("\t"), start=1)
            if place not in no_fields
        ]
        while len(cells) > 2 and not cells[-1]:
            cells.pop()
        where = f"{path}, line {number}"
        if len(cells) < 2 or not all(cells[:2]):
            raise TraceError(
                f'{where}: write a pair as English, tab, French, and optionally tab, "held out", on one line'
            )
        if cells[2:] not in ([], ["held out"]):
            raise TraceError(
                f'{where}: a third column says "held out" or nothing, not {cells[2][:40]!r}: '
                "remove columns of licences, tags or notes (cut -f1,2 does it)"
            )
        found.append(_Line(cells[0], cells[1], len(cells) == 3))
    return found


def _unquoted(cell: str) -> str:
    """The cell without quotes round the whole of it."""
    quoted = _QUOTED.fullmatch(cell)
    return quoted[1].replace('""', '"').strip() if quoted else cell


def _split(lines: list[_Line]) -> list[_Line]:
    """The lines with the last fifth of the English words and phrases marked as held out.

    Whole phrases go, wherever their translations stand: one that is trained on proves nothing.
    """
    places = _places(lines)
    first = len(places) - max(1, len(places) // 5)
    return [line._replace(held_out=places[_same(line.english)] >= first) for line in lines]


def _places(lines: list[_Line]) -> dict[str, int]:
    """The place of each English word or phrase among those that differ, in the order of the file."""
    places: dict[str, int] = {}
    for line in lines:
        places.setdefault(_same(line.english), len(places))
    return places


def _same(english: str) -> str:
    """What the spellings of one word or phrase have in common: capitals and ways to write accents apart."""
    return unicodedata.normalize("NFC", english).casefold()

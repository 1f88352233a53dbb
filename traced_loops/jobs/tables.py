"""Read a table of prompts and options from a file, row by row: CSV, JSON lines or TOML."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from model_trace.user_files import UserFileError, read_user_file

# A cell's line in the file, 0 where the format does not tell, and the cells by column.
Line = tuple[int, Mapping[str, Any]]
# A file, or rows that are in memory.
Table = Path | Sequence[Mapping[str, Any]]

# What spreadsheets write between cells, depending on the country.
_SEPARATORS = ",;\t"
# Excel's own first line, "sep=;", names another one.
_NAMED_SEPARATOR = re.compile(r'"?sep=([^"\s]|\t)"?[,;\t ]*', re.IGNORECASE)
# Rows that are looked at to find the separator.
_LOOKED_AT = 20
_TEXTS = ("prompt", "completion", "description")
# pandas writes its index as a first column that has no name, or this one once it was read again.
_INDEX = re.compile(r"|unnamed:_\d+")
_WHOLE = re.compile(r"[0-9]+(\.0*)?")


def read_table(table: Table) -> Iterator[Line]:
    """Yield the rows of a table as they are written; empty cells and empty lines are left out.

    Columns are named as options are, in any case, with ``-``, ``_`` or a space. Line ends inside a text are
    ``"\\n"``, whatever the file has. An index that pandas wrote is left out.

    Raises:
        UserFileError: the file cannot be read, two columns have one name, or a row is not of the table's
            form.
    """
    readers = {".csv": _csv, ".tsv": _csv, ".jsonl": _json_lines, ".toml": _toml}
    lines: Iterable[Line]
    if isinstance(table, Path):
        if table.suffix.lower() not in readers:
            raise UserFileError(f"{table} is not a table: name a .csv, .tsv, .jsonl or .toml file")
        lines = readers[table.suffix.lower()](read_user_file(table), table)
    else:
        lines = ((0, _filled(row)) for row in table)
    for line, cells in lines:
        where = f"{name_of(table)}:{line}" if line else name_of(table)
        row: dict[str, Any] = {}
        for column, cell in zip(_names(cells, where), cells.values(), strict=True):
            if _INDEX.fullmatch(column):
                if not _WHOLE.fullmatch(str(cell)):
                    raise UserFileError(
                        f"{where}: a cell stands in a column without a name: {short(str(cell))}; "
                        "name the column, or leave it out"
                    )
            elif isinstance(cell, str):
                row[column] = cell.replace("\r\n", "\n").replace("\r", "\n")
            else:
                row[column] = cell
        if row:
            yield line, row


def name_of(table: Table) -> str:
    """Return what messages call the table: its path, or "rows" for one in memory."""
    return str(table) if isinstance(table, Path) else "rows"


def short(text: str, most: int = 60) -> str:
    """Return ``text`` on one line, cut to ``most`` characters: for a message."""
    line = " ".join(text[: 2 * most].split())
    return line if len(line) <= most and len(text) <= 2 * most else f"{line[: most - 1]}…"


def _name(column: str) -> str:
    return column.strip().lower().replace("-", "_").replace(" ", "_")


def _names(columns: Mapping[str, Any] | list[str], where: str) -> list[str]:
    """The columns' names as options; no two columns with a name may have the same."""
    names = [_name(column) for column in columns]
    seen: set[str] = set()
    for name in names:
        if name and name in seen:
            raise UserFileError(f"{where}: two columns are named {short(name)}: rename one")
        seen.add(name)
    return names


def _csv(text: str, path: Path) -> Iterator[Line]:
    first, _, rest = text.partition("\n")
    named = _NAMED_SEPARATOR.fullmatch(first)
    body, before = (rest, 1) if named else (text, 0)
    reader = csv.reader(
        io.StringIO(body), delimiter=named[1] if named else _separator(body, path), strict=True
    )
    try:
        header = next((cells for cells in reader if any(cells)), [])
        names = _names(header, f"{path}:{reader.line_num + before}")
        for cells in reader:
            line = reader.line_num + before
            if any(cell.strip() for cell in cells[len(header) :]):
                raise UserFileError(
                    f"{path}:{line}: {len(cells)} cells in a table of {len(header)} columns: "
                    "quote cells with commas, or remove some"
                )
            row = {
                name: cell if name in _TEXTS else cell.strip()
                for name, cell in zip(names, cells, strict=False)
                if cell.strip() or (cell and name in _TEXTS)
            }
            if row:
                yield line, row
    except csv.Error as error:
        raise UserFileError(f"{path}:{reader.line_num + before}: {error}") from error


def _separator(text: str, path: Path) -> str:
    """The separator by which most rows have as many cells as the header, and the header has most."""
    usual = "\t" if path.suffix.lower() == ".tsv" else ","

    def fits(separator: str) -> tuple[int, int, bool]:
        rows = csv.reader(io.StringIO(text), delimiter=separator)
        try:
            filled = (cells for cells in rows if any(cells))
            header, *others = itertools.islice(filled, 1 + _LOOKED_AT)
        except (csv.Error, ValueError):  # too long a cell, or no row at all
            return 0, 0, separator == usual
        return sum(len(cells) == len(header) for cells in others), len(header), separator == usual

    header = next((line for line in io.StringIO(text) if line.strip()), "")
    there = [separator for separator in _SEPARATORS if separator in header]
    return max(there, key=fits) if there else usual


def _json_lines(text: str, path: Path) -> Iterator[Line]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        _names([name for name, _ in pairs], f"{path}:{number}")
        return dict(pairs)

    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=unique)
        except UserFileError:
            raise
        except (ValueError, RecursionError) as error:
            raise UserFileError(f"{path}:{number}: not JSON ({error}): correct it") from error
        if not isinstance(row, dict):
            raise UserFileError(f"{path}:{number}: not a row: write an object, {{…}}")
        yield number, _filled(row)


def _filled(row: Mapping[str, Any]) -> dict[str, Any]:
    """The cells that hold something: an empty one is null, or NaN, which is what pandas has in its place."""
    return {name: cell for name, cell in row.items() if cell is not None and cell == cell}


def _toml(text: str, path: Path) -> Iterator[Line]:
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise UserFileError(f"{path}: not TOML ({error}): correct it") from error
    unknown = sorted(set(tables) - {"row"})
    rows = tables.get("row", [])
    if unknown or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserFileError(
            f"{path}: write rows as tables [[row]]" + "".join(f", not {short(name)}" for name in unknown[:1])
        )
    for row in rows:
        yield 0, row

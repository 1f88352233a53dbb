"""A table of wishes as a file: CSV, JSON lines or TOML, read row by row."""

from __future__ import annotations

import csv
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

# A cell's line in the file, 0 where the format does not tell, and the cells by column.
Line = tuple[int, Mapping[str, Any]]

# What spreadsheets write between cells, depending on the country.
_SEPARATORS = ",;\t"
_TEXTS = ("prompt", "completion", "description")


class TableError(ValueError):
    """The table cannot be used; the message has a line for each mistake."""


def read_table(path: Path) -> Iterator[Line]:
    """The rows of ``path`` as they are written; empty cells and empty lines are left out.

    Columns are named as options are, in any case, with ``-``, ``_`` or a space.

    Raises:
        TableError: the file cannot be read, or a row is not of the table's form.
    """
    readers = {".csv": _csv, ".tsv": _csv, ".jsonl": _json_lines, ".toml": _toml}
    if path.suffix.lower() not in readers:
        raise TableError(f"{path}: a table is a .csv, .tsv, .jsonl or .toml file")
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for line, cells in readers[path.suffix.lower()](file, path):
                yield line, {_name(column): cell for column, cell in cells.items()}
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{path} is not UTF-8 (byte {error.start}): save it as “CSV UTF-8”") from error


def _name(column: str) -> str:
    return column.strip().lower().replace("-", "_").replace(" ", "_")


def _csv(file: Iterable[str], path: Path) -> Iterator[Line]:
    lines = iter(file)
    first = next(lines, "")
    separator = max(_SEPARATORS, key=first.count)

    def all_lines() -> Iterator[str]:
        yield first
        yield from lines

    reader = csv.reader(all_lines(), delimiter=separator, strict=True)
    try:
        header = next(reader, [])
        for name in header:
            if name and header.count(name) > 1:
                raise TableError(f"{path}:1: two columns are named {name}")
        for cells in reader:
            where = f"{path}:{reader.line_num}"
            if any(cell.strip() for cell in cells[len(header) :]):
                raise TableError(f"{where}: {len(cells)} cells in a table of {len(header)} columns")
            row = {
                name: cell if _name(name) in _TEXTS else cell.strip()
                for name, cell in zip(header, cells, strict=False)
                if cell.strip() or (cell and _name(name) in _TEXTS)
            }
            if "" in row:
                raise TableError(f"{where}: a cell stands in a column without a name")
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise TableError(f"{path}:{reader.line_num}: {error}") from error


def _json_lines(file: Iterable[str], path: Path) -> Iterator[Line]:
    for number, line in enumerate(file, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise TableError(f"{path}:{number}: not JSON: {error}") from error
        if not isinstance(row, dict):
            raise TableError(f"{path}:{number}: a row is an object, {{…}}")
        yield number, {name: cell for name, cell in row.items() if cell is not None}


def _toml(file: Iterable[str], path: Path) -> Iterator[Line]:
    try:
        tables = tomllib.loads("".join(file))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise TableError(f"{path}: not TOML: {error}") from error
    unknown = sorted(set(tables) - {"row"})
    rows = tables.get("row", [])
    if unknown or not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise TableError(
            f"{path}: rows are tables [[row]]" + "".join(f", not {name}" for name in unknown[:1])
        )
    for row in rows:
        yield 0, row

"""Rows: each a prompt with its options, checked as a whole before anything is run."""

from __future__ import annotations

import difflib
import functools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model
from pydantic_core import PydanticCustomError

from model_trace.errors import UserError
from model_trace.learning.pairs import read_pairs
from model_trace.models.checkpoints import identity
from model_trace.user_files import UserFileError
from scenes.catalogue import CATALOGUE, DEFAULTS, canonical_number
from scenes.entry import Entry
from scenes.wording import catalogue_name
from traced_loops.jobs import checks
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.slugs import SLUG, Slugs
from traced_loops.jobs.tables import Table, name_of, read_table, short
from traced_loops.jobs.texts import read_texts
from traced_loops.storage.addresses import typed_path

# How a run is made belongs to the command line, not to a row.
OF_THE_RUN = {"trace", "output", "jobs", "force", "cache", "cache_size"}
_TOLD = 20  # mistakes at most
_LONGEST = 300  # characters of a mistake
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
_WITH_COMMAS = re.compile(r"[+-]?[0-9]+(,[0-9]+)+")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table: its number from 1, its folder's name, and what to record and draw."""

    number: int
    slug: str
    recording: RecordingOptions
    drawing: DrawingOptions
    loops: tuple[str, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The loops and figures, in the catalogue's order."""
        return tuple(entry for entry in CATALOGUE if entry.number in self.loops)


def read_rows(
    table: Table,
    recording: RecordingOptions,
    drawing: DrawingOptions,
    loops: Iterable[str] = (),
    models_here: bool = True,
) -> list[Row]:
    """Every row of the table; ``recording``, ``drawing`` and ``loops`` (none: all) hold what it leaves open.

    Its files of texts and pairs lie where it says, seen from its own folder, or the working folder where the
    table is in memory. Whether a model's folder exists
    can be told only if it is to run on this machine, ``models_here``.

    Raises:
        UserFileError: a line for each mistake, with its row and column; or there are no rows.
    """
    rows: list[Row] = []
    wrong: list[str] = []
    unknown: set[str] = set()
    slugs = Slugs()
    path, folder = name_of(table), table.parent if isinstance(table, Path) else Path()
    for number, (line, cells) in enumerate(read_table(table), start=1):
        where = f"{path}:{line}: row {number}" if line else f"{path}: row {number}"
        for name in sorted(cells.keys() - _columns().model_fields.keys() - unknown):
            unknown.add(name)
            # what is not told is not looked for: a table may have very many columns
            nearest = _nearest(name) if len(wrong) < _TOLD else ""
            wrong.append(f"{where}, {short(name)}: there is no such column{nearest}")
        given, misfits = _given({name: cell for name, cell in cells.items() if name not in unknown})
        wrong += [f"{where}, {misfit}" for misfit in misfits]
        row = Row(
            number,
            slugs.add(given),
            replace(recording, **_share(given, RecordingOptions, folder)),
            replace(drawing, **_share(given, DrawingOptions, folder)),
            given.get("loops") or tuple(loops) or tuple(entry.number for entry in DEFAULTS),
        )
        problems = _problems(row, models_here)
        wrong += [f"{where}, {short(_in_a_table(problem), _LONGEST)}" for problem in problems]
        rows.append(row)
    wrong += [f"{path}: {slug} is the slug of two rows" for slug in slugs.twice]
    if wrong:
        more = [f"and {len(wrong) - _TOLD} more"] if len(wrong) > _TOLD else []
        raise UserFileError("\n".join(wrong[:_TOLD] + more))
    if not rows:
        raise UserFileError(f"{path} has no rows: add one")
    return rows


def _loops(cell: Any) -> tuple[str, ...]:
    """Return the numbers of loops, however a table has them: "01 04", 4, 4.0, "4.0", ["1", 4]."""
    cells = cell if isinstance(cell, list) else [str(cell)]
    # a whole number with a decimal comma or point, which spreadsheets make of it
    cells = [re.sub(r"^\s*([0-9]+)[.,]0+\s*$", r"\1", str(each)) for each in cells]
    numbers = [number for each in cells for number in each.replace(",", " ").split()]
    return tuple(canonical_number(re.sub(r"^([0-9]+)\.0+$", r"\1", number)) for number in numbers)


def _several(cell: Any) -> Any:
    """Return the values in a cell of an option that takes several; it may be a list."""
    if isinstance(cell, list):
        cell = " ".join(map(str, cell))
    return tuple(dict.fromkeys(cell.replace(",", " ").split())) if isinstance(cell, str) else cell


def _languages(cell: Any) -> Any:
    values = _several(cell)
    return tuple(dict.fromkeys(map(catalogue_name, values))) if isinstance(values, tuple) else values


def _number(cell: Any) -> float:
    """Return the number in a cell; one that is whole is an ``int`` however it is written: 4, 4.0, 4e0.

    Raises:
        PydanticCustomError: it is no number, or written in a country's own way.
    """
    text = cell.strip() if isinstance(cell, str) else "" if isinstance(cell, bool) else str(cell)
    if _WITH_COMMAS.fullmatch(text):
        whole, *others = text.split(",")
        cure = f"{whole}.{others[0]}" if len(others) == 1 and len(others[0]) != 3 else "it without commas"
        raise PydanticCustomError("number", f"write {cure}")
    if not _NUMBER.fullmatch(text) or not math.isfinite(float(text)):
        raise PydanticCustomError("number", "input should be a number")
    if re.fullmatch("[+-]?[0-9]{1,30}", text):
        return int(text)
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


_READ_BY: Mapping[str, Callable[[Any], Any]] = {
    "language": _languages,
    "theme": _several,
    "shape": _several,
    "also": _several,
}


def _path(cell: Any) -> Any:
    return typed_path(cell) if isinstance(cell, str) else cell


@functools.cache
def _columns() -> type[BaseModel]:
    """A cell for each option that a row may have, with the option's own type."""
    columns: dict[str, Any] = {
        "slug": (str | None, Field(None, pattern=SLUG)),
        "loops": (Annotated[tuple[str, ...], BeforeValidator(_loops)] | None, None),
    }
    for kind in (RecordingOptions, DrawingOptions):
        hints = get_type_hints(kind, include_extras=True)
        for field in fields(kind):
            if field.name in OF_THE_RUN:
                continue
            type_ = get_args(hints[field.name])[0]
            if Path in get_args(type_):
                type_ = Annotated[Path, BeforeValidator(_path)]
            column: Any = type_ | None
            if {int, float} & {type_, *get_args(type_)}:
                column = Annotated[column, BeforeValidator(_number)]
            elif field.name in _READ_BY:
                column = Annotated[column, BeforeValidator(_READ_BY[field.name])]
            columns[field.name] = (column, None)
    return create_model("Cells", __config__=ConfigDict(extra="forbid", protected_namespaces=()), **columns)


def _given(cells: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The cells that are filled, as the options' own types; and what is wrong with those left out of them."""
    try:
        return _columns().model_validate(dict(cells)).model_dump(exclude_none=True), []
    except ValidationError as error:
        wrong = error.errors()
        bad = {problem["loc"][0] for problem in wrong}
        rest, _ = _given({name: cell for name, cell in cells.items() if name not in bad})
        return rest, [_told(problem, cells[str(problem["loc"][0])]) for problem in wrong]


def _share(given: Mapping[str, Any], kind: type[Any], folder: Path) -> dict[str, Any]:
    """What of the row belongs to one group of options."""
    return {
        field.name: folder / given[field.name] if isinstance(given[field.name], Path) else given[field.name]
        for field in fields(kind)
        if field.name in given
    }


def _problems(row: Row, models_here: bool) -> Iterator[checks.Problem]:
    recording = row.recording
    if recording.prompt is None and recording.texts is None:
        without = [entry.number for entry in row.entries if entry.needs not in ("code", "fine-tuning")]
        if without:
            yield checks.Problem("prompt", "", f"is missing: give one for loop {without[0]}")
            return
    yield from checks.of_recording(recording)
    yield from checks.of_drawing(row.drawing)
    yield from checks.of_shapes(row.entries, row.drawing)
    known = {entry.number for entry in CATALOGUE}
    for number in row.loops:
        if number not in known:
            yield checks.Problem("loops", number, f"unknown loop: choose from {', '.join(sorted(known))}")
    if recording.texts is not None and (problem := _failure(read_texts, recording.texts)):
        yield checks.Problem("texts", "", problem)
    if recording.pairs is not None and (problem := _failure(read_pairs, recording.pairs)):
        yield checks.Problem("pairs", "", problem)
    if models_here and (problem := _failure(identity, recording.model)):
        yield checks.Problem("model", "", problem)


@functools.cache
def _failure(check: Callable[[Any], object], value: Any) -> str:
    """Why ``check`` refuses the value, "" if it does not; many rows name the same file."""
    try:
        check(value)
    except UserError as error:
        return str(error)
    return ""


def _in_a_table(problem: checks.Problem) -> str:
    """The problem with the option named as a column."""
    return str(problem._replace(option=problem.option.replace("-", "_"), value=short(problem.value)))


def _told(error: Mapping[str, Any], cell: Any) -> str:
    """pydantic's finding as the other problems are told."""
    message = error["msg"].removeprefix("Value error, ")
    words = f"{message[0].lower()}{message[1:]}"
    return f"{error['loc'][0]} {short(repr(cell))}: {short(words, _LONGEST)}"


def _nearest(name: str) -> str:
    known = _columns().model_fields
    near = difflib.get_close_matches(name[:_LONGEST], known, n=1) or [
        each for each in known if name.startswith(f"{each},") or name.startswith(f"{each}_")
    ]
    return f"; is it {near[0]}?" if near else f"; there are {', '.join(known)}"

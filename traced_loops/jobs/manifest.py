"""The list of all sets of a batch: what became of each row."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from traced_loops.storage import places
from traced_loops.storage.places import OutputError, Place

NAME = "manifest.json"

Status = Literal["done", "failed", "open"]


@dataclass(frozen=True, slots=True)
class Record:
    """A row and what became of it.

    ``key`` is the digest of all that its files depend on and ``stamp`` that of what lies in its folder, so
    that a later run can leave it alone; ``pages`` are paths from the batch's folder, one for each language.
    """

    row: int
    slug: str
    status: Status
    language: str
    theme: str
    loops: tuple[str, ...]
    prompt: str | None = None
    description: str | None = None
    model: str | None = None
    pages: tuple[str, ...] = ()
    still: str | None = None
    error: str | None = None
    key: str | None = None
    stamp: str | None = None


def read(folder: Place) -> dict[str, Record]:
    """The records of the last run by slug; none where there was no run.

    Raises:
        OutputError: the folder holds something else.
    """
    try:
        held = json.loads((folder / NAME).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise OutputError(f"{folder / NAME} cannot be read: {error}") from error
    try:
        return {row["slug"]: _record(row) for row in held["rows"]}
    except (KeyError, TypeError, AttributeError) as error:
        raise OutputError(
            f"{folder / NAME} is not a batch's: give the batch a folder of its own, --output"
        ) from error


def write(folder: Place, records: Iterable[Record]) -> None:
    """List the records."""
    rows = [{name: value for name, value in asdict(each).items() if value is not None} for each in records]
    text = json.dumps({"schema_version": 1, "rows": rows}, ensure_ascii=False, indent=1)
    places.put(folder, {NAME: f"{text}\n".encode()})


def _record(row: Mapping[str, Any]) -> Record:
    return Record(**{**row, "loops": tuple(row["loops"]), "pages": tuple(row["pages"])})

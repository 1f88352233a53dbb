"""The list of all sets of a batch: what became of each row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated, Literal, Self

from pydantic import ConfigDict, Field, StrictInt, model_validator, with_config

from scenes.wording import languages
from traced_loops.article import overview
from traced_loops.article.files import ICON, PAGE, STYLE
from traced_loops.jobs.slugs import SLUG
from traced_loops.storage import addresses
from traced_loops.storage.addresses import Address, OutputError
from traced_loops.storage.manifest_schema import MANIFEST, Listing, PathInside
from traced_loops.storage.ownership import Ledger, read_listing

Status = Literal["done", "failed", "open"]
_SHAPES = "^(wide|narrow|square)( (wide|narrow|square))*$"


@with_config(ConfigDict(extra="forbid"))
@dataclass(frozen=True, slots=True)
class Record:
    """A row and what became of it.

    ``key`` is the digest of all that its files depend on and ``stamp`` that of what lies in its folder, so
    that a later run can leave it alone; ``pages`` are paths from the batch's folder, one for each language;
    ``still`` is the first picture, made light. Without a ``shape`` it is wide.
    """

    row: StrictInt
    slug: Annotated[str, Field(pattern=SLUG)]
    status: Status
    language: str
    theme: str
    loops: tuple[str, ...]
    prompt: str | None = None
    description: str | None = None
    model: str | None = None
    pages: tuple[PathInside, ...] = ()
    still: PathInside | None = None
    error: str | None = None
    shape: Annotated[str, Field(pattern=_SHAPES)] | None = None
    key: str | None = None
    stamp: str | None = None


class Sets(Listing):
    """The list of a batch's folder: a record for each row, and the overview's files."""

    rows: list[Record]

    @classmethod
    def empty(cls) -> Self:
        return cls(schema_version=2, rows=[])

    @model_validator(mode="after")
    def _has_a_page_for_each_language(self) -> Self:
        known = languages()
        for place, row in enumerate(self.rows):
            named = row.language.split()
            if not named or not set(named) <= set(known):
                raise ValueError(f"rows.{place}.language {row.language[:40]!r} is none of {', '.join(known)}")
            if row.pages and len(row.pages) != len(named):
                raise ValueError(f"rows.{place}.pages are not one for each language")
        return self


def read(folder: Address, *, force: bool = False) -> dict[str, Record]:
    """The records of the last run by slug; none where there was no run, or a list that ``force`` replaces.

    Raises:
        OutputError: the folder's list is not a batch's, or cannot be read.
    """
    try:
        return {row.slug: row for row in read_listing(folder, Sets).rows}
    except FileNotFoundError:
        return {}
    except OutputError as error:
        if force:
            return {}
        raise OutputError(f"{error}; give the batch a folder of its own, --output") from error
    except OSError as error:
        raise OutputError(
            f"{folder / MANIFEST} cannot be read ({error.strerror or error}): check the folder"
        ) from error


def write(folder: Address, records: Iterable[Record], *, force: bool = False) -> None:
    """List the records.

    Raises:
        OutputError: the list there is not ours, and not to be replaced by ``force``.
    """
    with addresses.alone(folder):
        Ledger(folder, Sets, force=force).settle(Sets(schema_version=2, rows=list(records)))


def check(folder: Address, *, force: bool = False) -> None:
    """See that the list and the overview may be written, before anything is made.

    Raises:
        OutputError: one of their files is there and not ours, and not to be replaced by ``force``.
    """
    Ledger(folder, Sets, force=force).check((STYLE, ICON, PAGE))


def write_overview(folder: Address, records: Iterable[Record], *, force: bool = False) -> None:
    """Write the page that leads to the sets.

    Raises:
        OutputError: one of its files is there and not ours, and not to be replaced by ``force``.
    """
    with addresses.alone(folder):
        overview.write_overview(folder, [asdict(each) for each in records], Sets, force=force)

"""Files put into a folder, each whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from traced_loops.article.pictures import PageError
from traced_loops.storage.addresses import Address
from traced_loops.storage.manifest_schema import Listing, Manifest
from traced_loops.storage.ownership import Ledger

_STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent / "templates"

SCRIPT, STYLE, ICON, PAGE = "loops.js", "loops.css", "loops.svg", "index.html"
PAGE_FILES = (SCRIPT, STYLE, ICON, PAGE)


def static(name: str) -> str:
    """The text of one of our scripts, style sheets or icons; of a script, what a browser needs of it."""
    text = (_STATIC / name).read_text(encoding="utf-8")
    if not name.endswith(".js"):
        return text
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//")) + "\n"


def template(name: str) -> str:
    """The text of a template as it stands, for those that somebody else's machine fills."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def write(
    folder: Address,
    files: Mapping[str, str | Path],
    kind: type[Listing] = Manifest,
    *,
    force: bool = False,
) -> None:
    """Put files into ``folder`` in this order: a text, or a copy of the file at a path, by name within it.

    They are listed in the folder's manifest, which is of this ``kind``.

    Raises:
        OutputError: one is there that is not ours, and not to be replaced by ``force``.
        PageError: it cannot be written to.
    """
    ledger = Ledger(folder, kind, force=force)
    try:
        ledger.put({name: each.encode() if isinstance(each, str) else each for name, each in files.items()})
        ledger.settle()
    except OSError as error:
        raise PageError(f"cannot write to {folder} ({error.strerror or error}): check the folder") from error

"""Files put into a folder, each whole or not at all."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from traced_loops.article.pictures import PageError
from traced_loops.storage import places
from traced_loops.storage.places import Place, Remote

_STATIC = Path(__file__).parent / "static"
_TEMPLATES = Path(__file__).parent / "templates"

SCRIPT, STYLE = "loops.js", "loops.css"


def static(name: str) -> str:
    """The text of one of our scripts or style sheets."""
    return (_STATIC / name).read_text(encoding="utf-8")


def template(name: str) -> str:
    """The text of a template as it stands, for those that somebody else's machine fills."""
    return (_TEMPLATES / name).read_text(encoding="utf-8")


def write(folder: Place, files: Mapping[str, str | Path]) -> None:
    """Put files into ``folder`` in this order: a text, or a copy of the file at a path, by name within it.

    Raises:
        PageError: it cannot be written to.
    """
    try:
        if isinstance(folder, Remote):
            for name, source in files.items():
                held = source.read_bytes() if isinstance(source, Path) else source.encode()
                (folder / name).write_bytes(held)
            return
        folder.mkdir(exist_ok=True)
        with places.partial(folder) as place:
            made = place / "made"
            for name, source in files.items():
                if isinstance(source, Path):
                    shutil.copyfile(source, made)
                else:
                    made.write_text(source, encoding="utf-8")
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                made.replace(folder / name)
    except OSError as error:
        raise PageError(f"cannot write to {folder}: {error.strerror or error}") from error

"""What commands print of a cache and of a loop's values, and the page they show in the browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from cyclopts import App

from traced_loops.cli import console
from traced_loops.storage.addresses import Address

_ADVICE = "give the .json that lies beside a loop"
_MOST_NUMBERS = 8  # of a list that are printed


def cache(folder: Address | None, *, clear: bool) -> Iterator[str]:
    """Yield where the cache is and how large its parts are, or empty it and yield what that freed.

    Raises:
        CacheError: the folder is elsewhere, or holds other things.
    """
    from model_trace.files import Cache, CacheError, user_folder

    place = folder or user_folder()
    if not isinstance(place, Path):
        raise CacheError(f"--cache {place} is not on this machine: give a folder here")
    kept = Cache(place)
    if clear:
        yield f"{place}: {console.megabytes(kept.clear())} removed"
        return
    sizes = kept.sizes()
    yield f"{place}: {console.megabytes(sum(sizes.values()))}"
    for name, size in sizes.items():
        yield f"  {name:<12}{console.megabytes(size):>12}"


def values(file: Path) -> Iterator[str]:
    """Yield two lines for each value of a loop: its sentence; the value unrounded and its source.

    Raises:
        OutputError: the file is not there, or is no loop's provenance file.
    """
    from traced_loops.article.pictures import printable
    from traced_loops.article.values import in_reading_order
    from traced_loops.storage.addresses import OutputError
    from traced_loops.storage.inside import read_inside
    from traced_loops.storage.manifest_schema import LARGEST, parse
    from traced_loops.storage.provenance_schema import Provenance

    try:
        # by whatever name it was saved: the pictures need not lie beside it
        provenance = parse(Provenance, read_inside(file.parent, file.name, LARGEST), file)
    except OSError as error:
        what = f"{file} cannot be read ({error.strerror or error})"
        raise OutputError(f"{what}: {_ADVICE}") from error
    except OutputError as error:
        what, _, _ = str(error).rpartition(": ")
        raise OutputError(f"{what}: {_ADVICE}") from error
    for value in in_reading_order(provenance.values):
        raw = value.raw
        if isinstance(value.value, list) and len(value.value) > _MOST_NUMBERS:
            first = " ".join(raw.split(" ", _MOST_NUMBERS)[:_MOST_NUMBERS])
            raw = f"{first} … ({len(value.value)} numbers)"
        yield printable(" ".join(value.sentence.split()))
        yield printable(f"    {raw}  {provenance.source_of(value)}")


def browse(folder: Address) -> None:
    """Show the folder's page in the browser."""
    import webbrowser

    if not isinstance(folder, Path):
        console.refuse(f"--open shows a page on this machine, and {folder} is elsewhere: leave out --open")
    page = (folder / "index.html").resolve().as_uri()
    if not webbrowser.open(page):
        console.fail(f"no browser can be started here: open {page} yourself")


def install_completion(app: App, shell: Literal["bash", "zsh", "fish"] | None) -> None:
    """Write the shell's completions and say where, in the shell that runs this unless one is named."""
    # imported where it is needed: it takes long to load
    from cyclopts.completion.detect import ShellDetectionError

    try:
        path = app.install_completion(shell=shell)
    except ShellDetectionError:
        console.refuse("--install-completion: the shell is unknown here: add --shell bash, zsh or fish")
    console.echo(f"{path}: open a new terminal to use it")

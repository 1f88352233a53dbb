"""Write files and folders so that they appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

# What to write: bytes, or a copy of the file at a path.
Source = bytes | Path

_STAGING = ".partial-"
_OUR_STAGING = re.compile(r"\.partial-(\d+)-\d+")


def write_file(path: Path, content: bytes) -> None:
    """Write a file, in place of one that is there.

    Raises:
        OSError: it cannot be written; nothing is left of it.
    """
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


@contextmanager
def write_folder(
    path: Path,
    *,
    remove: Callable[[Path], object] = shutil.rmtree,
    is_good: Callable[[Path], bool] = lambda path: False,
) -> Iterator[Path]:
    """Yield a folder to fill, which is flushed to the disk and becomes ``path`` if no error is raised.

    A folder that is there steps aside and is removed, by ``remove``, once the new one is in place; one that
    ``is_good``, written by another run meanwhile, stays instead of the new one.

    Raises:
        OSError: it cannot be written; nothing is left of it, and what was there is as it was.
    """
    partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent))
    try:
        partial.chmod(0o755)  # mkdtemp keeps others out, which a result should not
        yield partial
        for file in (*sorted(partial.rglob("*")), partial):
            _flush(file)
        if not is_good(path):
            _replace(partial, path, remove, is_good)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def write_files(folder: Path, files: Mapping[str, Source], remove: Iterable[str] = ()) -> None:
    """Write several files into a folder, by name, in this order; those named in ``remove`` go before.

    All are written beside their places first, so an error before the first is in place changes nothing.

    Raises:
        OSError: one cannot be written.
    """
    with staging(folder) as place:
        for number, source in enumerate(files.values()):
            if isinstance(source, Path):
                shutil.copyfile(source, place / str(number))
            else:
                (place / str(number)).write_bytes(source)
        for name in remove:
            (folder / name).unlink(missing_ok=True)
        for number, name in enumerate(files):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (place / str(number)).replace(folder / name)


@contextmanager
def staging(folder: Path) -> Iterator[Path]:
    """Yield a folder for unfinished files inside ``folder``, on the same disk, and remove it in the end."""
    place = folder / f"{_STAGING}{os.getpid()}-{time.monotonic_ns()}"
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def is_staging(name: str) -> bool:
    """Whether a folder's name is one that ``staging`` gives."""
    return _OUR_STAGING.fullmatch(name) is not None


def clear_staging(folder: Path) -> None:
    """Remove the unfinished files that ended processes left in ``folder``."""
    for left in folder.glob(f"{_STAGING}*"):
        ours = _OUR_STAGING.fullmatch(left.name)
        if ours and left.is_dir() and not left.is_symlink() and not _runs(int(ours[1])):
            shutil.rmtree(left, ignore_errors=True)


def _replace(
    partial: Path, path: Path, remove: Callable[[Path], object], is_good: Callable[[Path], bool]
) -> None:
    # A folder cannot be renamed onto a full one: the old one steps aside first.
    aside = partial.with_name(f"{partial.name}.replaced") if path.exists() else None
    if aside is not None:
        path.rename(aside)
    try:
        partial.rename(path)
    except OSError:
        if is_good(path):
            return
        if aside is not None:
            aside.rename(path)
        raise
    _flush(path.parent)
    if aside is not None:
        remove(aside)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True

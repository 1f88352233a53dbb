"""A folder somewhere: on this machine's disk, or anywhere fsspec reaches (``s3://bucket/prefix``)."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

_PARTIAL = ".partial-"


@dataclass(frozen=True)
class Remote:
    """A folder or file at an address, with the few of ``Path``'s ways that outputs need.

    What it writes appears whole, as objects in a store do; nothing is remembered of what is there. It is
    small and can be sent to another machine, which then writes there itself.
    """

    url: str

    def __truediv__(self, name: str) -> Remote:
        return Remote(f"{self.url.rstrip('/')}/{name}")

    def __str__(self) -> str:
        return self.url

    @property
    def name(self) -> str:
        """The last part."""
        return self.url.rstrip("/").rpartition("/")[2]

    def is_file(self) -> bool:
        """Whether it is a file."""
        with self._opened() as (store, path):
            return bool(store.isfile(path))

    exists = is_file

    def read_bytes(self) -> bytes:
        """What it holds.

        Raises:
            FileNotFoundError: it is not there.
        """
        with self._opened() as (store, path):
            held: bytes = store.cat_file(path)
            return held

    def read_text(self, encoding: str = "utf-8") -> str:
        """What it holds, as text."""
        return self.read_bytes().decode(encoding)

    def write_bytes(self, held: bytes) -> None:
        """Put ``held`` there, in place of what was there."""
        with self._opened() as (store, path):
            store.pipe_file(path, held)

    def unlink(self) -> None:
        """Take it away, if it is there."""
        with contextlib.suppress(FileNotFoundError), self._opened() as (store, path):
            store.rm_file(path)

    def files(self) -> dict[str, str]:
        """All files below: their paths from here, and a mark that changes when they are written."""
        with self._opened() as (store, path):
            found: Mapping[str, Mapping[str, Any]] = store.find(path, detail=True)
        root = f"{path.rstrip('/')}/"
        marks = ("size", "ETag", "created", "mtime")
        return {
            name.removeprefix(root): " ".join(str(info.get(mark, "")) for mark in marks)
            for name, info in found.items()
        }

    @contextmanager
    def _opened(self) -> Iterator[tuple[Any, str]]:
        """The store and the path in it; whatever goes wrong there is an ``OSError``."""
        # imported where it is needed: most runs write to a disk
        from fsspec.core import url_to_fs

        try:
            store, path = url_to_fs(self.url, use_listings_cache=False)
            yield store, str(path)
        except OSError:
            raise
        except Exception as error:
            raise OSError(f"{self.url}: {type(error).__name__}: {error}") from error


Place = Path | Remote
# Of a function that gives back the kind of place it was given.
Where = TypeVar("Where", Path, Remote, Path | Remote)


def place(text: str) -> Place:
    """The folder that ``text`` names: a path, or an address with ``://``."""
    if "://" not in text:
        return Path(text)
    if text.startswith("file://"):
        return Path(text.removeprefix("file://"))
    return Remote(text)


class OutputError(ValueError):
    """A folder cannot be used; the message is one line that says why."""


def prepare(folder: Place) -> None:
    """Make the folder, and clear away what interrupted runs left in it.

    Raises:
        OutputError: it cannot be made or written to.
    """
    try:
        if isinstance(folder, Remote):
            probe = folder / f"{_PARTIAL}{os.getpid()}-{time.monotonic_ns()}"
            probe.write_bytes(b"")
            probe.unlink()
            return
        folder.mkdir(parents=True, exist_ok=True)
        with partial(folder):
            pass
    except OSError as error:
        raise OutputError(f"cannot write to {folder}: {error.strerror or error}") from error
    for left in folder.glob(f"{_PARTIAL}*"):
        if not _runs(left.name.removeprefix(_PARTIAL).partition("-")[0]):
            shutil.rmtree(left, ignore_errors=True)


def put(
    folder: Place, files: Mapping[str, bytes], last: str | None = None, stale: Iterable[str] = ()
) -> None:
    """Put files into the folder, each whole; the one named ``last`` after all others.

    Until they are there, there is none of that name: its presence says that the others are whole. If any
    of them is new, those named ``stale`` that are not among them go first. Where another run may write the
    same files, whoever calls this is ``alone`` there.
    """
    ordered = sorted(files, key=lambda name: name == last)
    gone = [name for name in stale if name not in files] + ([last] if last is not None else [])
    if isinstance(folder, Remote):
        for name in gone:
            (folder / name).unlink()
        for name in ordered:
            (folder / name).write_bytes(files[name])
        return
    with partial(folder) as place:
        # what is there already keeps its time of change, by which servers and editors go
        new = [name for name in ordered if not _holds(folder / name, files[name])]
        for name in new:
            (place / name).write_bytes(files[name])
        for name in gone if new else ():
            (folder / name).unlink(missing_ok=True)
        if new and last is not None and last not in new:
            (place / last).write_bytes(files[last])
            new.append(last)
        for name in new:
            (place / name).replace(folder / name)


@contextmanager
def alone(*folders: Place) -> Iterator[None]:
    """While one run holds these folders, another on this machine waits for them.

    So what it reads there is of one moment. Places that are no disk have no locks.
    """
    with contextlib.ExitStack() as held:
        for folder in sorted(str(each) for each in folders if isinstance(each, Path)):
            handle = os.open(folder, os.O_RDONLY)
            held.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def listing(folder: Place) -> dict[str, str]:
    """All files below the folder: their paths from there, and a mark that changes when they are written."""
    if isinstance(folder, Remote):
        return folder.files()
    found = {}
    for file in folder.rglob("*"):
        if file.is_file() and not any(part.startswith(_PARTIAL) for part in file.parts):
            status = file.stat()
            found[file.relative_to(folder).as_posix()] = f"{status.st_size} {status.st_mtime_ns}"
    return found


@contextmanager
def partial(folder: Path) -> Iterator[Path]:
    """A folder inside ``folder`` for unfinished files, on the same disk, gone in the end."""
    place = folder / f"{_PARTIAL}{os.getpid()}-{time.monotonic_ns()}"
    place.mkdir()
    try:
        yield place
    finally:
        shutil.rmtree(place, ignore_errors=True)


def _runs(process: str) -> bool:
    """Whether the process that named a partial folder is still there."""
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True


def _holds(file: Path, held: bytes) -> bool:
    try:
        return file.read_bytes() == held
    except OSError:
        return False

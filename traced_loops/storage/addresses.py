"""A folder somewhere: on this machine's disk, or anywhere fsspec reaches (``s3://bucket/prefix``)."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import stat
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from model_trace import atomic
from model_trace.atomic import Source
from model_trace.errors import UserError


@dataclass(frozen=True)
class RemotePath:
    """A folder or file at an address, with the few of ``Path``'s ways that outputs need.

    What it writes appears whole, as objects in a store do; nothing is remembered of what is there. It is
    small and can be sent to another machine, which then writes there itself.
    """

    url: str

    def __truediv__(self, name: str) -> RemotePath:
        return RemotePath(f"{self.url.rstrip('/')}/{name}")

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
        """The file's content.

        Raises:
            FileNotFoundError: it is not there.
        """
        with self._opened() as (store, path):
            content: bytes = store.cat_file(path)
            return content

    def read_text(self, encoding: str = "utf-8") -> str:
        """The file's content, as text."""
        return self.read_bytes().decode(encoding)

    def write_bytes(self, content: bytes) -> None:
        """Write ``content``, in place of what was there."""
        with self._opened() as (store, path):
            store.pipe_file(path, content)

    def unlink(self) -> None:
        """Delete the file, if it is there."""
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


Address = Path | RemotePath
# Of a function that gives back the kind of place it was given.
Where = TypeVar("Where", Path, RemotePath, Path | RemotePath)


class PathError(UserError):
    """A text that names no path or address."""


def typed_address(text: str) -> Address:
    """The folder or file that a user's text names: a path as in ``typed_path``, or an address with ``://``.

    Raises:
        PathError: it is empty, or a ``file:`` address without a whole path.
    """
    if "://" in text and not text.lower().startswith("file:"):
        return RemotePath(text)
    return typed_path(text)


def typed_path(text: str) -> Path:
    """The path on this machine that a user's text names: ``~`` is the home folder, ``file://`` is understood.

    Raises:
        PathError: it is empty, a ``file:`` address without a whole path, or the address of another place.
    """
    if not text.strip():
        raise PathError("the path is empty: type one")
    if text.lower().startswith("file:/"):
        path = _from_url(text)
    elif "://" in text:
        raise PathError(f"{text} is an address: give a path on this machine")
    else:
        # pathlib would expand ./~ too, and raise for a user that there is not; a shell does neither
        path = os.path.expanduser(text)  # noqa: PTH111
    if "\0" in path:
        raise PathError(f"{text!r} holds a null character: remove it")
    return Path(path)


def _from_url(url: str) -> str:
    """The path of a ``file:`` address (RFC 8089), its percent signs decoded."""
    rest = url[len("file:") :]
    if rest.startswith("//"):
        host, slash, path = rest[2:].partition("/")
        if host.lower() not in ("", "localhost") or not slash:
            raise PathError(f"{url}: write a file address with its full path, such as file:///srv/loops")
        rest = f"/{path}"
    return os.fsdecode(unquote_to_bytes(os.fsencode(rest)))


class OutputError(UserError):
    """A folder or a file in it cannot be read or written."""


def prepare(folder: Address) -> None:
    """Make the folder, and clear away what interrupted runs left in it.

    Raises:
        OutputError: it cannot be made or written to.
    """
    try:
        if isinstance(folder, RemotePath):
            probe = folder / f".partial-{os.getpid()}-{time.monotonic_ns()}"
            probe.write_bytes(b"")
            probe.unlink()
            return
        folder.mkdir(parents=True, exist_ok=True)
        with atomic.staging(folder):
            pass
    except OSError as error:
        raise OutputError(
            f"cannot write to {folder} ({error.strerror or error}): choose another folder"
        ) from error
    atomic.clear_staging(folder)


def put(
    folder: Address, files: Mapping[str, Source], last: str | None = None, stale: Iterable[str] = ()
) -> None:
    """Put files into the folder, each whole and in this order, but the one named ``last`` after all others.

    Until they are there, there is none of that name: its presence says that the others are whole. If any
    of them is new, those named ``stale`` that are not among them go first. At an address, where a run may
    end between any two of them and has no list, ``last`` comes first and tells whose the others are; it is
    their digests in it that say whether they are whole. Where another run may write the same files, whoever
    calls this is ``alone`` there.
    """
    gone = [name for name in stale if name not in files]
    if isinstance(folder, RemotePath):
        if last is not None:
            gone += [name for name in files if name != last]
        for name in gone:
            (folder / name).unlink()
        for name in sorted(files, key=lambda name: name != last):
            source = files[name]
            (folder / name).write_bytes(source.read_bytes() if isinstance(source, Path) else source)
        return
    ordered = sorted(files, key=lambda name: name == last)
    gone += [last] if last is not None else []
    # what is there already keeps its time of change, by which servers and editors go
    new = [name for name in ordered if digest(folder, name) != digest_of(files[name])]
    if new and last is not None and last not in new:
        new.append(last)
    if new:
        atomic.write_files(folder, {name: files[name] for name in new}, remove=gone)


def digest_of(source: Source) -> str:
    """The SHA-256 of what is to be written."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with source.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def digest(folder: Address, name: str) -> str | None:
    """The SHA-256 of the folder's file of this name: None if there is none, "" if it is no plain file.

    Raises:
        OSError: it cannot be read.
    """
    file = folder / name
    try:
        if isinstance(file, RemotePath):
            return hashlib.sha256(file.read_bytes()).hexdigest()
        return digest_of(file) if stat.S_ISREG(file.lstat().st_mode) else ""
    except (FileNotFoundError, NotADirectoryError):
        return None


@contextmanager
def alone(*folders: Address) -> Iterator[None]:
    """Lock these folders: another run on this machine waits until they are released.

    Addresses have no locks.
    """
    with contextlib.ExitStack() as content:
        for folder in sorted(str(each) for each in folders if isinstance(each, Path)):
            handle = os.open(folder, os.O_RDONLY)
            content.callback(os.close, handle)
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def listing(folder: Address) -> dict[str, str]:
    """All files below the folder: their paths from there, and a mark that changes when they are written."""
    if isinstance(folder, RemotePath):
        return folder.files()
    found = {}
    for file in folder.rglob("*"):
        if file.is_file() and not any(map(atomic.is_staging, file.parts)):
            status = file.stat()
            found[file.relative_to(folder).as_posix()] = f"{status.st_size} {status.st_mtime_ns}"
    return found

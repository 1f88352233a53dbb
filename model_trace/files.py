"""The one bounded cache of what can be made again.

A cache is a folder that carries our mark, a ``CACHEDIR.TAG``. Only what has a name and a form of ours is
ever counted or removed in it, links are never followed, and a folder that holds other things is refused.
What is read from it is compared with its own digest: a cache costs time, never truth.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import math
import os
import re
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from model_trace.atomic import write_file
from model_trace.cache_entries import (
    DIGESTS,
    KINDS,
    LOOPS,
    MODELS,
    RECORDINGS,
    Entry,
    Kind,
    content_of_01,
    is_of_01,
    listed,
    own_files,
    sealed,
    unsealed,
)
from model_trace.errors import UserError

__all__ = [
    "DIGESTS",
    "LOOPS",
    "MODELS",
    "RECORDINGS",
    "Cache",
    "CacheError",
    "Entry",
    "Kind",
    "sealed",
    "unsealed",
]

T = TypeVar("T")

TAG = "CACHEDIR.TAG"
_SIGNATURE = b"Signature: 8a477f597d28d172789f06886806bc55\n"  # https://bford.info/cachedir/
_OURS = _SIGNATURE + b"# This folder is a cache of traced-loops."
MARK = _OURS + b" All it keeps can be made again; to empty it:\n# traced-loops cache --clear\n"
DEFAULT_BYTES = 4 * 10**9
MOST_GIGABYTES = 10**6

# An unfinished file this old belongs to no living run.
_STALE_SECONDS = 3600
# The processes that a run starts find its temporary folder by these variables.
_TEMPORARY = "TRACED_LOOPS_TEMPORARY"
# Above all levels: the command shows it though it silences what libraries log.
NOTICE = logging.CRITICAL + 1
_WARNED = "TRACED_LOOPS_TEMPORARY_TOLD"  # that it is used was logged
_log = logging.getLogger("traced_loops")


class CacheError(UserError):
    """A cache cannot be used as asked."""


def gigabytes(text: str, option: str = "--cache-size") -> int:
    """The number of bytes that a user's number of gigabytes is.

    Raises:
        CacheError: it is no such number.
    """
    with contextlib.suppress(ValueError):
        number = float(text)
        if math.isfinite(number) and 0 <= number <= MOST_GIGABYTES:
            return round(number * 1e9)
    raise CacheError(f"{option} {text}: type a number of GB, from 0 to {MOST_GIGABYTES}, such as 4 or 0.5")


@dataclass(frozen=True)
class Cache:
    """A cache of at most ``size`` bytes in ``folder``, from which what was used longest ago is removed first.

    Several runs may share it, and anyone may delete it or parts of it at any time. Where it is not
    ``writable``, what can be read there serves, and what must be kept goes into a temporary folder.
    """

    folder: Path
    size: int = DEFAULT_BYTES
    writable: bool = True

    @classmethod
    def open(cls, folder: Path | None = None, size: int = DEFAULT_BYTES) -> Cache:
        """The cache in ``folder``, or the user's own, made and marked; if it cannot be, one line says so.

        Raises:
            CacheError: there are other things in the folder, and no mark of ours.
        """
        cache = cls(folder or user_folder(), size)
        try:
            cache._check()
            if size:  # or else nothing is to be kept there
                cache._mark()
        except OSError as error:
            _warn(cache.folder, error)
            return cls(cache.folder, size, writable=False)
        return cache

    def read(self, kind: Kind, key: str) -> bytes | None:
        """The content that was written under ``key``, if it is still there and whole."""
        for place in self._places(kind, key):
            with contextlib.suppress(OSError):
                if not stat.S_ISREG(place.lstat().st_mode):
                    continue
                content = unsealed(key, place.read_bytes())
                if content is not None:
                    self.touch(place)
                    return content
        return None

    def write(self, kind: Kind, key: str, content: bytes) -> None:
        """Keep the content under ``key`` if that can be done: a cache that cannot be written costs time."""
        kept = sealed(key, content)
        if len(kept) <= self.size:
            with contextlib.suppress(OSError, CacheError):
                write_file(self._prepared(kind) / key, kept)
                if kind is not DIGESTS:  # too small to look what must go
                    self.shrink()

    def find(self, kind: Kind, name: str) -> list[Path]:
        """The folders of that name that are there."""
        return [
            place
            for place in self._places(kind, name)
            if place.is_dir() and not place.is_symlink() and not place.parent.is_symlink()
        ]

    def put(self, kind: Kind, name: str, size: int, write: Callable[[Path], T]) -> T:
        """Call ``write`` with the path of a folder to make, of some ``size`` bytes, and return its result.

        Where it cannot be kept (``write`` raises ``OSError``), or there is no room for it, it goes into the
        temporary folder of this run.

        Raises:
            OSError: that cannot be written either.
        """
        if size <= self.size and self.writable:
            try:
                made = write(self._prepared(kind) / name)
                if kind.bounded:
                    self.shrink()
                return made
            except (OSError, CacheError) as error:
                _warn(self.folder, error)
        place = temporary_folder() / kind.folder
        place.mkdir(exist_ok=True)
        return write(place / name)

    def touch(self, place: Path) -> None:
        """Note that this was used now."""
        with contextlib.suppress(OSError):
            os.utime(place, follow_symlinks=False)

    def remove(self, kind: Kind, place: Path) -> None:
        """Remove an entry, such as one that was found damaged."""
        Entry(kind, place, 0, 0, True).remove()

    def tidy(self, *kinds: Kind) -> None:
        """Remove what killed runs left unfinished."""
        old = time.time_ns() - _STALE_SECONDS * 10**9
        for entry in self._entries(*kinds):
            if not entry.finished and entry.used < old:
                entry.remove()

    def shrink(self) -> None:
        """Remove what was used longest ago, of all kinds together, until the rest fits."""
        bounded = [kind for kind in KINDS if kind.bounded]
        self.tidy(*bounded)
        entries = list(self._entries(*bounded))
        total = sum(entry.size for entry in entries)
        for entry in sorted(entries, key=lambda entry: entry.used):
            if total <= self.size:
                return
            if entry.finished:  # or else another run is at it
                entry.remove()
                total -= entry.size

    def sizes(self) -> dict[str, int]:
        """How many bytes each kind takes, by its folder's name.

        Raises:
            CacheError: the folder is there, but no cache of ours.
        """
        self._check()
        if not self.is_marked and listed(self.folder):
            with contextlib.suppress(OSError):  # version 0.1 kept it
                self._mark()
        sizes = dict.fromkeys((kind.folder for kind in KINDS), 0)
        for entry in self._entries(*KINDS):
            sizes[entry.kind.folder] += entry.size
        return sizes

    def clear(self) -> int:
        """Remove all that is ours, but the mark; the number of bytes that were freed.

        Raises:
            CacheError: the folder is there, but no cache of ours.
            OSError: it cannot be written.
        """
        if not self.folder.exists():
            return 0
        self._check()
        self._mark()
        before = sum(self.sizes().values())
        for entry in self._entries(*KINDS):
            entry.remove()
        for kind in KINDS:
            with contextlib.suppress(OSError):  # other things are in it, or it is a link
                (self.folder / kind.folder).rmdir()
        return before - sum(self.sizes().values())

    @property
    def is_marked(self) -> bool:
        """Whether the folder carries our mark."""
        mark = self.folder / TAG
        try:
            return stat.S_ISREG(mark.lstat().st_mode) and mark.read_bytes().startswith(_OURS)
        except OSError:
            return False

    def _places(self, kind: Kind, name: str) -> list[Path]:
        """Where an entry may lie, the temporary folder of this run last."""
        folders = [self.folder]
        if _TEMPORARY in os.environ:
            folders.append(Path(os.environ[_TEMPORARY]))
        return [folder / kind.folder / name for folder in folders]

    def _prepared(self, kind: Kind) -> Path:
        """The kind's folder, made if need be, in a folder that is marked."""
        if not self.is_marked:
            self._check()
            self._mark()
        folder = self.folder / kind.folder
        if folder.is_symlink():
            raise OSError(errno.ELOOP, "a link, which is not followed", str(folder))
        folder.mkdir(exist_ok=True)
        return folder

    def _mark(self) -> None:
        """Make and mark the folder; written each time, so that a folder that cannot be written is found."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.is_marked:
            self._adopt()
        write_file(self.folder / TAG, MARK)

    def _check(self) -> None:
        """Refuse a folder with other things in it that is not marked; the user's own is ours by its place.

        Raises:
            CacheError: naming one of those things.
            OSError: the folder cannot be read.
        """
        if not self.folder.exists() or self.is_marked or _is_same(self.folder, user_folder()):
            return
        foreign = _foreign(self.folder)
        if foreign and not self.is_marked:  # another run may have marked it while this one looked
            raise CacheError(
                f"{self.folder} holds other things ({foreign[0]}) and is not our cache: name a new or an "
                "empty folder"
            )

    def _adopt(self) -> None:
        """Bring what version 0.1 kept here into today's form: drawn loops; digests are taken anew."""
        loops = self.folder / LOOPS.folder
        for path, status in (*listed(self.folder), *listed(loops)):
            if is_of_01(LOOPS, path, status) and (content := content_of_01(path)) is not None:
                loops.mkdir(exist_ok=True)
                kept = loops / path.name
                write_file(kept, sealed(path.name, content))
                os.utime(kept, ns=(status.st_atime_ns, status.st_mtime_ns))
                if kept != path:
                    path.unlink(missing_ok=True)  # another run adopts it as well
        for path, status in listed(self.folder / DIGESTS.folder):
            if is_of_01(DIGESTS, path, status):
                path.unlink(missing_ok=True)

    def _entries(self, *kinds: Kind) -> Iterator[Entry]:
        """All that is ours in the folder."""
        for kind in kinds:
            for path, status in listed(self.folder / kind.folder):
                finished = kind.is_entry(path, status)
                if not finished and not kind.is_unfinished(path, status):
                    continue
                size = status.st_size
                if kind.inside is not None:
                    size = sum(file.st_size for _, file in own_files(path, kind.inside))
                yield Entry(kind, path, size, status.st_mtime_ns, finished)


def user_folder() -> Path:
    """The user's own cache folder of this program, whether it is there or not."""
    # imported where it is needed: all else here is Python's own
    import platformdirs

    folder = platformdirs.user_cache_path("traced-loops")
    # a user without a home has none, and gets no folder called "~"
    return Path(os.devnull, folder.name) if folder.parts[0].startswith("~") else folder


def temporary_folder() -> Path:
    """A folder for this run and the processes it starts, removed when the process that made it ends."""
    known = os.environ.get(_TEMPORARY)
    if known and Path(known).is_dir():
        return Path(known)
    from multiprocessing import util

    folder = Path(tempfile.mkdtemp(prefix="traced-loops-cache-"))
    os.environ[_TEMPORARY] = str(folder)
    util.Finalize(None, shutil.rmtree, (folder, True), exitpriority=-1)
    return folder


def _warn(folder: Path, error: Exception) -> None:
    """Log once in a run and the processes it starts that a temporary folder is used instead."""
    if _WARNED not in os.environ:
        os.environ[_WARNED] = "1"
        why = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        _log.log(
            NOTICE, "the cache %s cannot be written (%s): a temporary folder serves for this run", folder, why
        )


def _foreign(folder: Path) -> list[str]:
    """What in an unmarked folder did not come from us."""
    foreign, ours = [], False
    for path, status in listed(folder):
        kind = next((kind for kind in KINDS if kind.folder == path.name), None)
        if kind is not None and stat.S_ISDIR(status.st_mode):
            inside = {f"{path.name}/{each.name}": kind.owns(each, known) for each, known in listed(path)}
            foreign += [name for name, known in inside.items() if not known]
            ours = ours or any(inside.values())
        elif is_of_01(LOOPS, path, status):
            ours = True
        elif not re.fullmatch(rf"\.{TAG}\.[0-9a-f]{{8}}\.partial", path.name):
            foreign.append(path.name)
    # a damaged mark is made anew, but not another program's
    return [] if foreign == [TAG] and ours else foreign


def _is_same(one: Path, other: Path) -> bool:
    with contextlib.suppress(OSError):
        return one.resolve() == other.resolve()
    return False

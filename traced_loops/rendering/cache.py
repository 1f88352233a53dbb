"""Drawn loops, and what they say, kept by what they were made of."""

from __future__ import annotations

import contextlib
import io
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

from model_trace import files
from traced_loops.rendering.jobs import Drawn
from traced_loops.storage.addresses import Address, RemotePath

_FACTS = "facts.json"


def local_cache(folder: Address | None, size: int) -> files.Cache:
    """The cache on this machine, made ready: where ``folder`` is an address or None, the user's own.

    Raises:
        CacheError: there are other things in the folder.
    """
    return files.Cache.open(folder if isinstance(folder, Path) else None, size)


@dataclass(frozen=True)
class Cache:
    """Drawn loops in a cache on this machine, or at an address, where nothing bounds them.

    What is kept appears whole; what was altered since is not taken. A place that cannot be written only
    costs time.
    """

    place: files.Cache | RemotePath

    @classmethod
    def at(cls, folder: Address | None, size: int) -> Cache:
        """The cache in ``folder``, or else in the user's own cache folder on this machine."""
        return cls(
            folder if isinstance(folder, RemotePath) else files.Cache(folder or files.user_folder(), size)
        )

    def get(self, key: str) -> Drawn | None:
        """What was put there under ``key``, if it is still there and whole."""
        content = self.read(key)
        with contextlib.suppress(KeyError, ValueError, TypeError, zipfile.BadZipFile):  # of another version
            return None if content is None else _unpacked(content)
        return None

    def put(self, key: str, drawn: Drawn) -> None:
        """Keep ``drawn`` under ``key``, in place of what was there."""
        self.write(key, _packed(drawn))

    def read(self, key: str) -> bytes | None:
        """What was written there under ``key``, if it is still there and whole."""
        if isinstance(self.place, files.Cache):
            return self.place.read(files.LOOPS, key)
        with contextlib.suppress(OSError):
            return files.unsealed(key, (self.place / key).read_bytes())
        return None

    def write(self, key: str, content: bytes) -> None:
        """Keep ``content`` under ``key``, in place of what was there."""
        if isinstance(self.place, files.Cache):
            self.place.write(files.LOOPS, key, content)
        else:
            with contextlib.suppress(OSError):
                (self.place / key).write_bytes(files.sealed(key, content))


def _packed(drawn: Drawn) -> bytes:
    facts = {
        "frames": drawn.frames,
        "size": drawn.size,
        "beats": drawn.beats,
        "words": dict(drawn.words),
        "boxes": dict(drawn.boxes),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        # a name alone: the time of writing would make two packs of one loop differ
        pack.writestr(zipfile.ZipInfo(_FACTS), json.dumps(facts, ensure_ascii=False))
        for ending, content in drawn.files.items():
            pack.writestr(zipfile.ZipInfo(ending), content)
    return file.getvalue()


def _unpacked(content: bytes) -> Drawn:
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        facts = json.loads(pack.read(_FACTS))
        files = {name: pack.read(name) for name in pack.namelist() if name != _FACTS}
    size, beats = tuple(facts["size"]), tuple(facts["beats"])
    return Drawn(files, facts["frames"], size, beats, facts["words"], facts["boxes"])

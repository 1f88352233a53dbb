"""Drawn loops, and what they say, kept by what they were made of."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from traced_loops.rendering.jobs import Drawn
from traced_loops.storage.places import Place, Remote

_FACTS = "facts.json"
_DIGEST = hashlib.sha256().digest_size


@dataclass(frozen=True)
class Cache:
    """A folder of drawn loops; on a disk at most ``size`` bytes: what was used longest ago goes first.

    Several runs may share it and anyone may delete it or parts of it, at any time. What is kept is one file
    that appears whole; what was altered since is not taken. A folder that cannot be written only costs time.
    """

    folder: Place
    size: int

    @classmethod
    def at(cls, folder: Place | None, size: int) -> Cache:
        """The cache in ``folder``, or else in the user's own cache folder on this machine."""
        return cls(folder or platformdirs.user_cache_path("traced-loops") / "loops", size)

    def get(self, key: str) -> Drawn | None:
        """What was put there under ``key``, if it is still there and whole."""
        held = self.read(key)
        with contextlib.suppress(KeyError, ValueError, TypeError, zipfile.BadZipFile):  # of another version
            return None if held is None else _unpacked(held)
        return None

    def put(self, key: str, drawn: Drawn) -> None:
        """Keep ``drawn`` under ``key``, in place of what was there."""
        self.write(key, _packed(drawn))

    def read(self, key: str) -> bytes | None:
        """What was written there under ``key``, if it is still there and whole."""
        file = self.folder / key
        try:
            held = file.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(held[_DIGEST:]).digest() != held[:_DIGEST]:
            return None
        if isinstance(file, Path):
            with contextlib.suppress(OSError):
                file.touch()
        return held[_DIGEST:]

    def write(self, key: str, held: bytes) -> None:
        """Keep ``held`` under ``key``, in place of what was there."""
        if len(held) + _DIGEST > self.size:
            return
        held = hashlib.sha256(held).digest() + held
        with contextlib.suppress(OSError):
            if isinstance(self.folder, Remote):
                (self.folder / key).write_bytes(held)
                return
            self.folder.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, prefix=".", delete=False) as partial:
                place = Path(partial.name)
                try:
                    partial.write(held)
                    partial.close()
                    place.replace(self.folder / key)
                finally:
                    place.unlink(missing_ok=True)
            self._shrink(self.folder)

    def _shrink(self, folder: Path) -> None:
        """Delete what was used longest ago until the rest fits; a killed run's unfinished files count too."""
        files = []
        for file in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another run deletes as well
                status = file.stat()
                files.append((status.st_mtime_ns, status.st_size, file))
        held = sum(size for _, size, _ in files)
        for _, size, file in sorted(files):
            if held <= self.size:
                return
            file.unlink(missing_ok=True)
            held -= size


def _packed(drawn: Drawn) -> bytes:
    facts = {"frames": drawn.frames, "size": drawn.size, "beats": drawn.beats, "words": dict(drawn.words)}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as pack:
        # a name alone: the time of writing would make two packs of one loop differ
        pack.writestr(zipfile.ZipInfo(_FACTS), json.dumps(facts, ensure_ascii=False))
        for ending, held in drawn.files.items():
            pack.writestr(zipfile.ZipInfo(ending), held)
    return file.getvalue()


def _unpacked(held: bytes) -> Drawn:
    with zipfile.ZipFile(io.BytesIO(held)) as pack:
        facts = json.loads(pack.read(_FACTS))
        files = {name: pack.read(name) for name in pack.namelist() if name != _FACTS}
    return Drawn(files, facts["frames"], tuple(facts["size"]), tuple(facts["beats"]), facts["words"])

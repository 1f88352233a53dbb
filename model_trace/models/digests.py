"""SHA-256 of files, remembered on disk: weights are large, and every start needs their digest."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from model_trace.files import DIGESTS, Cache, user_folder

SETTLED_NANOSECONDS = 2 * 10**9


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hex; read anew each time."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def remembered_sha256(path: Path) -> str:
    """``file_sha256``, read anew only when the file's path, size, place on disk, or times differ.

    Among the times is that of the last change of any kind, which no program can set: a file altered with
    its size and its own time kept is read anew. So is one that changed within the last seconds, since a
    second change could bear the same time.
    """
    real = path.resolve()
    status = real.stat()
    key = f"{real}\n{status.st_size}\n{status.st_mtime_ns}\n{status.st_ctime_ns}\n{status.st_ino}"
    note = hashlib.sha256(key.encode()).hexdigest()
    notes = Cache(user_folder())
    known = notes.read(DIGESTS, note)
    if known is not None:
        return known.decode()
    digest = file_sha256(real)
    if abs(time.time_ns() - max(status.st_mtime_ns, status.st_ctime_ns)) < SETTLED_NANOSECONDS:
        return digest
    notes.write(DIGESTS, note, digest.encode())
    return digest


def files_sha256(paths: list[Path]) -> str:
    """One digest for several files: a single file's own, else that of the lines ``name sha256``."""
    if len(paths) == 1:
        return remembered_sha256(paths[0])
    lines = "".join(f"{path.name} {remembered_sha256(path)}\n" for path in sorted(paths))
    return hashlib.sha256(lines.encode()).hexdigest()

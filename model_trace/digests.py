"""SHA-256 of files, remembered on disk: weights are large, and every start asks who they are."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Where converted models and remembered digests live, in the user's own cache."""
    return platformdirs.user_cache_path("traced-loops")


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file's content, in hex; read anew each time."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def remembered_sha256(path: Path) -> str:
    """``file_sha256``, read anew only when the file's path, size, or time of change differ.

    A file altered with its size and time kept would go unnoticed here; ``verify`` still notices that
    the numbers are not those of the trace.
    """
    real = path.resolve()
    status = real.stat()
    key = f"{real}\n{status.st_size}\n{status.st_mtime_ns}\n{status.st_ino}"
    note = cache_folder() / "digests" / hashlib.sha256(key.encode()).hexdigest()
    with contextlib.suppress(OSError):
        known = note.read_text()
        if len(known) == 64:
            return known
    digest = file_sha256(real)
    # An unwritable cache only costs time.
    with contextlib.suppress(OSError):
        note.parent.mkdir(parents=True, exist_ok=True)
        partial = note.with_name(f"{note.name}.{os.getpid()}.partial")
        partial.write_text(digest)
        partial.replace(note)
    return digest


def files_sha256(paths: list[Path]) -> str:
    """One digest for several files: a single file's own, else that of the lines ``name sha256``."""
    if len(paths) == 1:
        return remembered_sha256(paths[0])
    lines = "".join(f"{path.name} {remembered_sha256(path)}\n" for path in sorted(paths))
    return hashlib.sha256(lines.encode()).hexdigest()

"""The entries of a cache, recognised by the names and the form that we give them.

Links are never followed, and of a folder of ours only the files that we put there are counted or removed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

# What starts an entry that is a file; the digest of its key and content follows, then the content.
_ENTRY = b"traced-loops cache entry 1\n"
_DIGEST_BYTES = hashlib.sha256().digest_size


def sealed(key: str, content: bytes) -> bytes:
    """The content as a cache keeps it: ``unsealed`` with the same key gives it back."""
    return _ENTRY + hashlib.sha256(key.encode() + content).digest() + content


def unsealed(key: str, kept: bytes) -> bytes | None:
    """The content that was sealed with the key, None if it was altered, cut or sealed with another."""
    start = len(_ENTRY) + _DIGEST_BYTES
    content = kept[start:]
    return content if kept[:start] == sealed(key, content)[:start] else None


@dataclass(frozen=True)
class Kind:
    """One kind of thing that a cache keeps, in a folder of its own, known by the name and form we give it.

    An entry is a plain file that begins with one of ``starts``, or where ``inside`` is given a folder, of
    whose files those count that have such names. ``bounded``: it counts for the cache's size.
    """

    folder: str
    name: str
    starts: tuple[bytes, ...] = (_ENTRY,)
    inside: str | None = None
    bounded: bool = True

    def is_entry(self, path: Path, status: os.stat_result) -> bool:
        """Whether what lies at ``path`` in the kind's folder is a finished entry of ours."""
        if not re.fullmatch(self.name, path.name):
            return False
        if self.inside is not None:
            return stat.S_ISDIR(status.st_mode)
        return stat.S_ISREG(status.st_mode) and _starts_with(path, self.starts)

    def is_unfinished(self, path: Path, status: os.stat_result) -> bool:
        """Whether it is what an interrupted run left of an entry."""
        is_kind = stat.S_ISREG if self.inside is None else stat.S_ISDIR
        pattern = rf"\.?(?:{self.name})\.[a-z0-9_]{{8}}\.partial(?:\.replaced|\.damaged\.partial)?"
        return is_kind(status.st_mode) and re.fullmatch(pattern, path.name) is not None

    def owns(self, path: Path, status: os.stat_result) -> bool:
        """Whether it came from us, finished or not, from this version or from 0.1."""
        return self.is_entry(path, status) or self.is_unfinished(path, status) or is_of_01(self, path, status)


_KEY = "[0-9a-f]{64}"
LOOPS = Kind("loops", _KEY)
DIGESTS = Kind("digests", _KEY)
RECORDINGS = Kind("recordings", rf"{_KEY}\.trace", inside=r"trace\.json|tensors-\d{3,}\.safetensors")
MODELS = Kind(
    "models",
    r"[0-9a-f]{16}-\d+",
    inside=r"(?:conversion|config|generation_config|tokenizer|tokenizer_config|special_tokens_map|vocab)\.json"
    r"|model\.safetensors|chat_template\.jinja|merges\.txt|[\w.-]+\.gguf",
    bounded=False,
)
# Version 0.1 kept a configuration of fonts, and had fontconfig keep its findings beside it.
_FONTS = Kind(
    "fonts",
    r"fonts-[0-9a-f]{16}\.conf|[0-9a-f]{32}-[\w.-]+\.cache-\d+",
    (b'<?xml version="1.0"?><!DOCTYPE fontconfig', b"\x04\xfc\x02\xfc", b"\xfc\x02\xfc\x04"),
    bounded=False,
)
KINDS = (RECORDINGS, LOOPS, DIGESTS, MODELS, _FONTS)


@dataclass(frozen=True)
class Entry:
    """Something of ours in a cache: what kind it is, how large, and when it was last used."""

    kind: Kind
    path: Path
    size: int
    used: int
    finished: bool

    def remove(self) -> None:
        """Remove it, and nothing else: a file of another's inside its folder stays there."""
        with contextlib.suppress(OSError):  # another run removes as well
            if self.kind.inside is None:
                self.path.unlink(missing_ok=True)
                return
            for file, _ in own_files(self.path, self.kind.inside):
                file.unlink(missing_ok=True)
            self.path.rmdir()


def is_of_01(kind: Kind, path: Path, status: os.stat_result) -> bool:
    """Whether version 0.1 kept this file: a digest, or a drawn loop after its own digest."""
    if kind not in (LOOPS, DIGESTS) or not re.fullmatch(_KEY, path.name) or not stat.S_ISREG(status.st_mode):
        return False
    if kind == DIGESTS:
        return status.st_size == 64 and re.fullmatch(_KEY, path.read_text("ascii", "replace")) is not None
    return content_of_01(path) is not None


def content_of_01(path: Path) -> bytes | None:
    """What version 0.1 kept in such a file, None if that was altered."""
    kept = path.read_bytes()
    content = kept[_DIGEST_BYTES:]
    return content if hashlib.sha256(content).digest() == kept[:_DIGEST_BYTES] else None


def listed(folder: Path) -> list[tuple[Path, os.stat_result]]:
    """What lies in the folder, by name; nothing where it is a link, which is not followed."""
    found: list[tuple[Path, os.stat_result]] = []
    if folder.is_symlink() or not folder.is_dir():
        return found
    with contextlib.suppress(FileNotFoundError):  # another run removes the folder
        for path in sorted(folder.iterdir()):
            with contextlib.suppress(FileNotFoundError):  # or a part of it
                found.append((path, path.lstat()))
    return found


def own_files(folder: Path, names: str) -> list[tuple[Path, os.stat_result]]:
    """The plain files in the folder that have such names."""
    return [
        (path, status)
        for path, status in listed(folder)
        if stat.S_ISREG(status.st_mode) and re.fullmatch(names, path.name)
    ]


def _starts_with(path: Path, starts: tuple[bytes, ...]) -> bool:
    with contextlib.suppress(OSError), path.open("rb") as stream:
        return stream.read(max(map(len, starts))).startswith(starts)
    return False

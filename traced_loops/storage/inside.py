"""Names in a folder that may come from anybody: what they lead to lies in the folder itself."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from traced_loops.storage.addresses import Address, OutputError, RemotePath


def read_inside(folder: Address, name: str, limit: int) -> bytes:
    """What a file of the folder holds, whatever the folder's writer made of its name.

    Raises:
        OutputError: it is no plain file, leads out of the folder, or holds more than ``limit`` bytes.
        OSError: it is not there, or cannot be read.
    """
    file = folder / name
    if isinstance(file, RemotePath):
        return file.read_bytes()
    assert isinstance(folder, Path)
    if not is_inside(folder, name):
        raise OutputError(f"{file} is not a plain file of its folder: move it away")
    with file.open("rb") as stream:
        content = stream.read(limit + 1)
    if len(content) > limit:
        raise OutputError(f"{file} is larger than {limit} bytes: move it away")
    return content


def is_inside(folder: Path, name: str) -> bool:
    """Whether ``name`` is a plain file of the folder, or a link to one.

    Raises:
        OSError: there is none.
    """
    where = Path(os.path.realpath(folder / name, strict=True))
    return where.is_relative_to(os.path.realpath(folder)) and stat.S_ISREG(where.stat().st_mode)


def check_inside(folder: Path, inner: Path) -> None:
    """See that ``inner``, if it is there, is a folder inside ``folder`` and no link that leads out of it.

    Raises:
        OutputError: it is not.
    """
    if not Path(os.path.realpath(inner)).is_relative_to(os.path.realpath(folder)):
        raise OutputError(f"{inner} leads out of {folder}: move it away")

"""Read a file that a user named: regular files alone, of a bounded size, as UTF-8."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from model_trace.errors import UserError

MAX_BYTES = 64 * 2**20


class UserFileError(UserError):
    """A file that the user named cannot be used; a line for each mistake in it."""

    many_lines = True


def read_user_file(path: Path, limit: int = MAX_BYTES) -> str:
    """Return the file's text: UTF-8 with or without a byte order mark, every line end as ``"\\n"``.

    Raises:
        UserFileError: the file is missing, not a regular file, larger than ``limit`` bytes, or not UTF-8.
    """
    raw = read_user_bytes(path, limit)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserFileError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    if "\0" in text:
        # UTF-16 without a mark often is valid UTF-8, with a zero beside each letter.
        raise UserFileError(f"{path} is not a text in UTF-8 (it holds zero bytes): save it as UTF-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def read_user_bytes(path: Path, limit: int = MAX_BYTES) -> bytes:
    """Return the file's content.

    Raises:
        UserFileError: the file is missing, not a regular file, or larger than ``limit`` bytes.
    """
    try:
        check_regular(path)
        # Without blocking, should it have become a pipe since.
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with os.fdopen(descriptor, "rb") as file:
            raw = file.read(limit + 1)
    except UserFileError:
        raise
    except (OSError, ValueError) as error:
        # A name with a zero byte in it is a ValueError.
        raise UserFileError(
            f"{path} cannot be read ({getattr(error, 'strerror', None) or error}): check the path"
        ) from error
    if len(raw) > limit:
        raise UserFileError(f"{path} is larger than {limit // 2**20 or 1} MB: name a smaller file")
    return raw


def check_regular(path: Path) -> None:
    """Refuse what is not a regular file (links to one are), without opening it.

    Opening a pipe waits for whoever writes to it, and reading a device may never end.

    Raises:
        UserFileError: it is something else.
        OSError: nothing is there.
    """
    mode = Path(path).stat().st_mode
    if stat.S_ISREG(mode):
        return
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket"}
    raise UserFileError(f"{path} is {kinds.get(stat.S_IFMT(mode), 'a device')}, not a file: name a file")

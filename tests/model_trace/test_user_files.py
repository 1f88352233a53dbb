"""Files that a user names: each kind of them is read alike, or refused in one line."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from model_trace.learning.pairs import read_pairs
from model_trace.trace import TraceError
from model_trace.user_files import UserFileError, read_user_file
from traced_loops.jobs.texts import read_texts


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_marks_and_line_ends_change_nothing(tmp_path: Path, mark: bytes, end: bytes) -> None:
    (tmp_path / "x.txt").write_bytes(mark + "über".encode() + end + b"two" + end)
    assert read_user_file(tmp_path / "x.txt") == "über\ntwo\n"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "cp1252", "latin-1"])
def test_other_encodings_are_refused_by_name(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "x.txt").write_bytes("Zürich, two".encode(encoding))
    with pytest.raises(UserFileError, match=r"x\.txt is not .*UTF-8.*: save it as UTF-8"):
        read_user_file(tmp_path / "x.txt")


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "pipe")
    begun = time.monotonic()
    for path, words in {
        tmp_path / "pipe": "is a pipe",
        tmp_path / "link": "is a pipe",
        Path("/dev/zero"): "is a device",
        tmp_path: "is a folder",
        tmp_path / "none": "No such file",
        Path("a\0b"): "null",
    }.items():
        with pytest.raises(UserFileError, match=words):
            read_user_file(path)
        with pytest.raises(TraceError, match=words):
            read_pairs(path)
        with pytest.raises(UserFileError, match=words):
            read_texts(path)
    assert time.monotonic() - begun < 1


def test_a_link_to_a_file_is_followed(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("one")
    (tmp_path / "link").symlink_to(tmp_path / "x.txt")
    assert read_user_file(tmp_path / "link") == "one"


def test_size_is_bounded(tmp_path: Path) -> None:
    (tmp_path / "x.txt").touch()
    os.truncate(tmp_path / "x.txt", 2**40)
    with pytest.raises(UserFileError, match="is larger than 64 MB"):
        read_user_file(tmp_path / "x.txt")


def test_texts_nested_without_end(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("x = " + "[" * 10**5)
    with pytest.raises(UserFileError, match="cannot be read"):
        read_texts(tmp_path / "x.toml")

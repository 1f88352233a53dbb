"""Paths and addresses as users type them: on the command line, in texts and in tables."""

from __future__ import annotations

from pathlib import Path

import pytest

from model_trace.user_files import UserFileError
from tests.command import run
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.rows import read_rows
from traced_loops.jobs.texts import read_texts
from traced_loops.storage.addresses import PathError, RemotePath, typed_address, typed_path


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("~/x", "/home/ada/x"),
        ("~", "/home/ada"),
        ("a/~/x", "a/~/x"),
        ("./~x", "~x"),
        ("~nobody-of-this-name/x", "~nobody-of-this-name/x"),
        ("a b%20c", "a b%20c"),
        ("file:///a%20b/%C3%A9~", "/a b/é~"),
        ("FILE://localhost/a", "/a"),
        ("file:/a", "/a"),
        ("file:///%FF", "/\udcff"),
    ],
)
def test_a_path_is_what_its_writer_means(text: str, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert typed_path(text) == Path(path)
    assert typed_address(text) == Path(path)


@pytest.mark.parametrize(
    "text", ["", " ", "\t\n", "file://", "file://../x", "file://x", "file://~/x", "file://host/x", "a\0b",
             "file:///a%00b"],
)  # fmt: skip
def test_what_names_no_path_is_refused_in_one_line(text: str) -> None:
    for read in (typed_path, typed_address):
        with pytest.raises(PathError) as refused:
            read(text)
        assert "\n" not in str(refused.value)


def test_an_address_is_kept_whole_and_is_no_path() -> None:
    assert typed_address("s3://bucket/~/a%20b") == RemotePath("s3://bucket/~/a%20b")
    with pytest.raises(PathError, match="s3://bucket"):
        typed_path("s3://bucket/x")


@pytest.mark.parametrize(
    "arguments",
    [
        ("videos", "1", "-o", ""),
        ("all", "--output=file://../x"),
        ("videos", "1", "--cache", ""),
        ("videos", "1", "--trace", ""),
        ("trace", "1", "--trace", ""),
        ("videos", "10", "--pairs", ""),
        ("all", "--texts", " "),
        ("page", "-o", ""),
        ("page", "-o", "s3://bucket/loops"),
        ("verify", ""),
        ("batch", ""),
        ("batch", "a.csv", "-o", ""),
    ],
)
def test_a_command_refuses_it_and_writes_nothing(arguments: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1, done.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("page", "--output=~/loops"), "{home}/loops has no manifest.json"),
        (("videos", "1", "--trace=~/be.trace"), "{home}/be.trace"),
        (("videos", "10", "--pairs=~/words.tsv"), "{home}/words.tsv"),
        (("videos", "1", "--texts=~/mine.toml"), "{home}/mine.toml"),
        (("verify", "~/be.trace"), "{home}/be.trace"),
        (("batch", "~/rows.csv"), "{home}/rows.csv"),
        (("videos", "1", "--prompt", "a", "--model=~nobody-of-this-name/x"), "~nobody-of-this-name/x"),
        (("page", "--output=file:///no%20where"), "/no where has no manifest.json"),
    ],
)
def test_a_command_looks_in_the_home_folder(arguments: tuple[str, ...], says: str, tmp_path: Path) -> None:
    done = run(*arguments, cwd=tmp_path, HOME=str(tmp_path / "home"), PYTHONUSERBASE="/nowhere")
    assert done.returncode == 2, done.stderr
    assert says.format(home=tmp_path / "home") in done.stderr


def test_texts_and_tables_know_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    words = "\n".join(f"w{place}\tm{place}\ttraining" for place in range(20))
    (home / "words.tsv").write_text(words, encoding="utf-8")
    (tmp_path / "mine.toml").write_text('[10]\npairs = "~/words.tsv"\n')
    assert read_texts(tmp_path / "mine.toml")["10"].pairs == home / "words.tsv"
    (tmp_path / "mine.toml").write_text('[10]\npairs = ""\n')
    with pytest.raises(UserFileError, match=r"loop 10, pairs: the path is empty"):
        read_texts(tmp_path / "mine.toml")
    table = tmp_path / "rows.jsonl"
    table.write_text('{"loops": 9, "description": "a", "pairs": "~/none.tsv"}\n')
    with pytest.raises(UserFileError, match=str(home / "none.tsv")):
        read_rows(table, RecordingOptions(), DrawingOptions())
    table.write_text('{"loops": 9, "description": "a", "pairs": ""}\n')
    with pytest.raises(UserFileError, match="row 1, pairs '': the path is empty"):
        read_rows(table, RecordingOptions(), DrawingOptions())

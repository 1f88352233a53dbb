"""What version 0.1 wrote goes on working: recordings, an output folder with its page, and a cache."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from model_trace.files import Cache
from model_trace.store import store
from tests.command import DRAFT, make
from tests.folders import held

WRITTEN = Path(__file__).parent / "from_0_1"
MODEL = WRITTEN / "model" / "tiny-robot"
STEM = "04-gpt3-generate-tokens-output"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the output folder: loop 04 and its page."""
    return Path(shutil.copytree(WRITTEN / "output", tmp_path / "output"))


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the cache as the user's own, with a file of the user's in it and one in a folder of ours."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    cache = Path(shutil.copytree(WRITTEN / "cache" / "traced-loops", tmp_path / "home" / "traced-loops"))
    (cache / "mine.txt").write_text("mine")
    (cache / "loops" / "mine.txt").write_text("mine")
    return cache


def test_a_recording_is_opened_with_all_its_values() -> None:
    trace = store.open_checked(WRITTEN / "text.trace")
    assert trace.model.name == "tiny-robot"
    assert [token.text for token in trace.tokens[:3]] == ["The", " qu", "ick"]
    assert trace.values("generation/resid_post").shape == (3, 10, 32)


@pytest.mark.parametrize("name", ["text.trace", "training.trace"])
def test_a_recording_is_verified_against_its_model(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    make("verify", WRITTEN / name, "--model", MODEL)
    said = capsys.readouterr().out
    assert "all as recorded" in said and "FAIL" not in said


def test_loops_are_drawn_from_recordings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    for name, number in (("text.trace", "6"), ("training.trace", "3")):
        make("videos", number, "--trace", WRITTEN / name, *DRAFT, "--output", tmp_path)
    drawn = {path.suffix for path in tmp_path.glob("0*")}
    assert drawn == {".webm", ".webp", ".png", ".json", ".vtt"}
    assert len(list(tmp_path.glob("*.webm"))) == 2


def test_an_output_folder_is_gone_on_with(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its page is written anew and a loop is added, without --force: its files are known as ours."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    (folder / "mine.txt").write_text("mine")
    before = held(folder)
    make("page", "--output", folder)
    assert {name for name in before if held(folder)[name] != before[name]} <= {
        "manifest.json", "index.html", "loops.css", "loops.js",
    }  # fmt: skip
    assert f"{STEM}.webm" in (folder / "index.html").read_text(encoding="utf-8")
    listing = json.loads((folder / "manifest.json").read_bytes())
    assert listing["schema_version"] == 2
    assert before.keys() - listing["files"].keys() == {"manifest.json", "mine.txt"}

    draw = ("videos", "4", "6", "--trace", WRITTEN / "text.trace", *DRAFT, "--output", folder)
    make(*draw)
    make("page", "--output", folder)
    page = (folder / "index.html").read_text(encoding="utf-8")
    assert f"{STEM}.webm" in page and "06-gpt3-embedding.webm" in page
    assert (folder / "mine.txt").read_text() == "mine"
    capsys.readouterr()
    make(*draw)
    assert capsys.readouterr().out.startswith(f"{folder}: 2 loops, 2 already there")


def test_a_changed_file_of_an_output_folder_is_the_users(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from traced_loops.cli import main

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    (folder / f"{STEM}.png").write_bytes(b"my own picture")
    before = held(folder)
    draw = ("videos", "4", "--trace", WRITTEN / "text.trace", *DRAFT, "--output", folder)
    assert main.run([str(argument) for argument in draw]) == 2
    assert held(folder) == before


def test_a_cache_is_taken_over_and_nothing_of_the_users_removed(
    cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loops = {path.name: path.read_bytes()[32:] for path in (WRITTEN / "cache/traced-loops/loops").iterdir()}
    make("cache")
    said = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()[1:])
    assert said["recordings"] != "0.0 MB" and said["loops"] != "0.0 MB"
    from model_trace.files import LOOPS, RECORDINGS

    opened = Cache.open()
    assert {key: opened.read(LOOPS, key) for key in loops} == loops
    for recording in (WRITTEN / "cache/traced-loops/recordings").iterdir():
        (found,) = opened.find(RECORDINGS, recording.name)
        store.open_checked(found)

    make("cache", "--clear")
    left = held(cache)
    assert left.keys() == {"CACHEDIR.TAG", "mine.txt", "loops/mine.txt"}
    assert left["mine.txt"] == left["loops/mine.txt"] == b"mine"

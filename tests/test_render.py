"""The command line as a user meets it: a process, its words, its exit code, its files."""

from __future__ import annotations

from pathlib import Path

import av
import imageio.v3 as iio
import pytest

from model_trace.store.store import open_trace
from scenes.catalogue import LOOPS
from tests.command import DRAFT, run
from tests.loops import frames


def test_a_recording_is_kept_verified_and_drawn_without_its_model(tmp_path: Path) -> None:
    kept = tmp_path / "kept.trace"
    done = run("trace", "7", "9", "--prompt", "One two", "--max-new-tokens", "2", "--trace", kept)
    assert done.returncode == 0, done.stderr
    assert "code.trace" in done.stdout
    assert [token.role for token in open_trace(kept).tokens[-2:]] == ["generated"] * 2
    assert run("trace", "7", "--prompt", "One two", "--trace", kept).returncode == 2

    checked = run("verify", kept)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert " generation/resid_post" in checked.stdout
    assert "code.trace/unhooked/resid_pre" in checked.stdout

    # a home without a model and a home for the cache without a recording: only the trace is there
    empty = tmp_path / "empty"
    drawn = run(
        "videos",
        "7",
        "9",
        "10",
        "--trace",
        kept,
        "--output",
        tmp_path / "out",
        *DRAFT,
        XDG_CACHE_HOME=str(empty),
    )
    assert drawn.returncode == 0, drawn.stderr
    assert "not in this recording: 10" in drawn.stdout
    assert not list(empty.rglob("*.safetensors"))
    none = run("videos", "3", "--trace", kept, "--output", tmp_path / "out")
    assert none.returncode == 2
    assert "records none" in none.stderr
    for stem in ("07-gpt3-processing-transformer-blocks", "09-gpt3-generating-react-code-example"):
        assert frames(tmp_path / "out" / f"{stem}.webm")


def test_german_loops_in_two_themes_lie_in_two_folders_and_share_a_page(tmp_path: Path) -> None:
    themes = ("--theme", "light", "dark")
    done = run("videos", "1", *themes, "--language", "de", "--prompt", "One", "--output", tmp_path, *DRAFT)
    assert done.returncode == 0, done.stderr
    stem = "01-gpt3-language-model-overview"
    with av.open(str(tmp_path / f"{stem}.webm")) as video:
        title = video.metadata["title"]
    assert title == "Ein trainiertes Sprachmodell macht aus einem Prompt Text."
    light, dark = iio.imread(tmp_path / f"{stem}.png"), iio.imread(tmp_path / "dark" / f"{stem}.png")
    assert light[0, 0].min() > 250
    assert dark[0, 0].max() < 40
    assert run("page", "--output", tmp_path).returncode == 0
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert f"dark/{stem}.webm" in page


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--prompt", ""), "prompt"),
        (("--prompt", " \n\t"), "prompt"),
        (("--prompt", "a\udcff"), "prompt is not Unicode"),
        (("videos", "1", "--prompt", "word " * 8300), "context window is 8192"),
        (("--prompt", "a", "--completion", "b\udcff"), "completion is not Unicode"),
        (("videos", "9", "--description", "\udcc3"), "description is not Unicode"),
        (("videos", "13"), "no loop 13"),
        (("--quality", "x"), '"x" for --quality'),
        (("--language", "tlh"), "--language tlh"),
        (("--theme", "neon"), '"neon" for --theme'),
        (("--also", "webp,avi"), '"avi" for --also'),
        (("--theme", "transparent", "--also", "mp4"), "--also mp4"),
        (("--codec", "theora"), '"theora" for --codec'),
        (("--theme", "transparent", "--codec", "av1"), "--codec av1"),
        (("--theme", "light", "neon", "--prompt", "a"), '"neon" for --theme'),
        (("page", "--output", "{tmp}/nowhere"), "no manifest.json"),
        (("--completion", "alone"), "--prompt"),
        (("--trace", "nowhere.trace"), "nowhere.trace"),
        (("verify", "nowhere.trace"), "nowhere.trace"),
        (("trace", "1", "4", "--trace", "{tmp}/out"), "different texts"),
        (("figures", "--trace", "nowhere.trace", "--seed", "1"), "--trace"),
        (("--prompt", "a", "--model", "./nowhere"), "nowhere"),
        (("--prompt", "a", "--top-p", "0"), "top"),
        (("--nonsense",), "--nonsense"),
        (("figures", "f02"), '"f02" is more than figures takes: see'),
        (("--subject", "me"), '"me" for --subject'),
        (("--texts", "nowhere.toml"), "nowhere.toml"),
        (("videos", "9", "--description", " "), "description"),
        (("videos", "10", "--pairs", "nowhere.tsv"), "nowhere.tsv"),
    ],
)
def test_a_mistake_is_one_line_and_writes_nothing(
    arguments: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    place = () if arguments[0] in ("verify", "trace", "page") else ("--output", str(tmp_path / "out"))
    done = run(*(argument.format(tmp=tmp_path) for argument in arguments), *place)
    assert done.returncode == 2, done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1, done.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.full
def test_the_articles_loops_are_small_enough_for_a_page(tmp_path: Path) -> None:
    done = run("--output", tmp_path)
    assert done.returncode == 0, done.stderr
    sizes = {entry.number: (tmp_path / f"{entry.stem}.webm").stat().st_size for entry in LOOPS}
    assert max(sizes.values()) <= 900_000, sizes
    assert sum(sizes.values()) <= 6_000_000, sizes


def test_every_command_helps_with_an_example() -> None:
    for command in ("all", "videos", "figures", "page", "trace", "verify", "list"):
        done = run(command, "--help")
        assert done.returncode == 0
        assert "Example: python render.py" in done.stdout

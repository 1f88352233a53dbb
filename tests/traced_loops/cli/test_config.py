"""Options from variables and files: which overrides which, and what a folder's own file may not decide."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.command import run
from traced_loops.cli import main


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main.run(["figures", *arguments]) == 2
    return capsys.readouterr().err


def test_each_place_overrides_those_below_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("traced-loops.toml").write_text("fps = 304\n")
    Path("mine.toml").write_text("fps = 303\n")
    assert "--fps 304:" in said(capsys)
    assert "--fps 303:" in said(capsys, "--config", "mine.toml")
    monkeypatch.setenv("TRACED_LOOPS_FPS", "302")
    assert "--fps 302:" in said(capsys, "--config", "mine.toml")
    assert "--fps 301:" in said(capsys, "--config", "mine.toml", "--fps", "301")


@pytest.mark.parametrize("key", ["model", "output", "cache", "cluster", "force", "trace"])
def test_the_file_of_a_folder_does_not_decide_what_is_run_and_replaced(
    key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("traced-loops.toml").write_text(f'{key} = "x"\n')
    message = said(capsys)
    assert message.startswith(f"error: traced-loops.toml of this folder may not set {key}: type --{key}")
    assert len(message.splitlines()) == 1


def test_a_file_that_is_named_decides_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("a").write_text("a file")
    Path("mine.toml").write_text('output = "a"\n')
    assert "cannot write to a" in said(capsys, "--config", "mine.toml", "--prompt", "One")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('qualty = "l"', "there is no option 'qualty'; did you mean 'quality'?"),
        ('zzz = "l"', "there is no option 'zzz'; traced-loops all --help lists them"),
        ('theme = ["light", "neon"]', 'invalid value "neon" for --theme from mine.toml.'),
        ('fps = "many"', "for --fps from mine.toml"),
        ("theme = { a = 1 }", "mine.toml: theme is no text, number or list of them"),
        ("theme = ", "mine.toml is not TOML"),
        ("#" * (2**20 + 1), "mine.toml is larger than 1 MB"),
    ],
)
def test_a_mistake_in_a_file_names_the_file(text: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text(text)
    message = said(capsys, "--config", "mine.toml")
    assert says in message
    assert len(message.splitlines()) == 1


def test_a_file_that_is_not_there_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert "nowhere.toml cannot be read" in said(capsys, "--config", "nowhere.toml")


def test_options_of_another_command_are_fine_and_lists_are_lists(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text(
        'retry_failed = true\nhost = "hugo"\ntheme = ["light", "dark"]\nalso = "webp gif"\nfps = 0\n'
    )
    message = said(capsys, "--config", "mine.toml", "--verbose")
    assert "--theme from mine.toml\n" in message
    assert "--host" not in message
    assert message.endswith("error: --fps 0: type a whole number from 1 to 120\n")


def test_a_text_that_is_typed_replaces_the_one_in_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("mine.toml").write_text('prompt = "One"\ncompletion = " two"\nseed = 3\n')
    message = said(capsys, "--config", "mine.toml", "--trace", "nowhere.trace")
    assert "nowhere.trace" in message and "leave out" not in message
    message = said(capsys, "--config", "mine.toml", "--texts", "nowhere.toml")
    assert "nowhere.toml" in message and "leave out" not in message


def test_variables_that_are_no_options_are_left_alone(tmp_path: Path) -> None:
    done = run(
        "figures", "--fps", "0", cwd=tmp_path,
        TRACED_LOOPS_TEMPORARY=str(tmp_path), TRACED_LOOPS_TEMPORARY_TOLD="1", TRACED_LOOPS_THEMES="neon",
    )  # fmt: skip
    assert done.stderr == "error: --fps 0: type a whole number from 1 to 120\n"
    assert "neon" in run("figures", cwd=tmp_path, TRACED_LOOPS_THEME="light neon").stderr

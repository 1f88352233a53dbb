"""The command as people meet it: its help, its name, what it prints and what it leaves alone."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.command import DRAFT, ROOT, run
from traced_loops.cli import commands, main

PANELS = {"Arguments", "Text", "Model", "Looks", "Files", "Speed"}
NAMES = [name for name in commands.app if not name.startswith("-")]
KEPT = ROOT / "tests" / "from_0_1" / "text.trace"


def installed(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as it is when it was installed."""
    return subprocess.run(
        [sys.executable, "-m", "traced_loops", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, timeout=300,
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "HOME": str(cwd), **environment},
    )  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_option_stands_in_a_panel(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run([name, "--help"]) == 0
    told = capsys.readouterr().out
    assert set(re.findall(r"^╭─ (\w+)", told, re.MULTILINE)) <= PANELS
    assert f"Example: traced-loops {name}" in told
    for argument in commands.app[name].assemble_argument_collection():
        if argument.name.startswith("--") and not argument.children:
            assert f"{argument.name} " in told


def test_choices_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["videos", "--help"]) == 0
    told = " ".join(capsys.readouterr().out.replace("│", " ").split())
    for choices in ("light, dark, transparent", "gpt3, model", "l, m, h, p, k", "mp4, webp, gif"):
        assert f"[choices: {choices}]" in told


def test_its_name_is_what_one_types(tmp_path: Path) -> None:
    assert "Usage: python render.py videos" in (told := run("videos", "--help").stdout)
    assert "Example: python render.py videos 04 07" in told
    assert "Usage: traced-loops videos" in installed("videos", "--help", cwd=tmp_path).stdout


def test_nothing_means_help_and_options_alone_mean_all(tmp_path: Path) -> None:
    assert installed(cwd=tmp_path).stdout.startswith("Usage: traced-loops COMMAND")
    assert (
        installed("--fps", "0", cwd=tmp_path).stderr == "error: --fps 0: type a whole number from 1 to 120\n"
    )
    assert not list(tmp_path.iterdir())


def test_the_version_is_the_installed_one() -> None:
    assert run("--version").stdout.strip() == version("traced-loops")


def test_a_slip_of_the_pen_is_met_with_what_was_meant(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["figurs"]) == 2
    assert 'Did you mean "figures"?' in capsys.readouterr().err
    assert main.run(["figures", "--themes", "dark"]) == 2
    assert "Did you mean --theme?" in capsys.readouterr().err


def test_completion_is_installed_for_the_shell(tmp_path: Path) -> None:
    done = installed("--install-completion", "--shell", "bash", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    script = (tmp_path / ".local/share/bash-completion/completions/traced-loops").read_text(encoding="utf-8")
    assert "transparent" in script and "--max-new-tokens" in script


def test_show_needs_neither_torch_nor_manim(tmp_path: Path) -> None:
    check = (
        f"import sys; sys.argv = ['traced-loops', 'show', {str(KEPT)!r}]\n"
        "from traced_loops.cli import main\n"
        "try:\n    main.main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "assert not {'torch', 'manim', 'transformers'} & set(sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    for words in ("'The quick'", "tiny-robot, 3 layers", "01 04 05 06 07 08 f01", "[3, 10, 32]", " MB"):
        assert words in done.stdout
    assert run("show", tmp_path).returncode == 2


def test_values_prints_what_each_is_and_where_it_was_recorded(tmp_path: Path) -> None:
    name = "04-gpt3-generate-tokens-output"
    for file in (ROOT / "tests" / "from_0_1" / "output").glob(f"{name}.*"):
        shutil.copy(file, tmp_path)
    told = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
    for value in told["values"]:
        value["said"] = f"what stands at {value['path']} \x1b[31m"
    (tmp_path / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")
    done = run("values", tmp_path / f"{name}.json")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2 * len(told["values"])
    assert lines[::2] == [
        f"what stands at {value['path']} \N{REPLACEMENT CHARACTER}[31m" for value in told["values"]
    ]
    number = next(place for place, value in enumerate(told["values"]) if value["form"] == "percent")
    raw, source = lines[2 * number + 1].split(maxsplit=1)
    assert float(raw) == told["values"][number]["value"]
    assert source == "generation/top_probabilities[2, 0]"
    saved = shutil.copy(tmp_path / f"{name}.json", tmp_path / "saved (1).json")
    assert run("values", saved).stdout == done.stdout, "by whatever name it was saved"
    for wrong in (tmp_path / "none.json", tmp_path / f"{name}.webm", tmp_path):
        done = run("values", wrong)
        assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1)
        assert done.stderr.endswith(": give the .json that lies beside a loop\n")


def test_a_dry_run_tells_and_leaves_alone(tmp_path: Path) -> None:
    told = run(
        "all", "--prompt", "One", "--dry-run", "-o", tmp_path / "out", cwd=tmp_path,
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )  # fmt: skip
    assert told.returncode == 0, told.stderr
    assert "record  'One', for 01 04 05 06 07 08 f01\n" in told.stdout
    assert f"draw    {tmp_path}/out/07-gpt3-processing-transformer-blocks.webm\n" in told.stdout
    # digests of files that were read are remembered, nothing else
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]
    assert {path.name for path in (tmp_path / "cache").glob("*/*")} == {"CACHEDIR.TAG", "digests"}
    assert run("all", "--dry-run", "--fps", "0").returncode == 2


def test_what_is_drawn_is_kept_says_a_dry_run_and_quiet_says_nothing(tmp_path: Path) -> None:
    shutil.copytree(KEPT, tmp_path / "kept.trace")
    draw = ("videos", "f01", "--trace", tmp_path / "kept.trace", "-o", tmp_path / "out", *DRAFT)
    quiet = run(*draw, "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")
    assert (
        f"keep    {tmp_path}/out/gpt3-training-examples-sliding-window.png\n"
        in run(*draw, "--dry-run").stdout
    )
    assert run(*draw, "--quiet", "-j", "0").stderr.startswith("error: --jobs 0")

    # the page is shown by whatever the system takes for a browser
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened\n', encoding="utf-8")
    browser.chmod(0o755)
    page = run("page", "-o", tmp_path / "out", "--open", BROWSER=str(browser))
    assert page.returncode == 0, page.stderr
    assert (tmp_path / "opened").read_text() == f"{(tmp_path / 'out' / 'index.html').as_uri()}\n"
    assert run("page", "-o", tmp_path / "out", "--open", "--host", "hugo").returncode == 2

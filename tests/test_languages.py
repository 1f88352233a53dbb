"""Languages and themes are named as people name them: several at once, pt-BR and pt_BR alike."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.command import DRAFT, copied, run
from traced_loops.cli.arguments import joined


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        ("videos --language en pt_BR 04 07", "videos --language en,pt_BR 04 07"),
        (
            "--language en zh-Hans --theme light dark f01",
            "--language en,zh-Hans --theme light,dark f01",
        ),
        ("--language=en de 04", "--language=en,de 04"),
        ("--language en --force 04", "--language en --force 04"),
        ("--also mp4 webp -q l", "--also mp4,webp -q l"),
        ("--theme light F01", "--theme light F01"),
        ("batch --language en de prompts.csv", "batch --language en,de prompts.csv"),
    ],
)
def test_several_values_follow_their_option(typed: str, parsed: str) -> None:
    assert joined(typed.split()) == parsed.split()


def test_unknown_ones_are_one_line_that_lists_the_known(tmp_path: Path) -> None:
    for options, says in (
        (("--language", "en", "pt_BR"), "--language pt_BR: choose en or de"),
        (
            ("--theme", "light", "neon"),
            'invalid value "neon" for --theme. Choose from: "light", "dark", "transparent".',
        ),
    ):
        done = run("figures", *options, "--output", tmp_path / "out")
        assert (done.returncode, done.stderr) == (2, f"error: {says}\n")
    assert not (tmp_path / "out").exists()


def test_a_catalogue_is_all_that_a_language_with_a_region_takes(kept: Path, tmp_path: Path) -> None:
    program, out = copied(tmp_path / "program"), tmp_path / "out"
    shutil.copytree(program / "scenes" / "wording" / "de", program / "scenes" / "wording" / "pt_BR")
    drawn = run(
        "videos", "f01", "--trace", kept, "--language", "en", "pt-BR", "--output", out, *DRAFT,
        program=program, cwd=program,
    )  # fmt: skip
    assert drawn.returncode == 0, drawn.stderr
    assert sorted(folder.name for folder in out.iterdir()) == ["en", "pt_BR"]
    for folder, options in (("pt_BR", ()), ("en", ("--language", "PT-br"))):
        done = run("page", *options, "--output", out / folder, program=program, cwd=program)
        assert done.returncode == 0, done.stderr
        assert '<html lang="pt-BR"' in (out / folder / "index.html").read_text(encoding="utf-8")

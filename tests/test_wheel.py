"""The wheel, installed where nothing of the clone is: its content, and how it takes foreign files."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

from tests.command import DRAFT, ROOT

PACKAGES = ("model_trace", "scenes", "traced_loops")
KEPT = ROOT / "tests" / "from_0_1"
# Names that users give their files, those of our packages among them.
HOSTILE = (
    "options", "console", "scenes", "model_trace", "checks", "render", "pipeline", "sets", "texts", "files",
    "storage", "wording", "article", "figures", "manim", "numpy", "rich", "random",
)  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy: what an earlier build left in the clone must not get into it."""

    def left_out(folder: str, names: list[str]) -> list[str]:
        others = ("output", "build", "__pycache__")
        return [name for name in names if name in others or name.endswith(".egg-info") or name[0] == "."]

    place = tmp_path_factory.mktemp("wheel")
    copy = shutil.copytree(ROOT, place / "clone", ignore=left_out)
    pip = ("wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", place, copy)
    call(sys.executable, "-m", "pip", *pip, cwd=place)
    (made,) = place.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def bin_folder(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a new environment that has the wheel, and what the wheel needs."""
    place = tmp_path_factory.mktemp("environment")
    call(sys.executable, "-m", "venv", "--without-pip", place, cwd=place)
    python = place / "bin" / "python"
    install = ("--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    call(sys.executable, "-m", "pip", *install, cwd=place)
    # The packages of the environment that runs the tests, but not what makes it find the clone.
    (site,) = place.glob("lib/python*/site-packages")
    (site / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python.parent


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """A folder with files of a user's that must never be run."""
    folder = tmp_path / "hostile"
    folder.mkdir()
    for name in HOSTILE:
        (folder / f"{name}.py").write_text("raise SystemExit(f'{__file__} was run')\n")
    return folder


def call(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """What the program said; it must succeed."""
    done = attempt(*arguments, cwd=cwd, **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def attempt(*arguments: str | Path, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    known = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    known |= {"COLUMNS": "200", **environment}
    return subprocess.run(
        list(map(str, arguments)), cwd=cwd, env=known, capture_output=True, text=True, timeout=300
    )


def test_it_holds_our_three_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        top = {name.partition("/")[0] for name in archive.namelist()}
    assert {name for name in top if not name.endswith(".dist-info")} == set(PACKAGES)
    assert len(top) == len(PACKAGES) + 1


def test_every_file_of_theirs_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        packed = set(archive.namelist())
    files = [file for package in PACKAGES for file in (ROOT / package).rglob("*") if file.is_file()]
    wanted = {file.relative_to(ROOT).as_posix() for file in files if file.parent.name != "__pycache__"}
    assert wanted - packed == set()


@pytest.mark.parametrize("started", ["traced-loops", "python -m traced_loops"])
def test_it_runs_beside_foreign_files_of_any_name(started: str, bin_folder: Path, hostile: Path) -> None:
    program, *more = started.split()
    done = call(bin_folder / program, *more, "list", cwd=hostile)
    assert "01-gpt3-language-model-overview.webm" in done.stdout and not done.stderr


@pytest.mark.parametrize("name", ["scenes", "model_trace"])
def test_importing_it_beside_a_foreign_package_says_so(name: str, bin_folder: Path, tmp_path: Path) -> None:
    foreign = tmp_path / f"{name}.py"
    foreign.write_text("mine = True\n")
    done = attempt(bin_folder / "python", "-c", "import traced_loops", cwd=tmp_path)
    assert done.returncode == 1
    said = done.stderr.splitlines()[-1]
    assert said == (
        f"ImportError: traced_loops comes with a package {name!r}, but Python finds {foreign} first: "
        "rename that, or start from another folder"
    )


@pytest.mark.full
def test_it_records_and_draws_beside_foreign_files(bin_folder: Path, hostile: Path, tmp_path: Path) -> None:
    before = {file.name for file in hostile.iterdir()}
    home = {"XDG_CACHE_HOME": str(tmp_path / "home")}
    model = ("--model", KEPT / "model" / "tiny-robot")
    made = tmp_path / "new.trace"
    record = ("trace", "4", "--prompt", "The quick", *model, "--trace", made)
    assert "tokens" in call(bin_folder / "traced-loops", *record, cwd=hostile, **home).stdout
    draw = ("videos", "4", *DRAFT, "--output", tmp_path / "out")
    for program, trace in (
        ((bin_folder / "traced-loops",), made),
        ((bin_folder / "python", "-m", "traced_loops"), KEPT / "text.trace"),
    ):
        done = call(*program, *draw, "--trace", trace, cwd=hostile, **home)
        assert done.stdout.startswith(f"{tmp_path / 'out'}: 1 loop") and not done.stderr
    assert (tmp_path / "out" / "04-gpt3-generate-tokens-output.webm").stat().st_size
    assert {file.name for file in hostile.iterdir()} == before

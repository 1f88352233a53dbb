"""The folders in examples/: copied and built as their READMEs say, in draft quality."""

from __future__ import annotations

import csv
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs.run_notebooks import run as run_notebook
from tests.command import DRAFT, ROOT, copied, make, run
from tests.traced_loops.article.reader import Reader
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.rows import read_rows

EXAMPLES = ROOT / "examples"


@pytest.fixture(scope="module")
def loops(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The two loops that the sites show."""
    folder = tmp_path_factory.mktemp("loops")
    make("videos", "04", "07", "--trace", kept, "--output", folder, *DRAFT)
    return folder


def site(name: str, host: str, loops: Path, place: Path) -> Path:
    """A copy of the example with what the page's host makes of the loops laid over it."""
    make("page", "--host", host, "--output", loops)
    shutil.copytree(EXAMPLES / name, place)
    shutil.copytree(loops / host, place, dirs_exist_ok=True)
    return place


def build(place: Path, *command: str) -> None:
    done = subprocess.run(
        command,
        cwd=place,
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stdout + done.stderr


def assert_shows_both(page: Path, root: Path) -> None:
    """The page has the two loops, all of whose files were published; no call is left."""
    html = page.read_text(encoding="utf-8")
    read = Reader(html)
    assert read.tags.count("video") == 2
    assert not re.search(r"\[traced-loop|\{\{", html)
    media = [name for name in read.loads if "traced-loops/" in name]
    assert sum(name.endswith(".webm") for name in media) == 2
    for name in media:
        there = root / name.lstrip("/") if name.startswith("/") else page.parent / name
        assert there.is_file(), name


def test_the_article_in_hugo(loops: Path, tmp_path: Path) -> None:
    if shutil.which("hugo") is None:
        pytest.skip("Hugo is not installed")
    place = site("hugo-article", "hugo", loops, tmp_path / "site")
    build(place, "hugo", "--quiet")
    root = place / "public"
    assert_shows_both(root / "posts" / "how-a-model-writes" / "index.html", root)
    assert "posts/how-a-model-writes/" in (root / "index.html").read_text(encoding="utf-8")


def test_the_course_page_in_mkdocs_material(loops: Path, tmp_path: Path) -> None:
    place = site("mkdocs-course", "mkdocs", loops, tmp_path / "site")
    build(place, sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict")
    assert_shows_both(place / "site" / "index.html", place / "site")


def test_the_notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(
        "PYTHONPATH", os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
    )
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    made = run_notebook(EXAMPLES / "notebook" / "one_prompt.ipynb", tmp_path)
    outputs = [output for cell in made.cells for output in cell.get("outputs", ())]
    assert not [output for output in outputs if output.get("name") == "stderr"]
    assert "<video" in outputs[-1]["data"]["text/html"]


def test_the_batch(tmp_path: Path) -> None:
    """The whole table is checked; of each language one row is made."""
    table = EXAMPLES / "batch" / "prompts.csv"
    checked = read_rows(table, RecordingOptions(), DrawingOptions())
    assert [row.drawing.language for row in checked] == [("en",)] * 6 + [("de",)] * 6
    rows = list(csv.DictReader(table.read_text(encoding="utf-8").splitlines()))
    short = tmp_path / "short.csv"
    with short.open("w", encoding="utf-8", newline="") as file:
        more = {"quality": "l", "fps": "5", "max_new_tokens": "1"}
        writer = csv.DictWriter(file, [*rows[0], *more])
        writer.writeheader()
        writer.writerows(row | more for row in (rows[0], rows[6]))
    made = run("batch", short, "--output", tmp_path / "sets")
    assert made.returncode == 0, made.stderr
    overview = Reader((tmp_path / "sets" / "index.html").read_text(encoding="utf-8"))
    assert {rows[0]["prompt"], rows[6]["prompt"]} <= set(overview.texts)
    pages = [tmp_path / "sets" / name for name in overview.loads if name.endswith("index.html")]
    languages = {
        re.findall('<html lang="(..)"', page.read_text(encoding="utf-8"))[0]
        for page in pages
        if page.is_file()
    }
    assert languages == {"en", "de"}


def test_the_loop_of_ones_own(kept: Path, tmp_path: Path) -> None:
    program = copied(tmp_path / "program")
    (own,) = (EXAMPLES / "own-loop").glob("s??_*")
    shutil.copytree(own, program / "scenes" / own.name, ignore=shutil.ignore_patterns("__pycache__"))
    there = {"program": program, "cwd": program}
    folder = tmp_path / "own"
    drawn = run("videos", "90", "--trace", kept, "--output", folder, *DRAFT, **there)
    assert drawn.returncode == 0, drawn.stderr
    assert "The next token is “" in (folder / "90-how-sure.vtt").read_text(encoding="utf-8")
    assert (folder / "90-how-sure.webm").stat().st_size > 5_000


def test_each_has_a_readme_and_stands_in_the_list() -> None:
    folders = [path.name for path in EXAMPLES.iterdir() if path.is_dir()]
    listed = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert len(folders) == 5
    for name in folders:
        assert (EXAMPLES / name / "README.md").is_file()
        assert f"({name}/README.md)" in listed

"""The ``traced-loop`` directive in somebody else's Sphinx project."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import Open
from tests.traced_loops.article.site import served

REST = ".. traced-loop:: 7\n\nThen\n\n.. traced-loop:: 04\n   :language: de\n"
MYST = "# b\n\n:::{traced-loop} 06\n:::\n"


@pytest.fixture(scope="module")
def project(drafts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of two pages, one of them in a folder."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "conf.py").write_text(
        "project = 'x'\nextensions = ['myst_parser', 'traced_loops.sphinx']\nhtml_theme = 'furo'\n"
        f"myst_enable_extensions = ['colon_fence']\ntraced_loops_output = {str(drafts)!r}\n"
    )
    (folder / "index.rst").write_text(f"x\n=\n\n.. toctree::\n\n   guide/b\n\n{REST}")
    (folder / "guide").mkdir()
    (folder / "guide" / "b.md").write_text(MYST)
    return folder


def sphinx(
    project: Path, site: Path, builder: str = "html", *options: str
) -> subprocess.CompletedProcess[str]:
    """Build the project, warnings as errors."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder, *options]
    return subprocess.run([*command, str(project), str(site)], capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("builder", ["html", "dirhtml"])
def test_its_pages_play_and_follow_the_themes_switch(
    builder: str, project: Path, tmp_path: Path, open_page: Open, errors: list[str]
) -> None:
    done = sphinx(project, tmp_path / "blog" / "site", builder)
    assert done.returncode == 0, done.stderr
    assert not list((tmp_path / "blog" / "site").glob("_images/*")), "stills are for places without a player"
    inner = "guide/b/" if builder == "dirhtml" else "guide/b.html"
    missing: list[str] = []
    with served(tmp_path) as server:
        page = open_page("about:blank", color_scheme="light")
        page.on("response", lambda got: missing.append(got.url) if got.status >= 400 else None)
        page.goto(f"{server}/blog/site/{inner}")
        video = page.locator("traced-loop video")
        for theme in ("light", "dark", "light"):
            page.evaluate("theme => { document.body.dataset.theme = theme }", theme)
            video.evaluate("v => v.scrollIntoView({block: 'center'})")
            page.wait_for_function(
                "([v, dark]) => !v.paused && v.currentTime > 0 && v.currentSrc.includes('/dark/') === dark",
                arg=[video.element_handle(), theme == "dark"],
                timeout=10_000,
            )
            shown = page.locator("traced-loop img").evaluate("i => i.currentSrc")
            assert ("/dark/" in shown) == (theme == "dark")
            assert page.locator("traced-loop figure").get_attribute("data-around") == theme
        page.goto(f"{server}/blog/site/")
        assert page.locator("traced-loop video").count() == 2
        assert "ausgewählte" in page.locator("traced-loop figcaption").nth(1).inner_text()
    assert [url for url in missing if "favicon" not in url] == []
    assert [error for error in errors if "404" not in error] == []


def test_without_a_player_there_are_the_still_and_the_caption(project: Path, tmp_path: Path) -> None:
    done = sphinx(project, tmp_path / "tex", "latex")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "tex" / "07-gpt3-processing-transformer-blocks.png").is_file()
    (text,) = (tmp_path / "tex").glob("x.tex")
    assert text.read_text(encoding="utf-8").count("\\sphinxincludegraphics") == 3


def test_what_is_missing_is_a_warning_that_names_its_place(
    project: Path, drafts: Path, tmp_path: Path
) -> None:
    wrong = tmp_path / "project"
    wrong.mkdir()
    (wrong / "conf.py").write_text((project / "conf.py").read_text())
    calls = ["5", "seven", "f01\n   :folder: elsewhere"]
    (wrong / "index.rst").write_text(
        "x\n=\n\n" + "\n\n".join(f".. traced-loop:: {call}" for call in calls) + "\n"
    )
    done = sphinx(wrong, tmp_path / "site")
    assert done.returncode == 1
    first, second, third, *_ = done.stderr.splitlines()
    assert (
        f"index.rst:4: WARNING: traced-loop: {drafts} has no loop 05: draw it, or choose 04 or 06 or 07"
        in first
    )
    assert "'seven' is no loop's number" in second
    assert f"{drafts / 'elsewhere'} has no manifest.json" in third


def test_the_page_is_made_anew_when_the_loops_change(project: Path, drafts: Path, tmp_path: Path) -> None:
    import shutil

    ours = tmp_path / "loops"
    shutil.copytree(drafts, ours)
    options = ("-D", f"traced_loops_output={ours}")
    assert sphinx(project, tmp_path / "site", "html", *options).returncode == 0
    changed = json.loads((ours / "manifest.json").read_text())
    assert len(changed["loops"]) == 3
    changed["loops"] = [loop for loop in changed["loops"] if loop["loop"] != "06"]
    (ours / "manifest.json").write_text(json.dumps(changed))
    done = sphinx(project, tmp_path / "site", "html", *options)
    assert "has no loop 06" in done.stderr

"""A prompt that tries to get out, from the command line to every place where its loop is shown."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.command import DRAFT, run
from tests.conftest import Open
from tests.loops import entry
from tests.traced_loops.article import builds, site
from tests.traced_loops.article.reader import Reader
from traced_loops.article.page import write_page

PROMPT = "<script>alert(1)</script> {{< x >}} {% raw %} {{ 7*7 }} \"|' | `y` [traced-loop 04] ${z}"
BUILDS: dict[str, Callable[[Path, Path, str, Sequence[str]], str]] = {
    "hugo": builds.hugo,
    "mkdocs": partial(builds.mkdocs, directories=True),
    "notebook": builds.notebook,
}


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One loop of that prompt, made by the command line."""
    folder = tmp_path_factory.mktemp("drawn")
    short = ("--also", "webp", "--max-new-tokens", "1", *DRAFT)
    done = run("videos", "04", "--prompt", PROMPT, "--output", folder, *short)
    assert done.returncode == 0, done.stderr
    assert site.said(folder, "04")["recording"]["generation"]["prompt"] == PROMPT
    return folder


@pytest.mark.parametrize("place", ["page", *BUILDS])
def test_it_is_shown_as_it_is_and_nothing_of_it_runs(
    place: str, drawn: Path, open_page: Open, errors: list[str], tmp_path: Path
) -> None:
    root = tmp_path / "root"
    with site.served(root) as server:
        if place == "page":
            write_page(site.copy(drawn, root))
            address = f"{server}/index.html"
        else:
            address = BUILDS[place](drawn, root, server, ("04", "04"))
        page = open_page("about:blank")
        asked: list[str] = []
        page.on("dialog", lambda dialog: (asked.append(dialog.message), dialog.dismiss()))
        page.goto(address)
        assert page.locator("traced-loop video").count() == (1 if place == "page" else 2)
        assert page.locator("traced-loop :is(script, code, table table, traced-loop)").count() == 0
        assert page.locator("traced-loop table").count() == page.locator("traced-loop").count()
        shown = page.locator("body").evaluate("body => body.textContent")
        assert f"“{PROMPT}”" in shown
        assert "49" not in page.locator(".traced figcaption").first.inner_text()
        assert asked == []
        # a browser asks for an icon that these sites do not have
        assert [error for error in errors if "404" not in error] == []


def test_in_markdown_it_stays_text(drawn: Path) -> None:
    assert run("page", "--host", "markdown", "--output", drawn).returncode == 0
    text = (drawn / "markdown" / "loops.md").read_text(encoding="utf-8")
    shown = Reader(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
    assert set(shown.tags) == {"p", "a", "img", "ol", "li", "em"}
    assert shown.loads == [f"{entry('04').stem}.webm", f"{entry('04').stem}.webp"]
    assert any(f"“{PROMPT}”" in told for told in shown.texts)

"""The loops in other people's places: sites that were really built, opened in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from markdown_it import MarkdownIt
from playwright.sync_api import Page, Route

from tests.conftest import Open
from tests.loops import entry
from tests.traced_loops.article import builds, site
from tests.traced_loops.article.audit import assert_accessible
from tests.traced_loops.article.reader import Reader
from traced_loops.article.hosts import HOSTS, write_for
from traced_loops.article.page import PageError
from traced_loops.rendering import formats

BUILDS: dict[str, Callable[[Path, Path, str], str]] = {
    "hugo": builds.hugo,
    "mkdocs, directories": partial(builds.mkdocs, directories=True),
    "mkdocs, files": partial(builds.mkdocs, directories=False),
    "notebook": builds.notebook,
}


@pytest.fixture(scope="module")
def innocent(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The finished folder with every transcript, recorded of a plain text."""
    folder = site.copy(finished, tmp_path_factory.mktemp("innocent"))
    site.tell(folder, "plain")
    for number in ("02", "03"):
        loop = folder / f"{entry(number).stem}.webm"
        loop.with_suffix(".webp").write_bytes(formats.convert(loop.read_bytes(), "webp", "libvpx-vp9"))
    return folder


@pytest.fixture(scope="module")
def hostile(innocent: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same, recorded of a text that tries to get out."""
    folder = site.copy(innocent, tmp_path_factory.mktemp("hostile"))
    site.tell(folder, site.HOSTILE)
    return folder


def plays_all(page: Page) -> None:
    """Every loop of the page starts when it comes into view."""
    for video in page.locator("traced-loop video").all():
        video.evaluate("v => v.scrollIntoView({block: 'center'})")
        page.wait_for_function(
            "v => !v.paused && v.currentTime > 0", arg=video.element_handle(), timeout=10_000
        )


def structure(page: Page) -> list[list[str]]:
    """The elements within each figure with the names of their attributes, but those that the player sets."""
    found: list[list[str]] = page.evaluate(
        """() => {
          const set = ['data-state', 'open', 'controls', 'preload'];
          const names = e => e.getAttributeNames().filter(name => !set.includes(name)).sort();
          return [...document.querySelectorAll('traced-loop')].map(
            loop => [...loop.querySelectorAll('*')].map(e => [e.localName, ...names(e)].join(' ')))
        }"""
    )
    return found


def expected(host: str, folder: Path, page: Page) -> list[list[str]]:
    """The structure of the figures that a writer calls for, as the host's files hold them."""
    made = write_for(host.partition(",")[0], folder)
    (file,) = (*made.rglob("figures.json"), *made.glob("data/*/en.json"))
    figures = json.loads(file.read_text(encoding="utf-8"))
    figures = figures.get("figures", figures)
    page.set_content("".join("".join(figures[number]) for number in builds.NUMBERS))
    return structure(page)


@pytest.mark.parametrize("host", BUILDS)
def test_a_built_site_plays_every_loop_and_no_text_gets_out(
    host: str, hostile: Path, innocent: Path, open_page: Open, errors: list[str], tmp_path: Path
) -> None:
    root = tmp_path / "root"
    failed: list[str] = []
    elsewhere: list[str] = []

    def refuse(route: Route) -> None:
        elsewhere.append(route.request.url)
        route.abort()

    # these two's own pages have scripts and styles in them
    strict = None if host.startswith(("mkdocs", "notebook")) else site.STRICT
    with site.served(root, strict) as server:
        address = BUILDS[host](hostile, root, server)
        page = open_page("about:blank")
        page.on("response", lambda got: failed.append(got.url) if got.status >= 400 else None)
        page.route(lambda url: not url.startswith(server), refuse)
        page.goto(address)
        assert page.locator("traced-loop video").count() == 3
        plays_all(page)
        for image in page.locator("traced-loop img").all():
            image.scroll_into_view_if_needed()
            page.wait_for_function("i => i.naturalWidth > 0", arg=image.element_handle())
        styled = "getComputedStyle(document.querySelector('.traced')).display"
        assert page.evaluate(styled) == "grid"
        assert (failed, elsewhere, errors) == ([], [], [])
        assert "stolen" not in page.title()
        text = page.locator("traced-loop p").first.evaluate("p => p.textContent")
        assert " ".join(text.split()) == site.SHOWN
        assert page.locator("traced-loop [id]").count() == 0, "one of them is shown twice"
        # what surrounds them is the host's own
        assert_accessible(page, "traced-loop")
        assert structure(page) == expected(host, innocent, open_page("about:blank"))


def test_markdown_moves_without_a_video_and_no_text_gets_out(
    innocent: Path, hostile: Path, open_page: Open, tmp_path: Path
) -> None:
    read = {}
    for folder in (innocent, hostile):
        text = (write_for("markdown", folder) / "loops.md").read_text(encoding="utf-8")
        read[folder] = Reader(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
    shown = read[hostile]
    assert set(shown.tags) == {"p", "a", "img", "ol", "li", "em"}
    assert shown.tags == read[innocent].tags
    assert shown.attributes == {"href", "src", "alt", "width", "height"}
    assert shown.loads == read[innocent].loads
    assert site.SHOWN in " ".join(shown.texts)
    files = {file.name for file in (hostile / "markdown").iterdir()}
    assert set(shown.loads) == files - {"loops.md"}

    text = MarkdownIt("commonmark", {"html": True}).render((hostile / "markdown" / "loops.md").read_text())
    (hostile / "markdown" / "shown.html").write_text(text, encoding="utf-8")
    page = open_page((hostile / "markdown" / "shown.html").as_uri())
    assert page.locator("img").evaluate_all("all => all.map(i => i.naturalWidth > 0)") == [True] * 3
    (hostile / "markdown" / "shown.html").unlink()


def test_markdown_without_animated_pictures_says_how_to_get_them(finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    with pytest.raises(PageError, match="--also webp"):
        write_for("markdown", folder)
    assert not (folder / "markdown").exists()


def test_a_notebooks_object_has_a_still_and_a_text(innocent: Path, tmp_path: Path) -> None:
    """For where HTML cannot be: a PDF, a terminal."""
    import importlib.util

    package = write_for("notebook", innocent) / "traced_loops" / "__init__.py"
    spec = importlib.util.spec_from_file_location("traced_loops", package)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    still = (innocent / f"{entry('02').stem}.png").read_bytes()
    assert module.loop("02")._repr_png_() == still
    assert "plain" in repr(module.loop("02"))
    with pytest.raises(ValueError, match="no loop 04; there are 02, f01, 03"):
        module.loop("04")


def test_an_unknown_host_is_refused(finished: Path) -> None:
    with pytest.raises(PageError, match="wordpress"):
        write_for("wordpress", finished)
    assert not any((finished / host).exists() for host in ("wordpress", *HOSTS))

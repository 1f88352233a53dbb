"""The loops in other people's places: sites that were really built, opened in a real browser."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.common.utils import escapeHtml
from playwright.sync_api import Page, Route

from tests.command import run
from tests.conftest import Open
from tests.loops import entry
from tests.traced_loops.article import builds, site
from tests.traced_loops.article.audit import assert_accessible
from tests.traced_loops.article.reader import Reader
from traced_loops.article.hosts import HOSTS, write_for
from traced_loops.article.markdown import plain
from traced_loops.article.page import PageError
from traced_loops.rendering import formats

BUILDS: dict[str, Callable[[Path, Path, str], str]] = {
    "hugo": builds.hugo,
    "mkdocs, directories": partial(builds.mkdocs, directories=True),
    "mkdocs, files": partial(builds.mkdocs, directories=False),
    "mkdocs, Material": partial(builds.mkdocs, theme=builds.MATERIAL),
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
        assert page.get_by_text("in a line.").count() == (0 if host == "notebook" else 1)
        assert "[traced-loop" not in page.locator("body").evaluate(
            "b => [...b.querySelectorAll('p, li')].filter(p => !p.closest('traced-loop'))"
            ".map(p => [...p.childNodes].filter(n => n.nodeType === 3).map(n => n.data).join()).join()"
        )
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
    plain_text = (innocent / "markdown" / "loops.md").read_text(encoding="utf-8")
    assert "\\" not in plain_text, "it can be edited"
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
    assert {repr(module.loop(number)) for number in (2, "2", "02")} == {repr(module.loop("02"))}
    assert repr(module.loop("F1")) == repr(module.loop("f01"))
    for unknown in ("04", "x", ""):
        with pytest.raises(ValueError, match=f"no loop {unknown}; there are 02, f01, 03"):
            module.loop(unknown)


@pytest.mark.parametrize(
    ("call", "why"),
    [
        ("[traced-loop 04]", "there is no loop 04; there are 02, f01, 03"),
        ("so [traced-loop 2 fr] it is", "there are no loops in fr; there are some in en"),
        ("[traced-loop first]", "[traced-loop first] names no loop"),
        ("so [traced-loop] it is", "[traced-loop] names no loop"),
        ("## On [traced-loop 2]", "[traced-loop 2] stands in a heading"),
    ],
)
def test_mkdocs_refuses_a_call_that_it_cannot_replace(
    call: str, why: str, innocent: Path, tmp_path: Path
) -> None:
    said = mkdocs_says(site.copy(innocent, tmp_path), f"# a\n\n{call}\n")
    assert f"guide/a.md: {why}" in said


def mkdocs_says(folder: Path, text: str) -> str:
    """Why the hook refuses a page of this text, as MkDocs' own Markdown renders it."""
    import importlib.util
    from types import SimpleNamespace

    import markdown
    from mkdocs.exceptions import PluginError

    made = write_for("mkdocs", folder)
    spec = importlib.util.spec_from_file_location("hook", made / "traced_loops.py")
    assert spec is not None
    assert spec.loader is not None
    hook = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(hook)
    page = SimpleNamespace(url="guide/a/", file=SimpleNamespace(src_uri="guide/a.md"))
    with pytest.raises(PluginError) as refused:
        hook.on_page_content(
            markdown.markdown(text), page=page, config=SimpleNamespace(docs_dir=made / "docs")
        )
    return str(refused.value)


@pytest.mark.parametrize("width", [360, 1280])
def test_in_material_a_loop_looks_as_elsewhere_and_follows_the_palette(
    width: int, cuts: Path, open_page: Open, tmp_path: Path
) -> None:
    with site.served(root := tmp_path / "root") as server:
        address = builds.mkdocs(cuts, root, server, ("04", "f01", "04"), theme=builds.MATERIAL)
        page = open_page(address, viewport={"width": width, "height": 900}, color_scheme="light")
        loop = page.locator("traced-loop").first
        loop.scroll_into_view_if_needed()
        stage, caption, button = (
            loop.locator(name).bounding_box() for name in (".stage", "figcaption", "[data-toggle]")
        )
        assert stage is not None
        assert caption is not None
        assert button is not None
        assert abs(caption["x"] - stage["x"]) <= 1, "the caption begins where the picture does"
        right = button["x"] + button["width"]
        assert abs(right - stage["x"] - stage["width"]) <= 2, "the button ends where the picture does"
        beside = (
            button["y"] < caption["y"] + caption["height"] and caption["y"] < button["y"] + button["height"]
        )
        assert beside == (width == 1280)
        box = """e => {
          const { borderTopWidth, backgroundColor, paddingLeft, boxShadow } = getComputedStyle(e);
          return [borderTopWidth, backgroundColor, paddingLeft, boxShadow];
        }"""
        for part in ("details", "summary"):
            assert loop.locator(part).first.evaluate(box) == ["0px", "rgba(0, 0, 0, 0)", "0px", "none"]
        assert loop.locator("figcaption").evaluate("e => getComputedStyle(e).fontStyle") == "normal"

        shown = "i => i.currentSrc.includes('/dark/')"
        images = page.locator("traced-loop img")
        assert images.evaluate_all(f"all => all.map({shown})") == [False] * 3
        page.locator("form[data-md-component=palette] label:visible").first.click()
        page.wait_for_function(
            "() => document.querySelector('traced-loop img').currentSrc.includes('/dark/')"
        )
        assert images.evaluate_all(f"all => all.map({shown})") == [True] * 3
        page.wait_for_function(
            "() => (v => !v.paused && v.currentSrc.includes('/dark/'))(document.querySelector('video'))"
        )
        card = "e => getComputedStyle(e).backgroundColor"
        assert page.locator(".stage").last.evaluate(card) == "rgb(18, 21, 28)"


def test_a_snippet_is_pasted_into_any_page(
    innocent: Path, open_page: Open, errors: list[str], tmp_path: Path
) -> None:
    with site.served(tmp_path, site.STRICT) as server:
        folder = site.copy(innocent, tmp_path / "out")
        made = write_for("snippet", folder, base_url=f"{server}/media")
        (tmp_path / "media").mkdir()
        (made / "traced-loops").rename(tmp_path / "media" / "traced-loops")
        pasted = "".join((made / f"{number}.html").read_text(encoding="utf-8") for number in ("02", "f01"))
        head = '<!doctype html><html lang="en"><meta charset="utf-8"><title>x</title>'
        (tmp_path / "blog").mkdir()
        (tmp_path / "blog" / "a.html").write_text(f"{head}<p>Look: {pasted}</p>", encoding="utf-8")
        page = open_page(f"{server}/blog/a.html")
        plays_all(page)
        assert page.locator("traced-loop figure").count() == 2
        assert_accessible(page, "traced-loop")
        # a browser asks for an icon that this page does not have
        assert [error for error in errors if "404" not in error] == []


def test_a_snippet_is_printed_alone(innocent: Path, tmp_path: Path) -> None:
    folder = site.copy(innocent, tmp_path)
    done = run("page", "2", "F1", "--host", "snippet", "--output", folder)
    assert done.returncode == 0, done.stderr
    shown = Reader(done.stdout)
    assert (shown.tags.count("figure"), shown.tags.count("video")) == (2, 1)
    assert all((folder / "snippet" / name).is_file() for name in shown.loads), shown.loads
    missing = run("page", "4", "--host", "snippet", "--output", folder)
    assert (missing.returncode, missing.stdout) == (2, "")
    assert missing.stderr == f"error: {folder} has no loop 04: choose from 02, 03, f01, or draw it\n"
    assert run("page", "2", "--output", folder).returncode == 2


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*"*_~`[]()<>!#-+=.:;|&$@^\\/{}%'\" 12a\n", "www.", "://", "&lt;", "<b>", "1. ", "```"]
        ),
        min_size=1,
    )
    .map("".join)
    .filter(str.strip)
)
def test_any_text_stays_text_in_markdown(text: str) -> None:
    markdown_it = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    written = plain(text)
    line = " ".join(text.split())
    assert markdown_it.render(written) == f"<p>{escapeHtml(line)}</p>\n"
    assert markdown_it.render(f"*{written}*") == f"<p><em>{escapeHtml(line)}</em></p>\n"
    assert "{{" not in written
    assert "{%" not in written


def test_an_unknown_host_is_refused(finished: Path) -> None:
    with pytest.raises(PageError, match="wordpress"):
        write_for("wordpress", finished)
    assert not any((finished / host).exists() for host in ("wordpress", *HOSTS))

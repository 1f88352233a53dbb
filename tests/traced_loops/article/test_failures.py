"""The page where something is missing: the script, a file, the leave to play."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import Open
from tests.loops import entry
from tests.traced_loops.article import site
from tests.traced_loops.article.loop import FIRST, SECOND, button, hurry, loop, plays
from traced_loops.rendering import formats


def test_without_a_script_there_are_posters_and_controls(open_page: Open, address: str) -> None:
    page = open_page(address, java_script_enabled=False)
    for image in page.locator(".stage img").all():
        image.scroll_into_view_if_needed()
        page.wait_for_timeout(200)
        assert image.evaluate("i => i.complete && i.naturalWidth > 0")
    for video in page.locator("video").all():
        assert video.get_attribute("controls") is not None
        assert video.get_attribute("autoplay") is None
        assert video.get_attribute("preload") == "none"
    assert page.get_by_role("button", name="Pause").count() == 0
    paragraph = page.locator(f"{FIRST} details p").first
    assert not paragraph.is_visible()
    page.locator(f"{FIRST} summary").first.click()
    assert paragraph.is_visible()
    page.wait_for_timeout(500)
    moving = "all => all.filter(v => !v.paused || v.currentTime).length"
    assert page.locator("video").evaluate_all(moving) == 0


def test_a_missing_file_breaks_nothing_else(
    open_page: Open, finished: Path, errors: list[str], tmp_path: Path
) -> None:
    """Neither does the script, included twice, nor a figure that stands in the page twice or leaves it."""
    folder = site.copy(finished, tmp_path)
    html = site.page_of(folder)
    twice = '<script src="loops.js" defer></script>'
    (folder / "index.html").write_text(html.replace("</head>", f"{twice}</head>"), encoding="utf-8")
    (folder / f"{entry('02').stem}.webm").unlink()
    with site.served(tmp_path) as server:
        page = open_page(f"{server}/index.html")
        broken = loop(page)
        page.wait_for_function("f => f.querySelector('[data-toggle]').disabled", arg=broken.element_handle())
        second = loop(page, SECOND)
        assert plays(second)
        page.evaluate(
            """which => { const loop = document.querySelector(which).querySelector('traced-loop');
            window.kept = loop.querySelector('video');
            loop.after(loop.cloneNode(true)); loop.remove() }""",
            SECOND,
        )
        assert page.evaluate("kept.paused")
        assert plays(loop(page, SECOND))
    assert [error for error in errors if "404" not in error] == []


def test_a_refused_start_leaves_a_play_button(open_page: Open, address: str, errors: list[str]) -> None:
    page = open_page("about:blank")
    page.add_init_script(
        """const play = HTMLMediaElement.prototype.play; window.refuse = true;
        HTMLMediaElement.prototype.play = function () { return window.refuse
          ? Promise.reject(new DOMException('no', 'NotAllowedError')) : play.call(this) }"""
    )
    page.goto(address)
    figure = loop(page)
    page.wait_for_function(
        "f => f.querySelector('[data-toggle]').innerText === 'Play'", arg=figure.element_handle()
    )
    page.evaluate("window.refuse = false")
    button(figure).click()
    assert plays(figure)
    assert errors == []


def test_a_loop_that_leaves_the_page_does_not_begin_again(open_page: Open, address: str) -> None:
    page = open_page(address)
    figure = loop(page)
    assert plays(figure)
    video = figure.locator("video").element_handle()
    hurry(figure)
    page.wait_for_function("v => v.ended", arg=video)
    video.evaluate("v => v.closest('traced-loop').remove()")
    page.wait_for_timeout(2600)
    assert video.evaluate("v => v.ended"), "it rests where it was when it left"


def test_the_other_format_plays_where_the_first_does_not(
    open_page: Open, finished: Path, errors: list[str], tmp_path: Path
) -> None:
    folder = site.copy(finished, tmp_path)
    webm = folder / f"{entry('02').stem}.webm"
    webm.with_suffix(".mp4").write_bytes(formats.convert(webm.read_bytes(), "mp4", "libvpx-vp9"))
    site.page_of(folder)
    webm.write_bytes(b"no video")
    with site.served(folder) as server:
        figure = loop(open_page(f"{server}/index.html"))
        assert plays(figure)
        assert figure.locator("video").evaluate("v => v.currentSrc.endsWith('.mp4')")
        assert errors == []

"""The player in a real browser: it plays in view, rests on the answer, and obeys its reader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page

from article.page import write_page
from tests.article import site
from tests.conftest import Open
from tests.loops import entry

FIRST, SECOND, FIGURE = "#loop-02", "#loop-03", "#figure-f01"


def loop(page: Page, which: str = FIRST) -> Locator:
    """The figure, scrolled into the middle of the window."""
    figure = page.locator(which)
    figure.evaluate("f => f.querySelector('.stage').scrollIntoView({block: 'center'})")
    return figure


def plays(figure: Locator) -> bool:
    """Whether the loop starts to play soon."""
    try:
        figure.page.wait_for_function(
            "f => { const v = f.querySelector('video'); return !v.paused && v.currentTime > 0 }",
            arg=figure.element_handle(),
            timeout=8000,
        )
    except Exception:
        return False
    return True


def is_still(figure: Locator, milliseconds: int = 2600) -> bool:
    """Whether nothing moves, for longer than the rest on the answer."""
    video = figure.locator("video")
    before = video.evaluate("v => [v.paused, v.currentTime]")
    figure.page.wait_for_timeout(milliseconds)
    after = video.evaluate("v => [v.paused, v.currentTime]")
    return bool(before[0]) and before == after


def button(figure: Locator) -> Locator:
    return figure.locator("[data-toggle]")


def hide(page: Page, hidden: bool) -> None:
    """Turn to another tab, or back; a headless browser shows all of its tabs."""
    page.evaluate(
        """hidden => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange')) }""",
        hidden,
    )


def hurry(figure: Locator) -> None:
    """Play so fast that the end comes soon. (Not every server lets a browser jump there.)"""
    figure.locator("video").evaluate("v => { v.playbackRate = 12 }")


def test_only_what_is_in_view_plays_and_loads(open_page: Open, address: str) -> None:
    page = open_page("about:blank")
    media: list[str] = []
    page.on("request", lambda request: media.append(request.url) if ".webm" in request.url else None)
    page.goto(address)
    page.wait_for_timeout(500)
    assert len(set(media)) <= 1, "the first screen fetches at most one loop"
    first = loop(page)
    assert plays(first)
    assert page.locator("video").evaluate_all("all => all.filter(v => !v.paused).length") == 1
    second = loop(page, SECOND)
    assert plays(second)
    assert first.locator("video").evaluate("v => v.paused")
    assert plays(loop(page))


def test_it_rests_two_seconds_on_the_answer_and_begins_again(open_page: Open, address: str) -> None:
    page = open_page(address)
    figure = loop(page)
    assert plays(figure)
    figure.locator("video").evaluate(
        """v => { window.rests = []; let end;
        v.addEventListener('ended', () => { end = performance.now(); });
        v.addEventListener('play', () => { rests.push(performance.now() - end) }) }"""
    )
    hurry(figure)
    page.wait_for_function("() => window.rests.length >= 3", timeout=20_000)
    rests = page.evaluate("window.rests")
    assert all(1850 <= rest <= 2150 for rest in rests), rests


def test_a_pause_stays(open_page: Open, address: str) -> None:
    """Through scrolling, another tab and the rest; and by the keyboard."""
    page = open_page(address)
    figure = loop(page)
    assert plays(figure)
    assert button(figure).inner_text() == "Pause"
    button(figure).focus()
    page.keyboard.press("Space")
    assert is_still(figure)
    assert button(figure).inner_text() == "Play"
    loop(page, SECOND)
    page.wait_for_timeout(300)
    loop(page)
    assert is_still(figure, 500)
    hide(page, True)
    hide(page, False)
    assert is_still(figure, 500)
    page.keyboard.press("Enter")
    assert plays(figure)
    hide(page, True)
    assert is_still(figure, 500)
    hide(page, False)
    assert plays(figure), "this pause was not the reader's"
    hurry(figure)
    page.wait_for_function("f => f.querySelector('video').ended", arg=figure.element_handle())
    page.keyboard.press("Enter")
    assert is_still(figure), "paused while it rests"
    assert plays(loop(page, SECOND)), "the reader said nothing of the other one"
    loop(page)
    hide(page, True)
    hide(page, False)
    assert is_still(figure, 500)


def test_one_button_pauses_all(open_page: Open, address: str) -> None:
    page = open_page(address)
    figure = loop(page)
    assert plays(figure)
    everything = page.get_by_role("button", name="Pause all")
    everything.click()
    assert is_still(figure, 500)
    assert is_still(loop(page, SECOND), 1500)
    button(figure).click()
    assert plays(loop(page)), "one may be played by itself"
    page.get_by_role("button", name="Play all").click()
    assert plays(loop(page, SECOND))


def test_who_wants_no_motion_gets_stills_and_no_bytes(open_page: Open, address: str) -> None:
    page = open_page("about:blank", reduced_motion="reduce")
    media: list[str] = []
    page.on("request", lambda request: media.append(request.url) if ".webm" in request.url else None)
    page.goto(address)
    for which in (FIRST, SECOND):
        assert is_still(loop(page, which), 1500)
    assert media == []
    figure = loop(page)
    assert button(figure).inner_text() == "Play"
    button(figure).click()
    assert plays(figure), "asked for, it moves"

    page.emulate_media(reduced_motion="no-preference")
    assert plays(loop(page, SECOND))
    page.emulate_media(reduced_motion="reduce")
    page.wait_for_timeout(300)
    assert is_still(page.locator(SECOND), 2500)
    assert page.locator("video").evaluate_all("all => all.every(v => v.paused && v.currentTime === 0)")


def test_without_a_script_there_are_stills_and_controls(open_page: Open, address: str) -> None:
    page = open_page(address, java_script_enabled=False)
    for video in page.locator("video").all():
        assert video.get_attribute("controls") is not None
        assert video.get_attribute("poster")
        assert video.get_attribute("autoplay") is None
        assert video.get_attribute("preload") == "none"
    assert page.get_by_role("button", name="Pause").count() == 0
    paragraph = page.locator(f"{FIRST} details p").first
    assert not paragraph.is_visible()
    page.locator(f"{FIRST} summary").click()
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
            """which => { const loop = document.querySelector(which).closest('traced-loop');
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


def test_it_plays_from_a_folder_under_a_strict_policy(
    open_page: Open, finished: Path, errors: list[str], tmp_path: Path
) -> None:
    folder = site.copy(finished, tmp_path / "a folder #1 für 100 %")
    site.page_of(folder)
    page = open_page((folder / "index.html").as_uri())
    assert plays(loop(page))
    assert page.locator("h1").evaluate("h => getComputedStyle(h).fontSize") != "32px", "the style is there"
    loop(page, FIGURE)
    page.wait_for_function(
        "() => [...document.querySelectorAll('img')].every(i => i.complete && i.naturalWidth)"
    )
    assert errors == []


def test_a_server_may_forbid_all_but_its_own_files(
    open_page: Open, finished: Path, errors: list[str], tmp_path: Path
) -> None:
    folder = site.copy(finished, tmp_path)
    html = site.page_of(folder)
    (folder / "index.html").write_text(re.sub("<meta http-equiv=.*>", "", html), encoding="utf-8")
    with site.served(folder, site.STRICT) as server:
        page = open_page("about:blank")
        page.add_init_script(
            "window.refused = []; document.addEventListener('securitypolicyviolation',"
            " e => refused.push(e.violatedDirective + ' ' + e.blockedURI))"
        )
        page.goto(f"{server}/index.html")
        for which in (FIRST, SECOND):
            assert plays(loop(page, which))
        loop(page, FIGURE)
        assert page.evaluate("refused") == []
        assert errors == []


def test_the_policy_refuses_what_is_inline(open_page: Open, address: str, errors: list[str]) -> None:
    page = open_page(address)
    assert plays(loop(page))
    assert errors == []
    page.evaluate("() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1';"
                  " document.body.append(s) }")  # fmt: skip
    assert page.evaluate("window.bad") is None
    assert any("Content Security Policy" in error for error in errors)


def test_pictures_follow_the_readers_theme(open_page: Open, finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    site.both_themes(folder)
    write_page(folder, "en")
    with site.served(tmp_path) as server:
        page = open_page(f"{server}/index.html", color_scheme="dark")
        figure = loop(page)
        assert plays(figure)
        source = "v => [v.currentSrc.includes('/dark/'), v.poster.includes('/dark/')]"
        assert figure.locator("video").evaluate(source) == [True, True]
        assert figure.get_attribute("data-theme") == "dark"
        page.emulate_media(color_scheme="light")
        page.wait_for_function("f => f.dataset.theme === 'light'", arg=figure.element_handle())
        assert plays(figure)
        assert figure.locator("video").evaluate(source) == [False, False]
        button(figure).click()
        page.emulate_media(color_scheme="dark")
        page.wait_for_timeout(200)
        assert is_still(figure, 800), "a pause stays"
        picture = loop(page, FIGURE).locator("img")
        page.wait_for_function("i => i.currentSrc.includes('/dark/')", arg=picture.element_handle())


@pytest.mark.parametrize("width", [360, 1280])
def test_a_tap_fills_a_small_screen(width: int, open_page: Open, address: str) -> None:
    page = open_page(address, viewport={"width": width, "height": 740}, has_touch=True)
    figure = loop(page)
    assert plays(figure)
    full = figure.get_by_role("button", name="Full screen")
    if width > 600:
        assert not full.is_visible()
        figure.locator("video").click()
        assert is_still(figure, 800)
        return
    assert figure.locator("details").get_attribute("open") is not None
    for tap in (full, figure.locator("video")):
        tap.tap()
        page.wait_for_function("() => document.fullscreenElement?.controls")
        page.evaluate("document.exitFullscreen()")
        page.wait_for_function("() => !document.querySelector('video').controls")
    assert plays(figure)

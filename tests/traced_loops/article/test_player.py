"""The player in a real browser: it plays in view, rests on the answer, and obeys its reader."""

from __future__ import annotations

from pathlib import Path
from statistics import median

import pytest

from tests.conftest import Open
from tests.traced_loops.article import site
from tests.traced_loops.article.loop import FIGURE, FIRST, SECOND, button, hide, hurry, is_still, loop, plays
from traced_loops.article.page import write_page


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
        """v => { window.rests = []; window.asked = []; let end;
        const wait = window.setTimeout;
        window.setTimeout = (work, delay) => { asked.push(delay); return wait(work, delay) };
        v.addEventListener('ended', () => { end = performance.now(); });
        v.addEventListener('play', () => { rests.push(performance.now() - end) }) }"""
    )
    hurry(figure)
    page.wait_for_function("() => window.rests.length >= 3", timeout=20_000)
    rests = page.evaluate("window.rests")
    # what the player asks for is exact; a busy machine wakes late now and then
    assert set(page.evaluate("window.asked")) == {2000}
    assert all(rest >= 1850 for rest in rests), rests
    assert median(rests) <= 2150, rests


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
    assert is_still(figure, 10_000)


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
    for which, milliseconds in ((FIRST, 1500), (SECOND, 8500)):
        assert is_still(loop(page, which), milliseconds)
    assert page.locator("video").evaluate_all("all => all.every(v => v.currentTime === 0)")
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


def test_pictures_follow_the_readers_theme(open_page: Open, finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    site.both_themes(folder)
    write_page(folder, "en")
    with site.served(tmp_path) as server:
        page = open_page(f"{server}/index.html", color_scheme="dark")
        figure = loop(page).locator("figure.traced")
        assert plays(figure)
        source = (
            "f => [f.querySelector('video').currentSrc.includes('/dark/'),"
            " f.querySelector('img').currentSrc.includes('/dark/'),"
            " getComputedStyle(f.querySelector('.stage')).backgroundColor]"
        )
        assert figure.evaluate(source) == [True, True, "rgb(18, 21, 28)"]
        page.emulate_media(color_scheme="light")
        page.wait_for_function(
            "f => !f.querySelector('video').currentSrc.includes('/dark/')", arg=figure.element_handle()
        )
        assert plays(figure)
        assert figure.evaluate(source) == [False, False, "rgb(255, 255, 255)"]
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
    assert figure.locator("details").first.get_attribute("open") is None
    for tap in (full, figure.locator("video")):
        tap.tap()
        page.wait_for_function("() => document.fullscreenElement?.controls")
        page.evaluate("document.exitFullscreen()")
        page.wait_for_function("() => !document.querySelector('video').controls")
    assert plays(figure)

"""The page in the hand and on a desk: each reader gets the cut for their window, and no other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, ViewportSize

from scenes.catalogue import DEFAULTS
from scenes.entry import Entry
from tests.conftest import Open
from tests.folders import picture
from tests.loops import entry
from tests.traced_loops.article import builds, site
from tests.traced_loops.article.loop import button, is_still, loop, plays
from tests.traced_loops.article.throttled import measure
from traced_loops.article.page import write_page
from traced_loops.jobs.layout import complete
from traced_loops.rendering import outputs
from traced_loops.storage import addresses
from traced_loops.storage.addresses import Address

LOOP, FIGURE = "#loop-04", "#figure-f01"
STEM, IMAGE = entry("04").stem, f"{entry('f01').stem}.png"
HAND: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 800}


def media_of(page: Page) -> list[str]:
    """The pictures' files that the page asks for from now on."""
    asked: list[str] = []
    endings = (".webm", ".webp", ".png", ".mp4")
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith(endings) else None)
    return asked


def ratio(figure: Locator) -> float:
    """Width to height of the picture's place."""
    box = figure.locator(".stage img").bounding_box()
    assert box is not None
    return box["width"] / box["height"]


def shows(figure: Locator, narrow: bool) -> None:
    """Wait until poster and video are those of the shape."""
    figure.page.wait_for_function(
        """([figure, narrow]) => [figure.querySelector('img'), figure.querySelector('video')].every(
            each => each.currentSrc.includes('/narrow/') === narrow)""",
        arg=[figure.element_handle(), narrow],
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("window", "shape"), [(HAND, "narrow/"), (DESK, "")])
def test_a_window_loads_its_own_cut_alone(
    window: ViewportSize, shape: str, scheme: str, open_page: Open, cuts: Path, errors: list[str]
) -> None:
    with site.served(cuts, site.STRICT) as server:
        page = open_page("about:blank", viewport=window, color_scheme=scheme)
        asked = media_of(page)
        page.goto(f"{server}/index.html")
        figure = loop(page, LOOP)
        assert plays(figure)
        video = figure.locator("video")
        assert ratio(figure) == pytest.approx(4 / 5 if shape else 16 / 9, rel=0.01)
        stage, over = figure.locator(".stage img").bounding_box(), video.bounding_box()
        assert stage == pytest.approx(over), "the video lies on its poster"
        size = video.evaluate("v => [v.videoWidth, v.videoHeight]")
        assert size == ([480, 600] if shape else [854, 480])
        image = loop(page, FIGURE).locator("img")
        page.wait_for_function("i => i.complete && i.naturalWidth > 0", arg=image.element_handle())
        folder = f"{server}/{'dark/' if scheme == 'dark' else ''}{shape}"
        assert set(asked) == {f"{folder}{name}" for name in (f"{STEM}.poster.webp", f"{STEM}.webm", IMAGE)}
        assert errors == []


def test_the_player_changes_with_the_window(open_page: Open, cuts: Path, errors: list[str]) -> None:
    with site.served(cuts) as server:
        page = open_page(f"{server}/index.html", viewport=DESK)
        figure = loop(page, LOOP)
        assert plays(figure)
        shows(figure, narrow=False)
        page.set_viewport_size(HAND)
        figure = loop(page, LOOP)
        shows(figure, narrow=True)
        assert plays(figure)
        assert ratio(figure) == pytest.approx(4 / 5, rel=0.01)
        assert figure.locator("track").evaluate("t => t.src.includes('/narrow/')")
        button(figure).click()
        page.set_viewport_size(DESK)
        assert is_still(loop(page, LOOP), 800), "a pause stays"
        assert figure.locator("img").evaluate("i => !i.currentSrc.includes('/narrow/')")
        assert figure.locator("video").evaluate("v => getComputedStyle(v).opacity") == "0", (
            "the poster is seen"
        )
        button(figure).click()
        assert plays(figure)
        shows(figure, narrow=False)
        assert not figure.locator("track").evaluate("t => t.src.includes('/narrow/')")
        assert errors == []


def test_a_loop_out_of_view_changes_without_loading(open_page: Open, cuts: Path) -> None:
    with site.served(cuts) as server:
        page = open_page(f"{server}/index.html", viewport=DESK)
        assert plays(loop(page, LOOP))
        page.evaluate("document.body.style.paddingTop = '9000px'; window.scrollTo(0, 0)")
        page.wait_for_timeout(300)
        asked = media_of(page)
        page.set_viewport_size(HAND)
        page.wait_for_timeout(500)
        assert [name for name in asked if ".webm" in name] == []
        assert plays(loop(page, LOOP))
        assert {name for name in asked if ".webm" in name} == {f"{server}/narrow/{STEM}.webm"}


@pytest.mark.parametrize("without", [{"java_script_enabled": False}, {"reduced_motion": "reduce"}])
def test_a_narrow_still_needs_neither_script_nor_motion(
    without: dict[str, object], open_page: Open, cuts: Path
) -> None:
    with site.served(cuts) as server:
        page = open_page("about:blank", viewport=HAND, **without)
        asked = media_of(page)
        page.goto(f"{server}/index.html")
        figure = page.locator(LOOP)
        figure.scroll_into_view_if_needed()
        page.wait_for_timeout(800)
        assert figure.locator("img").evaluate("i => i.complete && i.currentSrc.includes('/narrow/')")
        assert ratio(figure) == pytest.approx(4 / 5, rel=0.01)
        assert [name for name in asked if ".webm" in name] == []


def test_a_cut_of_another_run_is_not_shown(cuts: Path, tmp_path: Path) -> None:
    """A command may have left it there, for another prompt."""
    folder = site.copy(cuts, tmp_path)
    site.edit(folder / "narrow", STEM, recording={"generation": {"prompt": "Another one"}})
    html = write_page(folder).read_text(encoding="utf-8")
    assert f"narrow/{STEM}" not in html.replace(f"dark/narrow/{STEM}", "")
    assert f"narrow/{IMAGE}" in html


HOSTED: dict[str, Callable[..., str]] = {
    "hugo": builds.hugo,
    "mkdocs": partial(builds.mkdocs, directories=True),
}


@pytest.mark.parametrize("host", HOSTED)
def test_a_host_serves_both(host: str, cuts: Path, open_page: Open, tmp_path: Path) -> None:
    with site.served(tmp_path / "root") as server:
        address = HOSTED[host](site.copy(cuts, tmp_path / "out"), tmp_path / "root", server, ("04", "f01"))
        for window, narrow in ((HAND, True), (DESK, False)):
            page = open_page(address, viewport=window)
            video = page.locator("traced-loop video")
            video.evaluate("v => v.scrollIntoView({block: 'center'})")
            page.wait_for_function("v => v.currentTime > 0", arg=video.element_handle(), timeout=10_000)
            figure = page.locator("traced-loop").first
            shows(figure, narrow)
            assert ratio(figure) == pytest.approx(4 / 5 if narrow else 16 / 9, rel=0.01)
            assert figure.locator(".stage img").bounding_box() == pytest.approx(video.bounding_box())


@pytest.fixture(scope="module")
def whole(cuts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All loops and figures in both themes and shapes, each with the pictures of one loop or figure."""
    folder = tmp_path_factory.mktemp("whole")
    made: dict[Address, list[Entry]] = {}
    for path in ("", "narrow", "dark", "dark/narrow"):
        addresses.prepare(folder / path)
        for each in DEFAULTS:
            stem = entry("f01" if each.is_figure else "04").stem
            endings = ("png", "svg") if each.is_figure else ("webm", "png", "poster.webp", "vtt")
            media = {ending: (cuts / path / f"{stem}.{ending}").read_bytes() for ending in endings}
            told = site.said(cuts / path, "f01" if each.is_figure else "04")
            same = {key: told[key] for key in ("theme", "shape", "size", "transcript")}
            outputs.put(each, picture(each.number, media=media, **same), folder / path)
        made[folder / path] = list(DEFAULTS)
    complete(made, [folder])
    return folder


@pytest.mark.parametrize("window", [HAND, DESK])
def test_the_first_screen_is_light_on_a_slow_connection(
    window: ViewportSize, whole: Path, open_page: Open
) -> None:
    with site.served(whole, compressed=True) as server:
        cost = measure(open_page("about:blank", viewport=window), f"{server}/index.html")
    assert cost.first_poster <= 2.5, cost
    assert cost.size <= 100_000, cost
    assert cost.shift == 0, cost
    assert cost.late_posters >= 5, "most come only when the reader does"

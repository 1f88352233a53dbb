"""The page for every reader: assistive technology, small windows, paper."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenes.wording import Wording, languages
from tests.conftest import Open
from tests.traced_loops.article import site
from tests.traced_loops.article.audit import assert_accessible
from traced_loops.article.figure import labels
from traced_loops.article.page import write_page

TRANSCRIPT = ".traced details p:first-child"
SEEN = "all => all.map(element => element.checkVisibility())"


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize(
    ("scheme", "width", "themes"),
    [("light", 360, 2), ("light", 1280, 1), ("dark", 360, 1), ("dark", 1280, 2)],
)
def test_axe_finds_nothing(
    scheme: str,
    width: int,
    themes: int,
    language: str,
    open_page: Open,
    finished: Path,
    tmp_path: Path,
) -> None:
    folder = site.copy(finished, tmp_path)
    if themes == 2:
        site.both_themes(folder)
    page = open_page(
        write_page(folder, language).as_uri(), color_scheme=scheme, viewport={"width": width, "height": 800}
    )
    assert_accessible(page)


@pytest.mark.parametrize("language", languages())
@pytest.mark.parametrize("width", [320, 360, 768, 1280, 1920])
def test_nothing_sticks_out_or_jumps(
    width: int, language: str, open_page: Open, finished: Path, tmp_path: Path
) -> None:
    page = open_page("about:blank", viewport={"width": width, "height": 700})
    page.add_init_script(
        """window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(
        entry => { window.shift += entry.value })).observe({ type: 'layout-shift', buffered: true })"""
    )
    page.goto(write_page(site.copy(finished, tmp_path), language).as_uri())
    height = page.evaluate("document.documentElement.scrollHeight")
    for top in range(0, height, 600):
        page.evaluate("top => window.scrollTo(0, top)", top)
        page.wait_for_timeout(60)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("window.shift") <= 0.01


@pytest.mark.parametrize("language", languages())
def test_controls_are_large_named_and_seen_in_focus(
    language: str, open_page: Open, finished: Path, tmp_path: Path
) -> None:
    page = open_page(
        write_page(site.copy(finished, tmp_path), language).as_uri(), viewport={"width": 360, "height": 740}
    )
    names = labels(Wording(language))
    buttons = page.get_by_role("button").all()
    inspectors = page.locator("[data-inspect]").count()
    assert len(buttons) == 5 + inspectors, "pause all, two for each loop, and one for each picture's values"
    for button in buttons:
        box = button.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 24
        assert button.inner_text() in (
            names[name] for name in ("pause", "play", "pause_all", "play_all", "full_screen", "inspect")
        )
    assert language == "en" or names["pause_all"] != "Pause all"
    page.keyboard.press("Tab")
    for _ in range(12):
        outline = page.evaluate(
            "() => { const s = getComputedStyle(document.activeElement);"
            " return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2 }"
        )
        assert outline, page.evaluate("document.activeElement.outerHTML")
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break


@pytest.mark.parametrize("script", [True, False])
def test_a_transcript_opens_when_it_is_asked_for(script: bool, open_page: Open, address: str) -> None:
    narrow = {"viewport": {"width": 360, "height": 740}}
    page = open_page(address, java_script_enabled=script, **narrow)
    assert page.locator(TRANSCRIPT).evaluate_all(SEEN) == [False] * 3
    page.locator(".traced summary").first.click()
    assert page.locator(TRANSCRIPT).evaluate_all(SEEN) == [True, False, False]


def test_on_paper_there_is_the_text_and_no_control(open_page: Open, address: str) -> None:
    page = open_page(address, color_scheme="dark")
    page.emulate_media(media="print", color_scheme="light")
    assert page.locator(TRANSCRIPT).evaluate_all(SEEN) == [True] * 3
    assert not any(button.is_visible() for button in page.get_by_role("button").all())
    assert page.locator("video").first.is_visible()

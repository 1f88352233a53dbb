"""A loop in a real browser, as its reader handles it."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

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
    """Its pause or play button."""
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

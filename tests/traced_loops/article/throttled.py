"""What a page costs a reader with a slow connection, measured in a real browser."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

# 1.6 Mbit/s and 150 ms: a phone on a train
_SLOW = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 94_000}
_SHIFTS = """window.shift = 0; new PerformanceObserver(list => list.getEntries().forEach(
    entry => { window.shift += entry.value })).observe({ type: 'layout-shift', buffered: true })"""
_POSTERS = """() => performance.getEntriesByType('resource').filter(e => e.responseEnd > 0
    && e.name.endsWith('.poster.webp')).map(e => [e.responseEnd / 1000, e.name])"""


@dataclass(frozen=True)
class Cost:
    """Of the page's first screen, before anybody scrolls.

    ``first_poster`` is in seconds after the page was asked for; ``size`` in bytes as they came, headers and
    all, of which ``posters`` are those of posters. ``shift`` is the sum of layout shifts, also while the
    page is read to its end; ``late_posters`` came only then.
    """

    first_poster: float
    size: int
    posters: int
    shift: float
    late_posters: int


def measure(page: Page, address: str) -> Cost:
    """Open the page on a slow connection, then read it to its end."""
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    slow.send("Network.setCacheDisabled", {"cacheDisabled": True})
    slow.send("Network.emulateNetworkConditions", _SLOW)
    names: dict[str, str] = {}
    sizes: dict[str, int] = {}
    slow.on("Network.responseReceived", lambda got: names.update({got["requestId"]: got["response"]["url"]}))
    slow.on(
        "Network.loadingFinished",
        lambda done: sizes.update({done["requestId"]: int(done["encodedDataLength"])}),
    )
    page.add_init_script(_SHIFTS)
    page.goto(address, wait_until="load")
    page.wait_for_function(f"() => ({_POSTERS})().length > 0")
    page.wait_for_load_state("networkidle")
    posters = page.evaluate(_POSTERS)
    first = page.evaluate("document.querySelector('.stage img').currentSrc")
    size = sum(sizes.values())
    light = sum(held for request, held in sizes.items() if names.get(request, "").endswith(".poster.webp"))
    slow.send("Network.emulateNetworkConditions", {**_SLOW, "latency": 0, "downloadThroughput": -1})
    height = page.evaluate("document.documentElement.scrollHeight")
    for top in range(0, height, 500):
        page.evaluate("top => window.scrollTo(0, top)", top)
        page.wait_for_timeout(40)
    page.wait_for_timeout(300)
    return Cost(
        first_poster=min(when for when, name in posters if name == first),
        size=size,
        posters=light,
        shift=page.evaluate("window.shift"),
        late_posters=len(page.evaluate(_POSTERS)) - len(posters),
    )

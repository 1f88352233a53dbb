"""What axe says of a page, for readers with assistive technology."""

from __future__ import annotations

from importlib import resources
from typing import Any

from playwright.sync_api import Page

RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
_AXE = resources.files("axe_playwright_python") / "axe.min.js"


def assert_accessible(page: Page, within: str = "html") -> None:
    """Axe finds no violation in the elements ``within``, every transcript open."""
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
    # evaluated, not put into the page: its policy would refuse that
    page.evaluate(_AXE.read_text(encoding="utf-8"))
    run = "([within, tags]) => axe.run(within, { runOnly: tags })"
    found: dict[str, Any] = page.evaluate(run, [within, list(RULES)])
    told = [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found["violations"]]
    assert told == []
    assert found["passes"]
    # silent loops need no captions, and axe cannot see what lies behind a sticky bar or a picture
    assert {rule["id"] for rule in found["incomplete"]} <= {"video-caption", "color-contrast"}

"""The page where little is allowed: from a folder, under a strict content security policy."""

from __future__ import annotations

import re
from pathlib import Path

from tests.conftest import Open
from tests.traced_loops.article import site
from tests.traced_loops.article.loop import FIGURE, FIRST, SECOND, loop, plays


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

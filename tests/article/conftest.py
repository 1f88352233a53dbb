"""A small finished output folder, served under a subpath, and a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from article.page import write_page
from model_trace.trace import Trace
from production import executors, outputs
from production.jobs import Quality
from scenes.choice import choose
from tests.article import site
from tests.loops import content, entry, job

TEXT = "The quick brown fox jumps"


@pytest.fixture(scope="session")
def finished(training: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two loops and a figure of tiny models, really drawn, with a transcript; no page yet."""
    from model_trace import checkpoints, generation
    from tests.model_trace.families import save_model

    model = save_model(tmp_path_factory.mktemp("models") / "tiny", "llama")
    written = generation.record(checkpoints.load(str(model)), TEXT, " over")
    folder = tmp_path_factory.mktemp("finished")
    jobs = []
    for number, trace in (("02", training), ("03", training), ("f01", written)):
        drawn = job(number, content(number, trace), Quality(854, 480, 5))
        jobs.append(replace(drawn, origin=choose(drawn.entry, trace, article=False).origin))
    outputs.prepare(folder)
    assert executors.make_all(jobs, folder, 2, lambda *_: None) == {}
    outputs.write_manifest(jobs, folder)
    stem = entry("02").stem
    site.edit(folder, stem, transcript=site.TRANSCRIPT)
    (folder / f"{stem}.vtt").write_text(site.CAPTIONS, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def address(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is served: under a subpath, as a blog would."""
    root = tmp_path_factory.mktemp("root")
    folder = shutil.copytree(finished, root / "blog" / "2026" / "how it works")
    write_page(folder, "en")
    with site.served(root) as server:
        yield f"{server}/blog/2026/how%20it%20works/index.html"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as playwright:
        # without a path Playwright takes its own, if one was installed
        browser = playwright.chromium.launch(executable_path=found)
        yield browser
        browser.close()


Open = Callable[..., Page]


@pytest.fixture
def errors() -> list[str]:
    """What the pages of a test complained about in the console."""
    return []


@pytest.fixture
def open_page(browser: Browser, errors: list[str]) -> Iterator[Open]:
    """Open an address in a context of its own: ``open_page(address, color_scheme="dark", …)``."""
    contexts = []

    def open_(url: str, **context: Any) -> Page:
        made = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **context})
        contexts.append(made)
        page = made.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(url)
        return page

    yield open_
    for context in contexts:
        context.close()

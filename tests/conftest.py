"""What several rooms' tests share."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from scenes import wording
from tests.loops import CODE

if TYPE_CHECKING:
    from model_trace.models.checkpoints import Checkpoint
    from model_trace.trace import Trace

Open = Callable[..., "Page"]


@pytest.fixture(scope="session")
def embedded() -> Checkpoint:
    """The default model, loaded once."""
    from model_trace.models import checkpoints

    return checkpoints.load()


@pytest.fixture(scope="session")
def kept(embedded: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a recorded text, as ``--trace`` takes it."""
    from model_trace.recording import generation
    from model_trace.store import store

    folder = tmp_path_factory.mktemp("kept") / "kept.trace"
    store.save(generation.record(embedded, "The sky", max_new_tokens=4), folder)
    return folder


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """A tiny untrained twin's training on one example."""
    from model_trace.learning.training import record_training
    from model_trace.models import checkpoints
    from tests.model_trace.families import save_model

    folder = save_model(tmp_path_factory.mktemp("models") / "tiny", "llama")
    return record_training(checkpoints.load(str(folder)), "The quick brown fox jumps", steps=2)


@pytest.fixture(scope="session")
def fine_tuning(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """A tiny model's fine-tuning, with one word held out."""
    from model_trace.learning.fine_tuning import record_fine_tuning
    from model_trace.models import checkpoints
    from model_trace.trace import Pair
    from tests.model_trace.families import save_model

    uses = (*["training"] * 6, *["validation"] * 2, "held out")
    words = tuple(Pair(f"w{place}", f"m{place}", use) for place, use in enumerate(uses))  # type: ignore[arg-type]
    folder = save_model(tmp_path_factory.mktemp("models") / "long", "llama", max_position_embeddings=256)
    return record_fine_tuning(checkpoints.load(str(folder)), words, steps=4, batch_size=2)


@pytest.fixture(scope="session")
def code(embedded: Checkpoint) -> Trace:
    """A recording of code that the model wrote for a description."""
    from model_trace.recording import generation

    prompt, length = CODE
    return generation.record(embedded, prompt, max_new_tokens=length)


@pytest.fixture(scope="session")
def attention(embedded: Checkpoint) -> Trace:
    """A recording of a text with the values that attention weighs."""
    from model_trace.recording import generation
    from model_trace.recording.spec import DEFAULT, RecordingSpec

    spec = RecordingSpec(tensors=(*DEFAULT, "v"))
    return generation.record(embedded, "The capital of France is", spec=spec, max_new_tokens=2)


@pytest.fixture(scope="session")
def temperatures(embedded: Checkpoint) -> Trace:
    """A recording of one prompt gone on with at three temperatures."""
    from model_trace.recording.temperatures import record_temperatures

    return record_temperatures(embedded, "The sun rises in the")


@pytest.fixture(scope="session")
def by_need(
    training: Trace, fine_tuning: Trace, code: Trace, attention: Trace, temperatures: Trace
) -> dict[str, Trace]:
    """A recording of each kind but plain text."""
    return {
        "training": training,
        "fine-tuning": fine_tuning,
        "code": code,
        "attention": attention,
        "temperatures": temperatures,
    }


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


@pytest.fixture
def catalogue_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the catalogues, which this process reads and writes in their place."""
    folder = tmp_path / "catalogues"
    shutil.copytree(wording.FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    monkeypatch.setattr(wording, "FOLDER", folder)
    return folder


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

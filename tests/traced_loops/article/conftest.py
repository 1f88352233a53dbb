"""A small finished output folder, served under a subpath."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model_trace.trace import Trace
from scenes.chosen_content import choose_content
from tests.loops import content, entry, job, make_files
from tests.traced_loops.article import site
from traced_loops.article.page import write_page
from traced_loops.jobs.layout import complete, jobs_of
from traced_loops.jobs.options import DrawingOptions
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import Quality
from traced_loops.storage import addresses

TEXT = "The quick brown fox jumps"


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """A tiny model's reading of a text."""
    from model_trace.models import checkpoints
    from model_trace.recording import generation
    from tests.model_trace.families import save_model

    model = save_model(tmp_path_factory.mktemp("models") / "tiny", "llama")
    return generation.record(checkpoints.load(str(model)), TEXT, " over")


@pytest.fixture(scope="session")
def cuts(written: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A loop and a figure, really drawn in both themes and in two shapes, and their page."""
    folder = tmp_path_factory.mktemp("cuts")
    drawing = DrawingOptions(
        theme=("light", "dark"), shape=("wide", "narrow"), fps=5, output=folder, quality="l"
    )
    chosen = {
        entry(number): choose_content(entry(number), written, article=False) for number in ("04", "f01")
    }
    jobs = jobs_of(chosen, drawing)
    for place in jobs:
        assert isinstance(place, Path)
        addresses.prepare(place)
        assert make_files(jobs[place], place) == {}
    complete({place: list(chosen) for place in jobs}, [folder])
    return folder


@pytest.fixture(scope="session")
def finished(training: Trace, written: Trace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two loops and a figure of tiny models, really drawn; no page yet."""
    folder = tmp_path_factory.mktemp("finished")
    jobs = []
    for number, trace in (("02", training), ("03", training), ("f01", written)):
        drawn = job(number, content(number, trace), Quality(854, 480, 5))
        jobs.append(replace(drawn, origin=choose_content(drawn.entry, trace, article=False).origin))
    addresses.prepare(folder)
    assert make_files(jobs, folder, workers=2) == {}
    outputs.write_manifest([job.entry for job in jobs], folder)
    return folder


@pytest.fixture(scope="session")
def address(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the page is served: under a subpath, as a blog would."""
    root = tmp_path_factory.mktemp("root")
    folder = shutil.copytree(finished, root / "blog" / "2026" / "how it works")
    write_page(folder, "en")
    with site.served(root) as server:
        yield f"{server}/blog/2026/how%20it%20works/index.html"

"""What a change makes draw again: as much as it must, and no more."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter

from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.chosen_content import choose_content
from scenes.entry import Entry
from tests.command import copied
from tests.loops import make_files
from traced_loops.jobs.layout import jobs_of
from traced_loops.jobs.options import DrawingOptions
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import Job, Quality

# Enough to tell all from some; one recording serves them.
ALL = {"05", "06", "07", "f01"}

# Prints the numbers of the pictures that are not those which the code here would draw.
STALE = """
import sys
from pathlib import Path
from pydantic import TypeAdapter
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import Job
jobs = TypeAdapter(list[Job]).validate_json(sys.stdin.read())
print(*(job.entry.number for job in jobs if outputs.kept(job, Path(sys.argv[1])) is None))
"""


def jobs(traces: dict[Entry, Trace]) -> list[Job]:
    """The German jobs that a run makes of these recordings, tiny: what is asked is whether they are drawn."""
    choices = {entry: choose_content(entry, trace, article=False) for entry, trace in traces.items()}
    (wanted,) = jobs_of(choices, DrawingOptions(language=("de",))).values()
    return [replace(job, quality=Quality(96, 54, 2)) for job in wanted]


@pytest.fixture(scope="module")
def traces(embedded: Any) -> dict[Entry, Trace]:
    from model_trace.recording import generation

    plain = generation.record(embedded, "The capital of France is")
    return {entry: plain for entry in CATALOGUE if entry.number in ALL}


@pytest.fixture(scope="module")
def drawn(traces: dict[Entry, Trace], tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Job], Path]:
    """The jobs, and the folder that holds what was drawn."""
    made, folder = jobs(traces), tmp_path_factory.mktemp("drawn")
    assert make_files(made, folder, workers=2) == {}
    return made, folder


@pytest.fixture
def stale(drawn: tuple[list[Job], Path], tmp_path: Path) -> Callable[[str, str, str], set[str]]:
    """Asks what is to be drawn again after a replacement in one file, made in a copy of the code.

    To replace nothing makes a new file.
    """
    copy = copied(tmp_path / "copy")

    def ask(file: str, before: str, after: str) -> set[str]:
        held = (copy / file).read_text(encoding="utf-8") if before else ""
        assert held.count(before) == 1
        (copy / file).parent.mkdir(exist_ok=True)
        (copy / file).write_text(held.replace(before, after), encoding="utf-8")
        made, folder = drawn
        asked = TypeAdapter(list[Job]).dump_json(made).decode()
        command = [sys.executable, "-c", STALE, str(folder)]
        found = subprocess.run(command, cwd=copy, input=asked, capture_output=True, text=True, check=True)
        return set(found.stdout.split())

    return ask


def test_a_changed_word_of_a_prompt_draws_the_loop_that_tells_it(
    drawn: tuple[list[Job], Path], traces: dict[Entry, Trace], embedded: Any
) -> None:
    from model_trace.recording import generation

    made, folder = drawn
    assert all(outputs.is_current(job, folder) for job in made)
    spain = generation.record(embedded, "The capital of Spain is")
    told = {entry: spain if entry.number == "07" else trace for entry, trace in traces.items()}
    assert {job.entry.number for job in jobs(told) if outputs.kept(job, folder) is None} == {"07"}


def test_the_same_recorded_once_more_draws_nothing(
    drawn: tuple[list[Job], Path], traces: dict[Entry, Trace]
) -> None:
    """Another recording is told of in the provenance: the picture stays, unless what it shows is new."""
    _, folder = drawn
    again = {
        entry: replace(trace, provenance={**trace.provenance, "recorded": "later"})
        for entry, trace in traces.items()
    }
    assert all(outputs.kept(job, folder) for job in jobs(again))
    assert not any(outputs.is_current(job, folder) for job in jobs(again))


def test_a_changed_translation_draws_the_loops_that_show_it(stale: Any) -> None:
    catalogue = "scenes/wording/de/LC_MESSAGES/loops.po"
    # a word of a transcript is in no picture
    assert (
        stale(catalogue, "Die Vermutungen über den anderen Token", "Die Vermutung über jedem anderen Token")
        == set()
    )
    assert stale(catalogue, "bisher beste Vermutung", "beste Vermutung bisher") == {"07"}


def test_a_changed_colour_draws_all(stale: Any) -> None:
    assert stale("scenes/style.py", 'input_fill: str = "#DDF3D0"', 'input_fill: str = "#DDF3D1"') == ALL


def test_a_changed_scene_draws_that_loop(stale: Any) -> None:
    scene = "scenes/s07_processing_transformer_blocks/scene.py"
    assert stale(scene, "_PASSED = 0.3", "_PASSED = 0.4") == {"07"}


def test_data_in_a_loops_folder_is_of_its_picture(stale: Any) -> None:
    assert stale("scenes/s07_processing_transformer_blocks/shapes/arrow.svg", "", "<svg/>") == {"07"}


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [("text.toml", "France", "Spain"), ("page.py", "{parameters_per_layer}", "{layers}")],
)
def test_a_changed_default_text_or_place_on_the_page_draws_nothing(
    stale: Any, file: str, before: str, after: str
) -> None:
    """A text is drawn again for what is recorded of it; the page is written in any run."""
    assert stale(f"scenes/s07_processing_transformer_blocks/{file}", before, after) == set()


def test_a_changed_part_draws_the_loops_that_have_it(stale: Any) -> None:
    assert stale("scenes/parts/vector.py", "from __future__", "# Changed.\nfrom __future__") == {"06", "07"}

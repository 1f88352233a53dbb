"""Every text and number of ``trace.json``, altered and sealed again, is found by ``verify``."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from model_trace.models import checkpoints
from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import generation
from model_trace.recording.spec import RecordingSpec
from model_trace.store import store
from model_trace.trace import Trace, TraceError
from model_trace.verify import verify
from model_trace.verify_fields import ENVIRONMENT
from tests.command import run
from tests.model_trace.families import TEXT, save_model
from tests.model_trace.mutations import write_index

Tiny = Callable[[str], Checkpoint]
Path_ = tuple[str | int, ...]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_model(tmp_path_factory.mktemp("models") / "checked", "llama")


@pytest.fixture(scope="module")
def checkpoint(folder: Path) -> Checkpoint:
    return checkpoints.load(str(folder))


def saved(trace: Trace, path: Path) -> Path:
    store.save(trace, path)
    return path


@pytest.fixture(scope="module")
def drawn(checkpoint: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    trace = generation.record(
        checkpoint, TEXT[:12], spec=RecordingSpec(candidates=3), max_new_tokens=3, temperature=0.9, seed=4
    )
    return saved(trace, tmp_path_factory.mktemp("drawn") / "drawn.trace")


@pytest.fixture(scope="module")
def greedy(checkpoint: Checkpoint, tmp_path_factory: pytest.TempPathFactory) -> Path:
    spec = RecordingSpec(tensors=("embed",), candidates=2, lens="none")
    trace = generation.record(checkpoint, TEXT[:12], spec=spec, seed=9, top_p=0.5)
    return saved(trace, tmp_path_factory.mktemp("greedy") / "greedy.trace")


def fields(value: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Where a text, a number, true, false or null stands, and every empty list and object."""
    if isinstance(value, dict | list) and value:
        for key, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from fields(each, (*path, key))
    else:
        yield path


def altered(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case None:
            return 1
        case int() | float():
            return value + 1
        case str():
            return "false " + value
        case list():
            return [1]
        case _:
            return {"x": "false"}


def change(path: Path, where: Path_, to: Callable[[Any], Any], folder: Path) -> Path:
    copy = Path(shutil.copytree(path, folder / "changed.trace", dirs_exist_ok=True))
    index = json.loads((path / "trace.json").read_text())
    holder = index
    for key in where[:-1]:
        holder = holder[key]
    holder[where[-1]] = to(holder[where[-1]])
    write_index(copy, index)
    return copy


@pytest.mark.parametrize("kind", ["drawn", "greedy"])
def test_every_altered_field_is_found(
    kind: str, checkpoint: Checkpoint, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    """But for where it was recorded, which another machine cannot know."""
    path: Path = request.getfixturevalue(kind)
    assert all(check.ok for check in verify(path, checkpoint))
    index = json.loads((path / "trace.json").read_text())
    unnoticed = []
    for where in fields({name: each for name, each in index.items() if name != "sha256"}):
        changed = change(path, where, altered, tmp_path)
        try:
            wrong = [check for check in verify(changed, checkpoint) if not check.ok]
        except TraceError as error:
            assert "\n" not in str(error)
            continue
        if not wrong:
            unnoticed.append(where)
        elif where[0] in ("model", "certificate", "provenance", "unavailable"):
            name = "trace.json/" + ".".join(str(key) for key in where[:2])
            assert any(check.name.startswith(name) and check.difference for check in wrong), (where, wrong)
    assert {where[:2] for where in unnoticed} <= {("provenance", name) for name in ENVIRONMENT}


@pytest.mark.parametrize("kind", ["training", "fine_tuning"])
def test_false_words_about_a_training_are_found(
    kind: str, training: Trace, fine_tuning: Trace, tmp_path: Path
) -> None:
    trace = {"training": training, "fine_tuning": fine_tuning}[kind]
    path = saved(trace, tmp_path / "good.trace")
    checkpoint = checkpoints.load(trace.provenance["model_source"])
    assert all(check.ok for check in verify(path, checkpoint))
    for where in ((kind, "seed"), ("model", "licence"), ("provenance", "trained"), ("certificate",)):
        to: Callable[[Any], Any] = (lambda value: {}) if where == ("certificate",) else altered
        changed = change(path, where, to, tmp_path)
        wrong = [check.name for check in verify(changed, checkpoint) if not check.ok]
        if where[-1] == "seed":
            assert any(name.endswith("/loss") for name in wrong)
        else:
            assert wrong and all(name.startswith("trace.json/" + ".".join(where)) for name in wrong)


def test_an_empty_certificate_is_found(drawn: Path, checkpoint: Checkpoint, tmp_path: Path) -> None:
    changed = change(drawn, ("certificate",), lambda value: {}, tmp_path)
    wrong = {check.name: check.difference for check in verify(changed, checkpoint) if not check.ok}
    assert "trace.json/certificate.one_forward" in wrong
    assert all("the trace says nothing" in words for words in wrong.values())


def test_a_text_that_ended_by_itself_was_not_cut(
    greedy: Path, checkpoint: Checkpoint, tmp_path: Path
) -> None:
    """Eight tokens end a text whose length nobody named; more cannot have been asked for."""
    changed = change(greedy, ("generation", "max_new_tokens"), lambda value: 40, tmp_path)
    (wrong,) = [check for check in verify(changed, checkpoint) if not check.ok]
    assert wrong.name == "trace.json/generation.max_new_tokens"
    assert wrong.difference == "the trace says 40, here 8"


def test_the_rerun_is_as_large_as_what_is_there(checkpoint: Checkpoint, tmp_path: Path) -> None:
    """A text of nine tokens does not ask for the memory of thousands, whatever it says."""
    folder = save_model(tmp_path / "wide", "llama", max_position_embeddings=100_000_000)
    wide = checkpoints.load(str(folder))
    path = saved(generation.record(wide, TEXT[:12], max_new_tokens=3), tmp_path / "wide.trace")
    changed = change(path, ("generation", "max_new_tokens"), lambda value: 50_000_000, tmp_path)
    (wrong,) = [check for check in verify(changed, wide) if not check.ok]
    assert wrong.name == "trace.json/generation.max_new_tokens"


def test_a_folder_that_a_trace_names_is_not_opened(drawn: Path, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(TraceError, match=r"not in the hub's local cache: give .* with --model"):
        verify(drawn)
    assert all(check.ok for check in verify(drawn, model=str(folder)))
    moved = shutil.copytree(folder, tmp_path / "checked")
    assert all(check.ok for check in verify(drawn, model=str(moved)))


@pytest.mark.parametrize("source", ["someone/model-that-nobody-has", "../x", "https://example.com/x", ""])
def test_what_a_trace_names_is_not_fetched(drawn: Path, tmp_path: Path, source: str) -> None:
    changed = change(drawn, ("provenance", "model_source"), lambda value: source, tmp_path)
    with pytest.raises(TraceError, match="not in the hub's local cache"):
        verify(changed)


def test_the_command_line(drawn: Path, folder: Path, tmp_path: Path) -> None:
    changed = change(drawn, ("model", "licence"), lambda value: "MIT\x1b[2J", tmp_path)
    done = run("verify", changed, "--model", folder)
    assert done.returncode == 1, done.stderr
    (line,) = [line for line in done.stdout.splitlines() if line.startswith("FAIL")]
    assert "trace.json/model.licence" in line and "MIT\\x1b[2J" in line and "'unknown'" in line
    assert len(done.stderr.splitlines()) == 1 and "model.licence" in done.stderr
    refused = run("verify", drawn)
    assert refused.returncode == 2
    (line,) = refused.stderr.splitlines()
    assert str(folder) in line and "--model" in line

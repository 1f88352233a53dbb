"""Whoever has a provenance and the recording it names finds every value again, without our code."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import numpy.typing as npt
import pytest
from safetensors.numpy import load_file

from model_trace.store import store
from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.chosen_content import choose_content
from scenes.transcript import Transcript
from scenes.wording import Wording
from tests.loops import entry
from traced_loops import rendering
from traced_loops.jobs.layout import jobs_of
from traced_loops.jobs.options import DrawingOptions
from traced_loops.rendering.jobs import Drawn
from traced_loops.rendering.provenance import provenance

SCHEMA = json.loads(Path(rendering.__file__).with_name("provenance.schema.json").read_text(encoding="utf-8"))

# what the names of the formulas say
FORMULAS: dict[str, Callable[..., Any]] = {
    # a token's id and the text of that id are one value
    "value": lambda value, *same: value if all(each == value for each in same) else None,
    "norm(after - before) / norm(before)": lambda before, after: (
        np.sqrt(((after - before) ** 2).sum(-1)) / np.sqrt((before**2).sum(-1))
    ),
    "1 - sum": lambda *values: 1 - sum(np.sum(value) for value in values),
    "mean": lambda *values: sum(values) / len(values),
    "last / first": lambda first, last: last / first,
    "max(abs(value))": lambda value: np.max(np.abs(value)),
    "median of abs(value)": lambda value: np.sort(np.abs(value).ravel())[
        [(value.size - 1) // 2, value.size // 2]
    ].mean(),
    "max(abs(first)) / max(abs(last))": lambda first, last: np.abs(first).max() / np.abs(last).max(),
    "1 + count(first > last)": lambda first, last: 1 + (first > last).sum(),
    "logit + log(own probability / its probability)": lambda logit, its, own: logit + np.log(own / its),
    "number of values": np.size,
    "first - number of the others": lambda first, *others: first - sum(map(np.size, others)),
}


class RecordingOptions:
    """A trace as it lies on disk, read by the libraries for its formats."""

    def __init__(self, folder: Path) -> None:
        self.index = json.loads((folder / "trace.json").read_text())
        self.tensors: dict[str, npt.NDArray[Any]] = {}
        for shard in self.index["shards"]:
            self.tensors |= load_file(folder / shard)

    def at(self, source: dict[str, Any]) -> Any:
        """What stands where a source points: a text, a token's bytes, or numbers in float64."""
        name, index = source["tensor"], source["index"]
        if name == "tokens":
            return bytes.fromhex(self.index["tokens"][index[0]]["bytes"])
        if name == "pieces":
            return bytes.fromhex(self.index["pieces"][str(index[0])])
        if "." in name:
            value, places = self.index, iter(index)
            for key in name.split("."):
                value = value[next(places)] if isinstance(value, list) else value
                value = value[key]
            for place in places:
                value = value[place]
            return value
        values = self.tensors[name][tuple(index)]
        return (
            bytes.fromhex(self.index["pieces"][str(values)])
            if name.endswith("_ids")
            else values.astype(np.float64)
        )


def written_of(number: str, trace: Trace, subject: str) -> dict[str, Any]:
    """As it is written beside the loop, read back."""
    one = entry(number)
    choice = choose_content(one, trace, article=False, subject=subject)
    ((job,),) = jobs_of({one: choice}, DrawingOptions(output=Path("unused"))).values()
    drawn = Drawn(files={}, frames=1, size=(426, 240), beats=(), words={}, boxes={})
    media = {f"{one.stem}.{ending}": "0" * 64 for ending in ("webm", "png")}
    told = provenance(job, drawn, Transcript("told", ()), media, Wording())
    written: dict[str, Any] = json.loads(json.dumps(told))
    return written


CASES = [
    (one.number, which)
    for one in CATALOGUE
    for which in ((1, 20, "given") if one.needs == "text" else (one.needs,))
]


@pytest.fixture(scope="module")
def recorded(
    traces: dict[int, Trace],
    given: Trace,
    by_need: dict[str, Trace],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Any], tuple[Trace, RecordingOptions]]:
    """A recording by what it is of, saved and opened again."""
    folder = tmp_path_factory.mktemp("recordings")
    kept: dict[Any, tuple[Trace, RecordingOptions]] = {}

    def find(which: Any) -> tuple[Trace, RecordingOptions]:
        if which not in kept:
            path = folder / f"{which}.trace"
            saved = store.save({**traces, **by_need, "given": given}[which], path)
            kept[which] = saved, RecordingOptions(path)
        return kept[which]

    return find


@pytest.mark.parametrize("subject", ["gpt3", "model"])
@pytest.mark.parametrize(("number", "which"), CASES)
def test_every_value_is_found_in_the_recording(number: str, which: Any, subject: str, recorded: Any) -> None:
    trace, recording = recorded(which)
    written = written_of(number, trace, subject)
    jsonschema.validate(written, SCHEMA, jsonschema.Draft202012Validator)
    for value in written["values"]:
        if "fact" in value:
            assert subject == "gpt3" and written["facts"][value["fact"]], value["path"]
            continue
        found = FORMULAS[value["from"]["formula"]](*map(recording.at, value["from"]["sources"]))
        if isinstance(found, bytes):
            text = value["value"]
            # of a token that shares a character, the whole character is the value, its own bytes stand beside
            assert value.get("bytes", text.encode().hex().upper()) == found.hex().upper(), value["path"]
            assert ("bytes" in value) == (text.encode() != found), value["path"]
            assert found in text.encode() or text == f"0x{value['bytes']}", value["path"]
        elif isinstance(found, str):
            assert value["value"] == found, value["path"]
        else:
            assert np.allclose(value["value"], np.ravel(found), rtol=1e-12, atol=0), value["path"]


@pytest.mark.parametrize(("number", "which"), CASES)
def test_the_recording_is_named_with_its_certificate(number: str, which: Any, recorded: Any) -> None:
    trace, recording = recorded(which)
    written = written_of(number, trace, "gpt3")["recording"]
    assert written["trace"] == trace.digest
    assert written["certificate"] == recording.index["certificate"] != {}
    assert written["model"]["weights_sha256"] == recording.index["model"]["weights_sha256"]


class Watched(dict[str, Any]):
    """Tensors by name that remember which were asked for."""

    def __init__(self, tensors: Mapping[str, Any]) -> None:
        super().__init__(tensors)
        self.read: set[str] = set()

    def __getitem__(self, name: str) -> Any:
        self.read.add(name)
        return super().__getitem__(name)


def test_the_trace_formats_page_says_which_loops_read_a_tensor(
    traces: dict[int, Trace], given: Trace, by_need: dict[str, Trace]
) -> None:
    from docs.generated import read_meanings  # a copy of the program has no documentation

    read: dict[str, set[str]] = {}
    for each in CATALOGUE:
        for trace in (traces[6], given) if each.needs == "text" else (by_need[each.needs],):
            tensors = Watched(trace.tensors)
            choose_content(each, replace(trace, tensors=tensors), article=False)
            for name in tensors:
                read.setdefault(name, set()).update([each.number] if name in tensors.read else [])
    told = {
        f"{part}/{name}": set(loops)
        for part, tensors in read_meanings().items()
        for name, (_, loops) in tensors.items()
    }
    assert read == {name: told[name] for name in read}
    assert len(read) > 70

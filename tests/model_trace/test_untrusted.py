"""A trace from anywhere: what is wrong with it is said in one line, before anything is drawn or much read."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model_trace.models.checkpoints import Checkpoint
from model_trace.recording import generation
from model_trace.recording.spec import RecordingSpec
from model_trace.store import store
from model_trace.trace import SCHEMA_VERSION, Trace, TraceError
from tests.model_trace.families import TEXT
from tests.model_trace.mutations import rewrite, write_index

ROOT = Path(__file__).parents[2]
SHARD = "tensors-001.safetensors"


@pytest.fixture(scope="module")
def saved(
    tiny: Callable[[str], Checkpoint],
    training: Trace,
    fine_tuning: Trace,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Path]:
    """A trace of each kind."""
    drawn = generation.record(
        tiny("llama"), TEXT[:20], spec=RecordingSpec.everything(), max_new_tokens=4, temperature=0.8
    )
    folder = tmp_path_factory.mktemp("traces")
    traces = {"generation": drawn, "training": training, "fine-tuning": fine_tuning}
    for kind, trace in traces.items():
        store.save(trace, folder / f"{kind}.trace")
    return {kind: folder / f"{kind}.trace" for kind in traces}


@pytest.fixture
def trace(saved: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(saved["generation"], tmp_path / "x.trace"))


def refused(path: Path, *says: str) -> str:
    with pytest.raises(TraceError) as caught:
        store.open_checked(path)
    line = str(caught.value)
    assert "\n" not in line
    for words in says:
        assert words in line
    return line


@pytest.mark.parametrize(
    ("kind", "count"),
    [
        ("generation", 100),
        ("training", 50),
        ("fine-tuning", 50),
        pytest.param("generation", 1000, marks=pytest.mark.full),
        pytest.param("training", 1000, marks=pytest.mark.full),
        pytest.param("fine-tuning", 1000, marks=pytest.mark.full),
    ],
)
def test_mutations_are_refused_or_change_nothing(saved: dict[str, Path], kind: str, count: int) -> None:
    """In a process of its own, which is given 256 MB more than it has."""
    seed = "2" if count >= 1000 else "1"
    done = subprocess.run(
        [sys.executable, "-m", "tests.model_trace.mutations", saved[kind], str(count), seed],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("name", "index", "value"),
    [
        ("generation/top_probabilities", (2, 1), np.nan),
        ("generation/attn_pattern", (0, 1, 3, 2), np.nan),
        ("generation/rest_probability", (0,), 0.999),
        ("generation/lens_probabilities", (1, 0, 0), 1.5),
        ("generation/next_rank", (1,), 0),
        ("generation/lens_ids", (0, 0, 0), 300),
        ("generation/lens_positions", (0,), -1),
        ("generation/resid_post", (1, 2, 3), np.inf),
    ],
)
def test_values_that_cannot_be(trace: Path, name: str, index: tuple[int, ...], value: float) -> None:
    """With every digest as it should be."""
    rewrite(trace, name, lambda array: array.__setitem__(index, value))
    store.check_digests(trace)
    refused(trace, str(trace), name.replace("rest_probability", "top_probabilities"))


def test_an_index_without_end(trace: Path) -> None:
    """20 GB that take no room on disk."""
    os.truncate(trace / "trace.json", 20 * 2**30)
    refused(trace, "trace.json is larger than")


def test_a_header_of_a_thousand_million_bytes(trace: Path) -> None:
    index = json.loads((trace / "trace.json").read_text())
    with (trace / SHARD).open("r+b") as shard:
        shard.write((10**9).to_bytes(8, "little"))
    os.truncate(trace / SHARD, 10**9 + 100)
    index["shards"][SHARD]["bytes"] = 10**9 + 100
    write_index(trace, index)
    refused(trace, SHARD, "its header cannot be 1000000000 bytes long")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no JSON", "damaged"),
        ("[" * 10**6, "nested too deeply"),
        ("[]", "damaged"),
        ("null", "damaged"),
        ('{"schema_version": 2, "schema_version": 2}', "'schema_version' stands there twice"),
        ('{"schema_version": NaN}', "NaN is no number"),
        ('{"schema_version": 1e999}', "damaged"),
        ('{"schema_version": 2, "model": "\\ud800", "sha256": ""}', "damaged"),
    ],
)
def test_what_is_no_index(trace: Path, text: str, says: str) -> None:
    (trace / "trace.json").write_text(text)
    refused(trace, "trace.json", says)


def test_a_name_twice_in_a_header(trace: Path) -> None:
    data = (trace / SHARD).read_bytes()
    header = data[8 : 8 + int.from_bytes(data[:8], "little")]
    twice = header.replace(b'"generation/v"', b'"generation/z"')
    assert twice != header
    (trace / SHARD).write_bytes(data.replace(header, twice))
    refused(trace, SHARD, "'generation/z' stands there twice")


@pytest.mark.parametrize("file", ["trace.json", SHARD])
def test_links_and_pipes_are_not_followed(trace: Path, saved: dict[str, Path], file: str) -> None:
    (trace / file).unlink()
    (trace / file).symlink_to(saved["generation"] / file)
    refused(trace, file, "outside the trace")
    (trace / file).unlink()
    os.mkfifo(trace / file)
    refused(trace, file, "outside the trace")


def test_names_cannot_write_on_the_terminal(trace: Path) -> None:
    index = json.loads((trace / "trace.json").read_text())
    index["shards"]["\x1b[2J\nerror: " + "x" * 10_000] = index["shards"].pop(SHARD)
    write_index(trace, index)
    line = refused(trace, "\\x1b[2J\\n")
    assert line.isprintable()
    assert len(line) < 1000


@pytest.mark.parametrize(
    "place",
    [
        ("model", "label"),
        ("model", "licence"),
        ("model", "architecture"),
        ("tokens", 1, "text"),
        ("tokens", 1, "bytes"),
        ("pieces", "7"),
        ("unavailable", "q"),
    ],
)
def test_texts_have_a_length(trace: Path, place: tuple[str | int, ...]) -> None:
    """Names and tokens are drawn and printed whole; a prompt may be long."""
    index = json.loads((trace / "trace.json").read_text())
    holder = index
    for step in place[:-1]:
        holder = holder[step]
    holder[place[-1]] = "ab" * 5000
    write_index(trace, index)
    refused(trace, "trace.json is damaged", place[0], "10000 characters long")


def test_a_long_prompt_is_read(trace: Path) -> None:
    index = json.loads((trace / "trace.json").read_text())
    index["generation"]["prompt"] = "ab" * 50_000
    index["provenance"]["text"]["tokens_joined_equal_text"] = False
    for token in index["tokens"]:
        token["surface"] = None
    write_index(trace, index)
    assert len(store.open_trace(trace).generation.prompt) == 100_000


def test_names_are_compared_in_linear_time(trace: Path) -> None:
    """300,000 names in an index; by pairs they would take an hour."""
    names = ",".join(f'"{number:06}":0' for number in range(300_000))
    (trace / "trace.json").write_text(f'{{"pieces":{{{names},"299999":1}}}}')
    begun = time.monotonic()
    refused(trace, "'299999' stands there twice")
    assert time.monotonic() - begun < 10


def test_a_vocabulary_without_end_takes_no_memory(trace: Path) -> None:
    index = json.loads((trace / "trace.json").read_text())
    del index["tensors"]["generation/logits"]
    index["model"]["vocabulary"] = 2**63 + 1
    write_index(trace, index)
    with contextlib.suppress(TraceError):
        store.open_checked(trace)


@pytest.mark.parametrize("how", ["a flipped byte", "a probability", "a newer schema", "no shard"])
def test_the_command_line_says_so_and_writes_nothing(trace: Path, tmp_path: Path, how: str) -> None:
    index: dict[str, Any] = json.loads((trace / "trace.json").read_text())
    match how:
        case "a flipped byte":
            data = bytearray((trace / SHARD).read_bytes())
            data[-9] ^= 4
            (trace / SHARD).write_bytes(data)
        case "a probability":
            rewrite(trace, "generation/next_probability", lambda array: array.fill(np.nan))
        case "a newer schema":
            write_index(trace, index | {"schema_version": SCHEMA_VERSION + 1})
        case "no shard":
            (trace / SHARD).unlink()
    done = subprocess.run(
        [sys.executable, "render.py", "videos", "4", "--trace", trace, "--output", tmp_path / "out"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2, done.stderr
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: ")
    assert str(trace) in line
    assert not (tmp_path / "out").exists()

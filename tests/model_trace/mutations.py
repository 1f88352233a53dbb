"""Traces that were damaged by chance, and others made to deceive; run as a program, many of them in bounds.

    python -m tests.model_trace.mutations TRACE COUNT SEED

opens COUNT mutations of TRACE in a process that may take little memory more than it has, and prints, for
each that was neither refused in one line nor read as the original, what was done to it.
"""

from __future__ import annotations

import json
import random
import resource
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from safetensors.numpy import load_file, save_file

from model_trace.models.digests import file_sha256
from model_trace.store import store
from model_trace.store.index import seal
from model_trace.trace import Trace, TraceError

# What opening a trace may take of address space beyond what the process has: its index and a few portions.
ROOM_BYTES = 256 * 2**20

Index = dict[str, Any]


def damage(path: Path, chance: random.Random) -> str:
    """Change some bytes of one file of the trace, or the file as a whole; says what was done."""
    file = chance.choice(sorted(path.iterdir()))
    data = bytearray(file.read_bytes())
    place = chance.randrange(len(data))
    ways = ("flip", "flip", "flip", "set", "insert", "delete", "cut", "double", "empty", "missing", "append")
    how = chance.choice(ways)
    match how:
        case "flip":
            data[place] ^= 1 << chance.randrange(8)
        case "set":
            data[place] = chance.randrange(256)
        case "insert":
            data[place:place] = chance.randbytes(chance.randrange(1, 40))
        case "delete":
            del data[place : place + chance.randrange(1, 40)]
        case "cut":
            del data[place:]
        case "double":
            data[place:place] = data[place : place + chance.randrange(1, 400)]
        case "empty":
            data.clear()
        case "append":
            data += chance.randbytes(chance.randrange(1, 40))
    file.unlink()
    if how != "missing":
        file.write_bytes(data)
    return f"{how} at {place} of {file.name}"


def deceive(path: Path, chance: random.Random) -> str:
    """Make the trace say what cannot be, with all digests as they should be; says what was done."""
    if chance.random() < 0.4:
        return _false_value(path, chance)
    index = json.loads((path / "trace.json").read_text())
    what = _false_index(index, chance)
    write_index(path, index)
    return what


def write_index(path: Path, index: Index) -> None:
    """Write the index and seal it."""
    try:
        index["sha256"] = seal(index)
    except ValueError:
        index["sha256"] = "0" * 64
    (path / "trace.json").write_text(json.dumps(index))


def rewrite(path: Path, name: str, change: Callable[[Any], object]) -> None:
    """Change a tensor in place, and all digests with it."""
    index = json.loads((path / "trace.json").read_text())
    shard = index["tensors"][name]["shard"]
    arrays = {key: np.array(values) for key, values in load_file(path / shard).items()}
    change(arrays[name])
    save_file(arrays, path / shard)
    size = (path / shard).stat().st_size
    index["shards"][shard] = {"bytes": size, "sha256": file_sha256(path / shard)}
    write_index(path, index)


def _false_value(path: Path, chance: random.Random) -> str:
    index = json.loads((path / "trace.json").read_text())
    name = chance.choice(sorted(index["tensors"]))
    integers = index["tensors"][name]["dtype"].startswith("int")
    false: list[float] = [-1, -(2**31), 2**31 - 1] if integers else [np.nan, np.inf]
    if name.endswith(("sample_index", "histograms", "histogram_outside")):
        false = [-1]
    if "probabilit" in name or name.endswith("attn_pattern"):
        false += [-0.5, 1.5]
    if name.endswith("choice_probability"):
        false.remove(np.nan)
    value = chance.choice(false)
    place = chance.random()

    def change(array: Any) -> None:
        array.reshape(-1)[int(place * array.size)] = value

    rewrite(path, name, change)
    return f"{value} in {name}"


def _false_index(index: Index, chance: random.Random) -> str:
    entry = index["tensors"][chance.choice(sorted(index["tensors"]))]
    token = chance.choice(index["tokens"])
    axis = chance.randrange(len(entry["shape"]))
    size = entry["shape"][axis]
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    spots = list(_spots({name: index[name] for name in ("model", "tokens", "tensors", "shards")}))
    holder, key = chance.choice(spots)
    strange = [None, [], {}, True, -1, 10**40, "\0", deep]
    wrong = [each for each in strange if type(each) is not type(holder[key]) or each in (-1, 10**40, "\0")]
    if holder[key] in (0, 1) or key in ("context_window", "parameters", "key_value_heads", "d_head", "d_mlp"):
        wrong = [None, [], {}, 10**40, "\0"]
    if isinstance(holder[key], str) and holder is index["model"]:
        wrong.remove("\0")
    shard = next(iter(index["shards"]))
    sizes = [0, size + 1, 2**62, -size]
    dtypes = ["float64", "int8", "object", "float16"]
    ways: list[tuple[str, Callable[[], object]]] = [
        ("a part's type", lambda: holder.update({key: chance.choice(wrong)})),
        ("a part's type", lambda: holder.update({key: chance.choice(wrong)})),
        ("a field is gone", lambda: holder.pop(key)),
        (
            "another shape",
            lambda: entry["shape"].__setitem__(axis, chance.choice(sizes)),
        ),
        (
            "another dtype",
            lambda: entry.update(dtype=chance.choice(dtypes)),
        ),
        ("another shard", lambda: entry.update(shard="../../" + entry["shard"])),
        ("a shard elsewhere", lambda: index["shards"].update({f"../{shard}": index["shards"].pop(shard)})),
        ("a shard's size", lambda: index["shards"][shard].update(bytes=chance.choice([0, -1, 2**62]))),
        ("an id", lambda: token.update(id=chance.choice([-1, index["model"]["vocabulary"], 2**40]))),
        ("bytes", lambda: token.update(bytes=token["bytes"] + "00")),
        ("text", lambda: token.update(text=token["text"] + "!")),
        ("a role", lambda: token.update(role="system")),
        ("pieces", lambda: index["pieces"].pop(str(token["id"]))),
        ("pieces", lambda: index["pieces"].update({"-1": "00"})),
        ("a schema", lambda: index.update(schema_version=chance.choice([0, -1, 99, "2", None, 2.0, True]))),
        ("tokens are gone", lambda: index.update(tokens=index["tokens"][:1])),
        ("one token more", lambda: index["tokens"].append(index["tokens"][0])),
    ]
    if "training" in index or "fine_tuning" in index:
        ways.pop()  # what they record hangs on no number of tokens
    what, change = chance.choice(ways)
    change()
    return f"{what} ({key})" if "part" in what or "field" in what else what


def _spots(values: Any) -> Iterator[tuple[dict[str, Any], str]]:
    """Every name that stands for a number or a text."""
    for key, value in values.items() if isinstance(values, dict) else enumerate(values):
        if isinstance(value, dict | list):
            yield from _spots(value)
        elif isinstance(values, dict):
            yield values, key


def alike(one: Trace, other: Trace) -> bool:
    """Whether two opened traces say and hold the same."""
    said = all(
        getattr(one, field.name) == getattr(other, field.name)
        for field in fields(Trace)
        if field.name != "tensors"
    )
    return said and all(
        np.array_equal(one.tensors[name][...], other.tensors[name][...], equal_nan=True)
        for name in {*one.tensors, *other.tensors}
        if one.tensors[name].dtype.kind == "f" or one.tensors[name].shape
    )


def problem(path: Path, original: Trace, *, deceived: bool) -> str | None:
    """What is wrong with how the mutated trace was met, if anything."""
    try:
        opened = store.open_checked(path)
    except TraceError as error:
        line = str(error)
        useful = "\n" not in line and path.name in line and 20 < len(line) <= 600
        return None if useful else f"unhelpful: {line!r}"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    if deceived:
        return "it was believed"
    return None if alike(opened, original) else "it was read as something else"


def main(path: Path, count: int, seed: int) -> int:
    original = store.open_checked(path)
    now = next(line for line in Path("/proc/self/status").read_text().splitlines() if "VmSize" in line)
    limit = int(now.split()[1]) * 1024 + ROOM_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    failed = 0
    for number in range(count):
        chance = random.Random(seed * 1_000_003 + number)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(shutil.copytree(path, Path(folder) / "mutated.trace"))
            deceived = number % 2 == 1
            what = (deceive if deceived else damage)(copy, chance)
            found = problem(copy, original, deceived=deceived)
            if found is not None:
                failed += 1
                print(f"{number}: {what}: {found}")
    return failed


if __name__ == "__main__":
    sys.exit(bool(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))

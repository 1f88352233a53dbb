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
from model_trace.store.field_checks import PROVENANCE
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
    way = chance.random()
    if way < 0.3:
        return _false_value(path, chance)
    if way < 0.4:
        return _false_relation_of_values(path, chance)
    index = json.loads((path / "trace.json").read_text())
    what = (_false_relation if way < 0.7 else _false_index)(index, chance)
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


def _false_relation(index: Index, chance: random.Random) -> str:
    """Make two fields contradict each other, each of which could be so by itself."""
    model, tokens, provenance = index["model"], index["tokens"], index["provenance"]
    key = chance.choice(sorted(PROVENANCE.keys() & provenance.keys()))
    strange = [None, [], {}, True, 1, 1.5, "x"]
    wrong = [each for each in strange if type(each) not in PROVENANCE[key]]
    ways: list[tuple[str, Callable[[], object]]] = [
        ("a vocabulary", lambda: model.update(vocabulary=chance.choice([2**31, 2**40, 2**63 - 1]))),
        ("a piece outside the vocabulary", lambda: index["pieces"].update({str(model["vocabulary"]): "00"})),
        ("layers without end", lambda: model.update(layers=chance.choice([2**17, 2**40]))),
        ("more heads of keys than heads", lambda: model.update(key_value_heads=model["heads"] + 1)),
        ("a window", lambda: model.update(context_window=len(tokens) - 2)),
        ("a digest", lambda: model.update(weights_sha256=model["weights_sha256"][:-1] + "g")),
        ("provenance of another type", lambda: provenance.update({key: chance.choice(wrong)})),
        ("no versions", lambda: provenance["software"].pop("python")),
        ("no device", lambda: provenance.pop("device")),
        ("a certificate of words", lambda: index["certificate"].update(good="yes")),
        ("the first token as written", lambda: tokens[0].update(role="generated")),
        ("the first token as given", lambda: tokens[0].update(role="given")),
        ("a prompt after its continuation", lambda: tokens[-1].update(role="prompt")),
        ("an unknown role", lambda: tokens[0].update(role="assistant")),
    ]
    if "generation" in index:
        made, spec = index["generation"], provenance["spec"]
        ways += [
            ("layers", lambda: model.update(layers=model["layers"] + chance.choice([-1, 1]))),
            ("a width", lambda: model.update(d_model=model["d_model"] + 1)),
            ("heads", lambda: model.update(heads=model["heads"] + 1)),
            ("given and written", lambda: tokens[-2].update(role="given")),
            ("a prompt among what is written", lambda: tokens[-2].update(role="prompt")),
            ("a mode", lambda: made.update(mode=chance.choice(["greedy", "given"]))),
            ("a completion", lambda: made.update(completion="!")),
            ("a temperature", lambda: made.update(temperature=chance.choice([0.0, -1.0]))),
            ("a top-p", lambda: made.update(top_p=chance.choice([0.0, 1.5]))),
            ("a prompt", lambda: made.update(prompt=made["prompt"] + "!")),
            ("fewer new tokens", lambda: made.update(max_new_tokens=2)),
            ("a stop", lambda: made.update(stopped=chance.choice(["given", "end of text"]))),
            ("kept layers", lambda: spec.update(layers=chance.choice([[0], [2, 1], [model["layers"]]]))),
            ("a spec's type", lambda: spec.update({chance.choice(sorted(spec)): 5.5})),
            ("a spec's tensor", lambda: spec.update(tensors=["x"])),
            ("the lens's places", lambda: spec.update(lens="all")),
            ("forwards", lambda: provenance.update(forwards=chance.choice([[], [0], [1], ["x"], [2**40]]))),
            ("unavailable and there", lambda: index["unavailable"].update(embed="not here")),
        ]
    if "training" in index:
        run = index["training"]
        first = run["first_layer"][0]
        ways += [
            ("a label", lambda: run.update(label=run["features"][0])),
            ("features", lambda: run["features"].pop()),
            ("a step less", lambda: provenance.update(steps=provenance["steps"] - 1)),
            ("a rate that was not tried", lambda: run["optimisers"][0].update(learning_rate=0.0123)),
            ("a rate", lambda: run["optimisers"][0].update(learning_rate=0)),
            ("betas", lambda: run["optimisers"][-1].update(betas=[0.9])),
            ("a block outside", lambda: run["block"]["offset"].__setitem__(0, run["block"]["shape"][0])),
            ("a block of nothing", lambda: run["block"].update(parameter="x")),
            ("a parameter twice", lambda: run["parameters"].__setitem__(0, run["parameters"][1])),
            ("a block of three axes", lambda: first["size"].append(1)),
            ("a matrix", lambda: first["shape"].__setitem__(0, first["shape"][0] + 1)),
        ]
    if "fine_tuning" in index:
        tuned = index["fine_tuning"]
        held = next(place for place, pair in enumerate(tuned["pairs"]) if pair["use"] == "held out")
        ways += [
            ("an answer", lambda: tuned["answers"][0].update(expected="x")),
            ("no answers", lambda: tuned.update(answers=[])),
            ("nothing held out", lambda: tuned["pairs"][held].update(use="training")),
            ("a held-out word trained on", lambda: tuned["batches"][0].__setitem__(0, held)),
            ("a pair that is none", lambda: tuned["batches"][0].__setitem__(0, len(tuned["pairs"]))),
            ("a smaller batch", lambda: tuned["batches"][-1].pop()),
            ("no search", lambda: tuned["search"].update(trials=[])),
            ("steps without end", lambda: tuned["search"]["trials"][0].update(steps=10**9)),
            ("more steps", lambda: provenance.update(steps=10**9)),
            ("no answer in the tokens", lambda: [token.update(role="prompt") for token in tokens]),
        ]
    what, change = chance.choice(ways)
    change()
    return f"{what} ({key})" if "provenance" in what else what


def _false_relation_of_values(path: Path, chance: random.Random) -> str:
    """Make values contradict others, each of which could be so by itself."""
    names = sorted(json.loads((path / "trace.json").read_text())["tensors"])
    ways: list[tuple[str, Callable[[Any], object]]] = []
    for name in names:
        match name.partition("/")[2]:
            case "top_ids" | "lens_ids":
                ways.append((name, lambda array: array[..., 1].__setitem__(..., array[..., 0])))
            case "top_probabilities" | "lens_probabilities" | "top_logits":
                ways.append((name, lambda array: array.__setitem__(..., array[..., ::-1].copy())))
            case "next_probability":
                ways.append((name, lambda array: array.__setitem__(..., 1 - array)))
            case "entropy":
                ways.append((name, lambda array: array.fill(1000)))
            case "lens_entropy" | "lens_next_rank":
                ways.append((name, lambda array: array[-1].__iadd__(1)))
            case "lens_positions":
                ways.append((name, lambda array: array.__setitem__(..., array[::-1].copy())))
            case "attn_pattern":
                ways.append((name, lambda array: array.__setitem__((0, 0, 0, -1), 0.001)))
                ways.append((name, lambda array: array[0, 0, -1].fill(0.5)))
            case "choice_probability":
                ways.append((name, lambda array: array.fill(0.5)))
            case "histograms":
                ways.append((name, lambda array: array.__iadd__(1)))
            case "histogram_edges":
                ways.append((name, lambda array: array.__imul__(-1)))
            case "block_change":
                ways.append((name, lambda array: array.__iadd__(1)))
            case "loss" if name.startswith("training"):
                ways.append((name, lambda array: array.__iadd__(1)))
    name, change = chance.choice(ways)
    rewrite(path, name, change)
    return f"a relation of {name}"


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

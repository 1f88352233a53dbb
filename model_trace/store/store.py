"""A trace as a folder: ``trace.json`` beside safetensors shards. Needs no torch.

``trace.json`` names each shard's size and SHA-256 and each tensor's shard, dtype and shape, and is sealed
with a digest of its own. The shards are plain safetensors files; opening a trace reads their headers
alone, and slices are read on demand.

A trace may come from anywhere: nothing outside its folder is opened, nothing is unpickled or run, and
what it takes of memory is bounded by what is drawn of it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from model_trace.atomic import write_folder
from model_trace.models.digests import file_sha256, remembered_sha256
from model_trace.recording.sizes import SHARD_BYTES
from model_trace.resources import disk_errors
from model_trace.schema import LONGEST_TEXT, PARTS, check_length, from_json, to_json
from model_trace.store import field_checks, shards, tensor_checks, value_checks
from model_trace.store.index import INDEX, SEAL, read, seal
from model_trace.trace import (
    SCHEMA_VERSION,
    Generation,
    ModelCard,
    Token,
    Trace,
    TraceError,
    TrainingRun,
)


def save(trace: Trace, path: Path, others: Mapping[str, Trace] | None = None) -> Trace:
    """Write the trace to the folder ``path`` and return it opened from there.

    ``others`` belong to it and go inside, each into a folder ``NAME.trace``; ``inner`` finds them. All is
    written to a partial folder beside it, flushed and renamed; a trace that was there is replaced only
    then. The same trace gives the same bytes.

    Raises:
        TraceError: something other than a trace is there, or the disk refuses.
    """
    path = Path(path)
    if path.exists() and not (path / INDEX).is_file() and (not path.is_dir() or any(path.iterdir())):
        raise TraceError(f"{path} exists and is not a trace: give another name")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with write_folder(path) as partial:
            for name, other in (others or {}).items():
                inside = partial / f"{name}.trace"
                inside.mkdir()
                _write(other, inside)
            _write(trace, partial)
    except OSError as error:
        raise TraceError(
            f"the trace cannot be written to {path} ({error.strerror or error}): choose another folder"
        ) from error
    return open_trace(path)


def inner(path: Path) -> tuple[Path, ...]:
    """The folders of the traces inside the trace at ``path``, by name."""
    folders = sorted(Path(path).glob("*.trace"))
    return tuple(folder for folder in folders if not folder.is_symlink() and (folder / INDEX).is_file())


def open_trace(path: Path) -> Trace:
    """The trace in the folder ``path``; tensors are read from disk when indexed.

    Sizes, dtypes, shapes and tokens are checked; digests and values are not (``open_checked`` does).

    Raises:
        TraceError: not a trace, of another schema, or damaged; the message names file and tensor.
    """
    path = Path(path)
    index = read(path)
    headers = {name: shards.header(path, name, shard["bytes"]) for name, shard in index["shards"].items()}
    tensors = {name: shards.tensor(path, name, entry, headers) for name, entry in index["tensors"].items()}
    try:
        trace = Trace(
            model=from_json(ModelCard, index["model"], "model"),
            parts=tuple(from_json(kind, index[name], name) for name, kind in PARTS.items() if name in index),
            tokens=tuple(from_json(Token, each, f"tokens[{i}]") for i, each in enumerate(index["tokens"])),
            tensors=tensors,
            pieces=_pieces(index["pieces"]),
            unavailable=_texts(index["unavailable"]),
            certificate=dict(index["certificate"]),
            provenance=dict(index["provenance"]),
            digest=index[SEAL],
        )
        _check_tokens(trace)
        field_checks.check_fields(trace)
        tensor_checks.check_shapes(trace)
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise TraceError(f"{path / INDEX} is damaged ({error}): record it again") from error
    return trace


def open_checked(path: Path, progress: Callable[[str], None] | None = None) -> Trace:
    """``open_trace`` for a recording that may come from anywhere: all of it is read and checked first.

    Raises:
        TraceError: as ``open_trace`` and ``check_digests``, or a tensor holds what none can.
    """
    path = Path(path)
    trace = open_trace(path)
    check_digests(path, progress)
    try:
        tensor_checks.check_values(trace)
        value_checks.check_value_relations(trace)
    except TraceError as error:
        raise TraceError(f"{path} is damaged ({error}): record it again") from error
    return trace


def check_digests(
    path: Path, progress: Callable[[str], None] | None = None, *, remembered: bool = False
) -> None:
    """Compare each shard's content with its digest in ``trace.json``.

    ``remembered``: a shard that was read before and whose size, times and place on disk are those of then
    is not read again (see ``remembered_sha256``).

    Raises:
        TraceError: naming the first shard that differs and the tensors in it.
    """
    path = Path(path)
    index = read(path)
    for name, shard in index["shards"].items():
        if progress is not None:
            progress(f"checking {name}")
        shards.header(path, name, shard["bytes"])
        digest = (remembered_sha256 if remembered else file_sha256)(path / name)
        if digest != shard["sha256"]:
            names = ", ".join(key for key, entry in index["tensors"].items() if entry["shard"] == name)
            raise TraceError(
                f"{path / name} was changed after it was written (it holds {names}): record it again"
            )


def _write(trace: Trace, folder: Path) -> None:
    from safetensors.numpy import save_file

    written: dict[str, dict[str, Any]] = {}
    entries: dict[str, dict[str, Any]] = {}
    for number, names in enumerate(_shards(trace.tensors), start=1):
        shard = f"tensors-{number:03}.safetensors"
        # numpy may hand over views of larger buffers; safetensors writes them in C order.
        arrays = {name: np.ascontiguousarray(trace.tensors[name][...]) for name in names}
        with disk_errors(folder / shard):
            save_file(arrays, folder / shard)
        # safetensors keeps others out, which a result should not.
        (folder / shard).chmod(0o644)
        written[shard] = {"bytes": (folder / shard).stat().st_size, "sha256": file_sha256(folder / shard)}
        for name, array in arrays.items():
            entries[name] = {"shard": shard, "dtype": array.dtype.name, "shape": list(array.shape)}
    index: dict[str, Any] = {
        "schema_version": SCHEMA_VERSION,
        "model": to_json(trace.model),
        **{name: to_json(part) for name, kind in PARTS.items() for part in trace.parts if type(part) is kind},
        "tokens": [to_json(token) for token in trace.tokens],
        "tensors": entries,
        "shards": written,
        "pieces": {str(id): data.hex() for id, data in sorted(trace.pieces.items())},
        "unavailable": dict(trace.unavailable),
        "certificate": dict(trace.certificate),
        "provenance": dict(trace.provenance),
    }
    index[SEAL] = seal(index)
    text = json.dumps(index, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / INDEX).write_text(text + "\n", encoding="utf-8")


def _shards(tensors: Mapping[str, Any]) -> list[list[str]]:
    """Names packed into shards in their order; a tensor larger than a shard has one to itself."""
    shards: list[list[str]] = []
    room = 0
    for name, tensor in tensors.items():
        size = math.prod(tensor.shape) * tensor.dtype.itemsize
        if not shards or size > room:
            shards.append([])
            room = SHARD_BYTES
        shards[-1].append(name)
        room -= size
    return shards


def _pieces(recorded: Mapping[str, str]) -> dict[int, bytes]:
    for id, data in recorded.items():
        check_length(id, "pieces: an id", 20)
        check_length(data, f"pieces[{id}]", 2 * LONGEST_TEXT)
    pieces = {int(id): bytes.fromhex(data) for id, data in recorded.items()}
    if [str(id) for id in pieces] != list(recorded) or min(pieces, default=0) < 0:
        raise ValueError("pieces: a token's id is a whole number")
    return pieces


def _texts(reasons: Mapping[str, str]) -> dict[str, str]:
    if not all(isinstance(each, str) for each in reasons.values()):
        raise ValueError("unavailable: a reason is a text")
    for name, reason in reasons.items():
        check_length(name, "unavailable: a name")
        check_length(reason, "unavailable: a reason")
    return dict(reasons)


def _check_tokens(trace: Trace) -> None:
    """Token ids, their bytes and their texts agree with each other, the pieces and the vocabulary."""
    card = trace.model
    if len(trace.tokens) < 2 or not trace.parts:
        raise ValueError("tokens: a recording is of something, on two tokens at least")
    for place, token in enumerate(trace.tokens):
        piece = trace.pieces.get(token.id)
        if not 0 <= token.id < card.vocabulary:
            raise ValueError(f"tokens[{place}]: the vocabulary of {card.vocabulary} has no id {token.id}")
        # The first token sheds the space that some tokenizers put before any text.
        if piece not in (token.bytes, b" " + token.bytes):
            raise ValueError(f"tokens[{place}]: id and bytes disagree")
        if token.text != token.bytes.decode("utf-8", "replace"):
            raise ValueError(f"tokens[{place}]: bytes and text disagree")
    _check_surfaces(trace)


def _check_surfaces(trace: Trace) -> None:
    """What the tokens stand for makes up the texts that the trace names."""
    training = [each for part in trace.parts if isinstance(part, TrainingRun) for each in _example(part)]
    for tokens in (trace.tokens, training):
        known = [token.surface is not None for token in tokens]
        if any(known) and not all(known):
            raise ValueError("tokens: some do not say which stretch of the text they stand for")
    if trace.tokens[0].surface is None:
        return  # of schema 2
    for part in trace.parts:
        if isinstance(part, Generation):
            texts = {"prompt": part.prompt, **({"given": part.completion} if part.completion else {})}
            for role, text in texts.items():
                if "".join(token.surface or "" for token in trace.tokens if token.role == role) != text:
                    raise ValueError(f"tokens: those that are {role} do not make up the text")
        if isinstance(part, TrainingRun):
            example = "".join(token.surface or "" for token in _example(part))
            if example not in part.text:
                raise ValueError("training: the example is no part of the text")


def _example(part: TrainingRun) -> tuple[Token, ...]:
    return (*part.features, part.label)

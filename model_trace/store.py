"""A trace as a folder: ``trace.json`` beside safetensors shards. Needs no torch.

``trace.json`` names each shard's size and SHA-256 and each tensor's shard, dtype and shape. The shards
are plain safetensors files; opening a trace reads their headers alone, and slices are read on demand.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_trace.digests import file_sha256
from model_trace.plain import PARTS, build, plain
from model_trace.trace import SCHEMA_VERSION, ModelCard, Token, Trace, TraceError

INDEX = "trace.json"
# Shards are serialised in memory, so their size bounds what saving takes besides the tensors.
SHARD_BYTES = 256 * 2**20
MAX_INDEX_BYTES = 256 * 2**20
MAX_HEADER_BYTES = 16 * 2**20
DTYPES = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "I32": "<i4", "I64": "<i8"}


@dataclass(frozen=True)
class StoredTensor:
    """A tensor in a shard; indexing reads that slice from disk, as an array of its own."""

    values: np.memmap[Any, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        shape: tuple[int, ...] = self.values.shape
        return shape

    @property
    def dtype(self) -> np.dtype[Any]:
        dtype: np.dtype[Any] = self.values.dtype
        return dtype

    def __getitem__(self, index: Any, /) -> Any:
        # A copy: a view would keep the whole mapping alive, and change with the file.
        return np.array(self.values[index])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.values, dtype=dtype)


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
        raise TraceError(f"{path} exists and is not a trace; it is left alone")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent))
        try:
            # mkdtemp keeps others out, which a result should not.
            partial.chmod(0o755)
            for name, other in (others or {}).items():
                inside = partial / f"{name}.trace"
                inside.mkdir()
                _write(other, inside)
            _write(trace, partial)
            _replace(partial, path)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    except OSError as error:
        raise TraceError(f"the trace cannot be written to {path}: {error}") from error
    return open_trace(path)


def inner(path: Path) -> tuple[Path, ...]:
    """The folders of the traces inside the trace at ``path``, by name."""
    folders = sorted(Path(path).glob("*.trace"))
    return tuple(folder for folder in folders if not folder.is_symlink() and (folder / INDEX).is_file())


def open_trace(path: Path) -> Trace:
    """The trace in the folder ``path``; tensors are read from disk when indexed.

    Digests are not compared here (``check_digests`` does): sizes, dtypes and shapes are.

    Raises:
        TraceError: not a trace, of a newer schema, or damaged; the message names file and tensor.
    """
    path = Path(path)
    raw, index = _index(path)
    headers = {name: _header(path, name, shard["bytes"]) for name, shard in index["shards"].items()}
    tensors = {name: _tensor(path, name, entry, headers) for name, entry in index["tensors"].items()}
    try:
        return Trace(
            model=build(ModelCard, index["model"]),
            parts=tuple(build(kind, index[name]) for name, kind in PARTS.items() if name in index),
            tokens=tuple(build(Token, token) for token in index["tokens"]),
            tensors=tensors,
            pieces={int(id): bytes.fromhex(data) for id, data in index["pieces"].items()},
            unavailable=index["unavailable"],
            certificate=index["certificate"],
            provenance=index["provenance"],
            digest=hashlib.sha256(raw).hexdigest(),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise TraceError(f"{path / INDEX} is damaged: {error}") from error


def check_digests(path: Path, progress: Callable[[str], None] | None = None) -> None:
    """Compare each shard's content with its digest in ``trace.json``.

    Raises:
        TraceError: naming the first shard that differs and the tensors in it.
    """
    path = Path(path)
    _, index = _index(path)
    for name, shard in index["shards"].items():
        if progress is not None:
            progress(name)
        _header(path, name, shard["bytes"])
        if file_sha256(path / name) != shard["sha256"]:
            held = ", ".join(key for key, entry in index["tensors"].items() if entry["shard"] == name)
            raise TraceError(f"{path / name} was changed after it was written (it holds {held})")


def _write(trace: Trace, folder: Path) -> None:
    from safetensors.numpy import save_file

    shards: dict[str, dict[str, Any]] = {}
    entries: dict[str, dict[str, Any]] = {}
    for number, names in enumerate(_shards(trace.tensors), start=1):
        shard = f"tensors-{number:03}.safetensors"
        # numpy may hand over views of larger buffers; safetensors writes them in C order.
        arrays = {name: np.ascontiguousarray(trace.tensors[name][...]) for name in names}
        save_file(arrays, folder / shard)
        # safetensors keeps others out, which a result should not.
        (folder / shard).chmod(0o644)
        shards[shard] = {"bytes": (folder / shard).stat().st_size, "sha256": file_sha256(folder / shard)}
        for name, array in arrays.items():
            entries[name] = {"shard": shard, "dtype": array.dtype.name, "shape": list(array.shape)}
    index = {
        "schema_version": SCHEMA_VERSION,
        "model": plain(trace.model),
        **{name: plain(part) for name, kind in PARTS.items() for part in trace.parts if type(part) is kind},
        "tokens": [plain(token) for token in trace.tokens],
        "tensors": entries,
        "shards": shards,
        "pieces": {str(id): data.hex() for id, data in sorted(trace.pieces.items())},
        "unavailable": dict(trace.unavailable),
        "certificate": dict(trace.certificate),
        "provenance": dict(trace.provenance),
    }
    text = json.dumps(index, ensure_ascii=False, indent=1, allow_nan=False)
    (folder / INDEX).write_text(text + "\n", encoding="utf-8")
    for file in [*folder.iterdir(), folder]:
        _flush(file)


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


def _replace(partial: Path, path: Path) -> None:
    """Rename onto ``path``. A folder cannot be renamed onto a full one: the old one steps aside first."""
    if path.exists():
        aside = partial.with_name(f"{partial.name}.replaced")
        path.rename(aside)
        try:
            partial.rename(path)
        except OSError:
            aside.rename(path)
            raise
        shutil.rmtree(aside)
    else:
        partial.rename(path)
    _flush(path.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _index(path: Path) -> tuple[bytes, dict[str, Any]]:
    file = path / INDEX
    try:
        if file.stat().st_size > MAX_INDEX_BYTES:
            raise TraceError(f"{file} is implausibly large")
        raw = file.read_bytes()
    except OSError as error:
        raise TraceError(f"there is no trace at {path}: {error.strerror} ({INDEX})") from error
    try:
        index = json.loads(raw)
        schema = index["schema_version"]
        if not isinstance(schema, int) or schema < 1:
            raise ValueError(f"schema version {schema!r}")
        if schema > SCHEMA_VERSION:
            raise TraceError(
                f"{file} has schema version {schema}; this program reads up to {SCHEMA_VERSION}: update it"
            )
        for shard in index["shards"].values():
            int(shard["bytes"]), str(shard["sha256"])
        for entry in index["tensors"].values():
            str(entry["shard"]), str(entry["dtype"]), [int(size) for size in entry["shape"]]
    except TraceError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise TraceError(f"{file} is damaged: {error}") from error
    return raw, index


def _header(path: Path, name: str, size: int) -> dict[str, Any]:
    """A shard's header, its data offsets made absolute; nothing outside the trace's folder is opened."""
    file = path / name
    if Path(name).name != name or name in ("", ".", "..") or file.is_symlink():
        raise TraceError(f"{path / INDEX} names a shard outside the trace: {name!r}")
    try:
        actual = file.stat().st_size
        if actual != size:
            raise TraceError(f"{file} is damaged: {actual} bytes instead of {size}")
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if length > min(MAX_HEADER_BYTES, actual - 8):
                raise TraceError(f"{file} is damaged: its header cannot be {length} bytes long")
            header = json.loads(stream.read(length))
        start = 8 + length
        return {
            key: {
                "dtype": DTYPES[entry["dtype"]],
                "shape": tuple(int(size) for size in entry["shape"]),
                "begin": start + int(entry["data_offsets"][0]),
                "end": start + int(entry["data_offsets"][1]),
                "file": actual,
            }
            for key, entry in header.items()
            if key != "__metadata__"
        }
    except FileNotFoundError as error:
        raise TraceError(f"{file} is missing") from error
    except OSError as error:
        raise TraceError(f"{file} cannot be read: {error.strerror}") from error
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        if isinstance(error, TraceError):
            raise
        raise TraceError(f"{file} is damaged: its header cannot be read ({error})") from error


def _tensor(path: Path, name: str, entry: Mapping[str, Any], headers: Mapping[str, Any]) -> StoredTensor:
    shard, shape = entry["shard"], tuple(entry["shape"])
    held = headers.get(shard, {}).get(name)
    if held is None:
        raise TraceError(f"{path / shard} does not hold the tensor {name}")
    dtype = np.dtype(held["dtype"])
    if dtype.name != entry["dtype"] or held["shape"] != shape:
        raise TraceError(
            f"{path / shard}: {name} is {dtype.name} {list(held['shape'])} "
            f"instead of {entry['dtype']} {list(shape)}"
        )
    bytes_ = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or not 8 <= held["begin"] <= held["end"] <= held["file"]:
        raise TraceError(f"{path / shard} is damaged: {name} lies outside the file")
    if held["end"] - held["begin"] != bytes_:
        raise TraceError(f"{path / shard} is damaged: {name} does not fill its place")
    if bytes_ == 0:
        raise TraceError(f"{path / shard} is damaged: {name} is empty")
    return StoredTensor(np.memmap(path / shard, dtype=dtype, mode="r", offset=held["begin"], shape=shape))

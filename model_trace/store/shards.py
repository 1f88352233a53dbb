"""Safetensors shards of a trace: headers are checked, and slices read on demand. Needs no torch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from model_trace.errors import TraceError
from model_trace.store.index import INDEX, check_plain, strict_json

# Some sixty tensors of a recording take 8 KB.
MAX_HEADER_BYTES = 2**20
PORTION = 2**22
DTYPES = {"F32": "<f4", "F16": "<f2", "F64": "<f8", "I32": "<i4", "I64": "<i8"}


@dataclass(frozen=True)
class Held:
    """What a shard's header says of one tensor; ``begin`` and ``end`` are places in the file."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class StoredTensor:
    """A tensor in a shard; indexing reads that slice from disk, as an array of its own.

    To another process goes where it lies, not what it holds.
    """

    file: Path
    held: Held

    @cached_property
    def values(self) -> np.memmap[Any, Any]:
        held = self.held
        return np.memmap(self.file, dtype=held.dtype, mode="r", offset=held.begin, shape=held.shape)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.held.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.held.dtype

    def __reduce__(self) -> tuple[type[StoredTensor], tuple[Path, Held]]:
        return StoredTensor, (self.file, self.held)

    def __getitem__(self, index: Any, /) -> Any:
        # A copy: a view would keep the whole mapping alive, and change with the file.
        return np.array(self.values[index])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.values, dtype=dtype)


def portions(tensor: Any) -> Iterator[npt.NDArray[Any]]:
    """All values of a tensor, one after the other, at most ``PORTION`` at a time."""
    flat = (tensor.values if isinstance(tensor, StoredTensor) else np.asarray(tensor)).reshape(-1)
    for start in range(0, len(flat), PORTION):
        yield np.array(flat[start : start + PORTION])


def header(path: Path, name: str, size: int) -> dict[str, Held]:
    """What the shard ``name`` of the trace at ``path`` holds; nothing outside the folder is opened.

    Raises:
        TraceError: it is missing, not ``size`` bytes long, or no safetensors file.
    """
    file = path / name
    if Path(name).name != name or name in ("", ".", "..") or "\0" in name:
        raise TraceError(f"{path / INDEX} names a shard outside the trace: {name!r}")
    try:
        check_plain(file)
        actual = file.stat().st_size
        if actual != size:
            raise TraceError(f"{file} is damaged: {actual} bytes instead of {size}")
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if length > min(MAX_HEADER_BYTES, actual - 8):
                raise TraceError(f"{file} is damaged: its header cannot be {length} bytes long")
            said = strict_json(stream.read(length))
        return {key: _held(entry, 8 + length) for key, entry in said.items() if key != "__metadata__"}
    except FileNotFoundError as error:
        raise TraceError(f"{file} is missing") from error
    except OSError as error:
        raise TraceError(f"{file} cannot be read: {error.strerror}") from error
    except TraceError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise TraceError(f"{file} is damaged: its header cannot be read ({error})") from error


def tensor(
    path: Path, name: str, entry: Mapping[str, Any], headers: Mapping[str, Mapping[str, Held]]
) -> StoredTensor:
    """The tensor that the index describes by ``entry``, in its shard.

    Raises:
        TraceError: the shard does not hold it, or not as the index says.
    """
    shard, shape = entry["shard"], tuple(entry["shape"])
    held = headers.get(shard, {}).get(name)
    if held is None:
        raise TraceError(f"{path / INDEX}: the shard {shard!r} does not hold the tensor {name}")
    file = path / shard
    if held.dtype.name != entry["dtype"] or held.shape != shape:
        found = f"{held.dtype.name} {list(held.shape)}"
        raise TraceError(f"{file}: {name} is {found} instead of {entry['dtype']} {list(shape)}")
    size = math.prod(shape) * held.dtype.itemsize
    if not 8 <= held.begin <= held.end <= file.stat().st_size:
        raise TraceError(f"{file} is damaged: {name} lies outside the file")
    if held.end - held.begin != size:
        raise TraceError(f"{file} is damaged: {name} does not fill its place")
    if size == 0:
        raise TraceError(f"{file} is damaged: {name} is empty")
    stored = StoredTensor(file, held)
    _ = stored.values  # opened now, it stays readable when the file is deleted
    return stored


def _held(entry: Mapping[str, Any], start: int) -> Held:
    begin, end = entry["data_offsets"]
    sizes = (*entry["shape"], begin, end)
    if not all(type(size) is int and size >= 0 for size in sizes):
        raise ValueError("a shape or place is negative or no number")
    return Held(np.dtype(DTYPES[entry["dtype"]]), tuple(entry["shape"]), start + begin, start + end)

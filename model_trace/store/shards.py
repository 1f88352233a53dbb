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
class HeaderEntry:
    """One tensor in a shard's header; ``begin`` and ``end`` are offsets in the file."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    begin: int
    end: int


@dataclass(frozen=True)
class StoredTensor:
    """A tensor in a shard; indexing reads that slice from disk, as an array of its own.

    Pickled, it is its place on disk, not its values.
    """

    file: Path
    header: HeaderEntry

    @cached_property
    def values(self) -> np.memmap[Any, Any]:
        header = self.header
        return np.memmap(self.file, dtype=header.dtype, mode="r", offset=header.begin, shape=header.shape)

    @property
    def shape(self) -> tuple[int, ...]:
        return self.header.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.header.dtype

    def __reduce__(self) -> tuple[type[StoredTensor], tuple[Path, HeaderEntry]]:
        return StoredTensor, (self.file, self.header)

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


def header(path: Path, name: str, size: int) -> dict[str, HeaderEntry]:
    """Read the header of the shard ``name`` of the trace at ``path``; nothing outside the folder is opened.

    Raises:
        TraceError: it is missing, not ``size`` bytes long, or no safetensors file.
    """
    file = path / name
    if Path(name).name != name or name in ("", ".", "..") or "\0" in name:
        raise TraceError(f"{path / INDEX} names a shard outside the trace ({name!r}): record it again")
    try:
        check_plain(file)
        actual = file.stat().st_size
        if actual != size:
            raise TraceError(f"{file} is damaged ({actual} bytes instead of {size}): record it again")
        with file.open("rb") as stream:
            length = int.from_bytes(stream.read(8), "little")
            if length > min(MAX_HEADER_BYTES, actual - 8):
                raise TraceError(
                    f"{file} is damaged (its header cannot be {length} bytes long): record it again"
                )
            entries = strict_json(stream.read(length))
        return {
            key: _header_entry(entry, 8 + length) for key, entry in entries.items() if key != "__metadata__"
        }
    except FileNotFoundError as error:
        raise TraceError(f"{file} is missing: record it again") from error
    except OSError as error:
        raise TraceError(f"{file} cannot be read ({error.strerror}): check the folder") from error
    except TraceError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError) as error:
        raise TraceError(
            f"{file} is damaged (its header cannot be read: {error}): record it again"
        ) from error


def tensor(
    path: Path, name: str, entry: Mapping[str, Any], headers: Mapping[str, Mapping[str, HeaderEntry]]
) -> StoredTensor:
    """The tensor that the index describes by ``entry``, in its shard.

    Raises:
        TraceError: the shard does not hold it, or not as the index says.
    """
    shard, shape = entry["shard"], tuple(entry["shape"])
    header = headers.get(shard, {}).get(name)
    if header is None:
        raise TraceError(
            f"{path / INDEX}: the shard {shard!r} does not hold the tensor {name}: record it again"
        )
    file = path / shard
    if header.dtype.name != entry["dtype"] or header.shape != shape:
        found = f"{header.dtype.name} {list(header.shape)}"
        raise TraceError(
            f"{file}: {name} is {found} instead of {entry['dtype']} {list(shape)}: record it again"
        )
    size = math.prod(shape) * header.dtype.itemsize
    if not 8 <= header.begin <= header.end <= file.stat().st_size:
        raise TraceError(f"{file} is damaged ({name} lies outside the file): record it again")
    if header.end - header.begin != size:
        raise TraceError(f"{file} is damaged ({name} does not fill its place): record it again")
    if size == 0:
        raise TraceError(f"{file} is damaged ({name} is empty): record it again")
    stored = StoredTensor(file, header)
    _ = stored.values  # opened now, it stays readable when the file is deleted
    return stored


def _header_entry(entry: Mapping[str, Any], start: int) -> HeaderEntry:
    begin, end = entry["data_offsets"]
    sizes = (*entry["shape"], begin, end)
    if not all(type(size) is int and size >= 0 for size in sizes):
        raise ValueError("a shape or place is negative or no number")
    return HeaderEntry(np.dtype(DTYPES[entry["dtype"]]), tuple(entry["shape"]), start + begin, start + end)

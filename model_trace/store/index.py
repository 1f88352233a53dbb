"""Read ``trace.json`` strictly, and seal it with a digest of its content. Needs no torch."""

from __future__ import annotations

import hashlib
import json
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from model_trace.trace import OLDEST_SCHEMA, SCHEMA_VERSION, TraceError

INDEX = "trace.json"
# A text of 100,000 tokens with all their bytes takes some 15 MB.
MAX_BYTES = 32 * 2**20
SEAL = "sha256"


def seal(index: Mapping[str, Any]) -> str:
    """The SHA-256 of the index without its own seal, whatever its spacing and order.

    Raises:
        ValueError: it holds a number or a text that JSON in UTF-8 cannot.
    """
    content = {name: value for name, value in index.items() if name != SEAL}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def read(path: Path) -> dict[str, Any]:
    """The index of the trace in the folder ``path``: its schema is known, its seal is whole.

    Raises:
        TraceError: there is none, it is of a newer schema, or not as it was written.
    """
    file = path / INDEX
    try:
        raw = read_plain(file, MAX_BYTES)
    except OSError as error:
        raise TraceError(
            f"there is no trace at {path} ({INDEX}: {error.strerror}): check the path"
        ) from error
    try:
        index = strict_json(raw)
        schema = index["schema_version"]
        if type(schema) is not int or schema < 1:
            raise ValueError(f"schema version {schema!r}")
        if schema > SCHEMA_VERSION:
            raise TraceError(
                f"{file} has schema version {schema}; this program reads up to {SCHEMA_VERSION}: update it"
            )
        if schema < OLDEST_SCHEMA:
            raise TraceError(f"{file} has schema version {schema}, which is no longer read: record it again")
        if seal(index) != index[SEAL]:
            raise TraceError(f"{file} was changed after it was written: record it again")
        _check_places(index)
        if schema == 2:
            _upgrade_2(index)
    except TraceError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise TraceError(f"{file} is damaged ({_reason(error)}): record it again") from error
    return dict(index)


def read_plain(file: Path, limit: int) -> bytes:
    """The content of a plain file of at most ``limit`` bytes.

    Raises:
        TraceError: it is a link, a device or a pipe, or larger.
        OSError: it cannot be read.
    """
    check_plain(file)
    with file.open("rb") as stream:
        raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise TraceError(f"{file} is larger than {limit} bytes: move it away")
    return raw


def check_plain(file: Path) -> None:
    """Refuse links, devices and pipes: what is read lies in the trace's own folder.

    Raises:
        TraceError: it is one.
        OSError: there is no such file.
    """
    if not stat.S_ISREG(file.lstat().st_mode):
        raise TraceError(f"{file} leads outside the trace, or is not a plain file: move it away")


def strict_json(raw: bytes) -> Any:
    """Parse JSON; repeated names, NaN and Infinity are refused.

    Raises:
        ValueError, RecursionError: it is no such JSON.
    """

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in pairs:
            if name in found:
                raise ValueError(f"{name!r} stands there twice")
            found[name] = value
        return found

    def refuse(name: str) -> None:
        raise ValueError(f"{name} is no number")

    return json.loads(raw, object_pairs_hook=once, parse_constant=refuse)


def _upgrade_2(index: dict[str, Any]) -> None:
    """Add the fields of schema 3 to an index of schema 2, with the values for "not recorded"."""
    training = index.get("training")
    others = [*training["features"], training["label"]] if training is not None else []
    for token in [*index["tokens"], *others]:
        token.setdefault("surface", None)
    if training is not None:
        training.update(prompt=training["text"], completion=None, written=[], chat=False)
    if "generation" in index:
        index["generation"].setdefault("chat", False)
        index["generation"].setdefault("passed_over", None)


def _check_places(index: Mapping[str, Any]) -> None:
    for name, shard in index["shards"].items():
        if type(shard["bytes"]) is not int or type(shard["sha256"]) is not str:
            raise ValueError(f"the shard {name!r} has no size and digest")
    for name, entry in index["tensors"].items():
        if not isinstance(entry["shard"], str) or not isinstance(entry["dtype"], str):
            raise ValueError(f"the tensor {name!r} has no place")
        if not all(type(size) is int and size >= 0 for size in entry["shape"]):
            raise ValueError(f"the tensor {name!r} has no shape")


def _reason(error: BaseException) -> str:
    if isinstance(error, RecursionError):
        return "its lists are nested too deeply"
    return f"no {error}" if isinstance(error, KeyError) else str(error)

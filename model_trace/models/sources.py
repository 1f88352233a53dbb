"""Find a model's files and identify them before the model is built. Imports no torch."""

from __future__ import annotations

import contextlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from model_trace.errors import TraceError
from model_trace.models import embedded, hub
from model_trace.models.digests import files_sha256
from model_trace.models.plausible import check_files, check_sizes
from model_trace.progress import Progress, silent

UNKNOWN = "unknown"
README_BYTES = 2**16  # of which the front matter is the beginning
_OF_THE_HUB = "models--"
# A folder in which a training saved what it had reached: "checkpoint-500", "step_2000", "epoch3", "final".
_STEP = re.compile(
    r"((final|best|last|latest)[-_])?(checkpoint|ckpt|(global[-_])?step|epoch|iter)"
    r"([-_]?(\d+|final|best|last|latest))?|final|best|last|latest",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class ModelSource:
    """A model's folder and how it is called."""

    folder: Path
    name: str
    label: str
    source: str
    revision: str
    licence: str
    weights_sha256: str


class NotCachedError(TraceError):
    """A hub id's files are not in the local cache."""


def locate(source: str | None, progress: Progress = silent, *, cached_only: bool = False) -> ModelSource:
    """The files of the embedded default (None), a local folder, or a hub id.

    ``cached_only``: of a hub id those in the local cache; no other folder is opened, nothing downloaded.

    Raises:
        TraceError: there are none such, or not all that a model needs.
    """
    if source is None:
        folder = embedded.converted_folder(progress)
        return ModelSource(
            folder, embedded.NAME, embedded.LABEL, embedded.SOURCE, f"sha256:{embedded.GGUF_SHA256[:16]}",
            embedded.LICENCE, embedded.GGUF_SHA256,
        )  # fmt: skip
    folder = cached_folder(source) if cached_only else folder_of(source, progress)
    if not cached_only and is_folder(source):
        name, revision = _called(folder)
    else:
        revision = folder.name
        name = source.rpartition("/")[2]
    digest = files_sha256(weights_of(folder, source))
    revision = revision or f"sha256:{digest[:16]}"
    return ModelSource(folder, name, name, source, revision, _licence(folder), digest)


def _called(folder: Path) -> tuple[str, str]:
    """The name of the model in a local folder, and its revision, "" where the folder has none.

    The hub keeps its files in folders of their revisions, and who trains saves in folders of their steps:
    the name of neither is the model's.
    """
    folder = folder.resolve()
    if folder.parent.name == "snapshots" and folder.parents[1].name.startswith(_OF_THE_HUB):
        return folder.parents[1].name.removeprefix(_OF_THE_HUB).replace("--", "/", 1), folder.name
    if _STEP.fullmatch(folder.name) and folder.parent.name:
        name, revision = _called(folder.parent)
        return f"{name}, {folder.name}", revision
    return folder.name, ""


def folder_of(source: str, progress: Progress = silent) -> Path:
    """A local folder itself, or that of a hub id's files; what is not in the local cache is downloaded.

    Raises:
        TraceError: there is none, or the hub cannot be reached.
    """
    if is_folder(source):
        return _path(source)
    cached = hub.cached_snapshot(source)
    if cached is not None:
        # An interrupted download leaves a part: it is gone on with.
        with contextlib.suppress(TraceError):
            weights_of(cached, source)
            return cached
    return hub.download(source, progress)


def cached_folder(source: str) -> Path:
    """The folder of a hub id's files in the local cache.

    Raises:
        NotCachedError: they are not there, or it is no hub id.
    """
    try:
        cached = hub.cached_snapshot(source)
        if cached is not None:
            weights_of(cached, source)
            return cached
    except TraceError as error:
        raise NotCachedError(str(error)) from error
    raise NotCachedError(f"{source} is not in the hub's local cache: name it with --model to download it")


def is_folder(source: str) -> bool:
    """Whether a local folder is meant, and not a hub id.

    Raises:
        TraceError: neither can be meant.
    """
    try:
        path = _path(source)
        if path.is_dir():
            return True
        if path.suffix == ".gguf":
            raise TraceError(f"{source}: GGUF is not read: name a folder with config.json, or a hub id")
        if path.exists():
            raise TraceError(f"{source} is a file: name a folder with config.json, or a hub id")
    except (OSError, RuntimeError) as error:
        # too long a name, a folder that is closed to us, a user (~name) who is not there
        reason = getattr(error, "strerror", None) or error
        raise TraceError(
            f"there is no model folder at {source[:100]!r} ({reason}): check the path"
        ) from error
    if source.startswith((".", "/", "~")) or source.count("/") > 1 or not source.strip():
        raise TraceError(f"there is no model folder at {source!r}: check the path")
    return False


def _path(source: str) -> Path:
    # pathlib raises where a name after ~ is nobody's
    return Path(os.path.expanduser(source))  # noqa: PTH111


def weights_of(folder: Path, source: str) -> list[Path]:
    """The safetensors files in a model's folder.

    Raises:
        TraceError: a file that a model needs is missing, or none that a model can have.
    """
    check_files(folder)
    if not (folder / "config.json").is_file() and list(folder.glob("*.gguf")):
        raise TraceError(f"{source} holds GGUF, which is not read: take the folder with config.json")
    if (folder / "adapter_config.json").is_file():
        raise TraceError(
            f"{source} is an adapter{_base(folder)}: merge it into its base model first "
            "(peft's merge_and_unload) and take the folder that this is saved to"
        )
    for name in ("config.json", "tokenizer.json"):
        if not (folder / name).is_file():
            raise TraceError(f"{source} holds no {name}: name a folder that a model was saved to")
    found = sorted(folder.glob("model*.safetensors")) or sorted(folder.glob("*.safetensors"))
    missing = [name for name in _shards(folder) if not (folder / name).is_file()]
    if missing:
        raise TraceError(f"{source} lacks {missing[0]}, one of the files of its weights: download it again")
    if not found:
        raise TraceError(
            f"{source} holds no safetensors weights, and pickled weights are not read: save it as safetensors"
        )
    check_sizes(folder, found, source)
    return found


def _base(folder: Path) -> str:
    """The base model of an adapter, as words for a message; "" where it is unknown."""
    try:
        base = json.loads((folder / "adapter_config.json").read_bytes())["base_model_name_or_path"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return ""
    return f" of {' '.join(base.split())[:100]}" if isinstance(base, str) and base.strip() else ""


def _shards(folder: Path) -> list[str]:
    """The files that the weights are spread over, if an index says so."""
    index = folder / "model.safetensors.index.json"
    if not index.is_file():
        return []
    try:
        return sorted({str(name) for name in json.loads(index.read_bytes())["weight_map"].values()})
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise TraceError(f"{index} is damaged ({error}): download it again") from error


def _licence(folder: Path) -> str:
    """The licence that a model's own README declares in its front matter."""
    readme = folder / "README.md"
    if not readme.is_file():
        return UNKNOWN
    with readme.open("rb") as file:
        text = file.read(README_BYTES).decode("utf-8", "replace").replace("\r\n", "\n")
    front = re.match(r"---\n(.*?)\n---", text, re.DOTALL)
    declared = re.search(r"^license:\s*[\"']?([\w.+-]{1,100})", front[1], re.MULTILINE) if front else None
    return declared[1] if declared else UNKNOWN

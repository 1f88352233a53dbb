"""Recordings wanted and recordings kept: the same text is run through the same model once."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.metadata
import json
import os
import shutil
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from model_trace.models import checkpoints
from model_trace.models.digests import cache_folder
from model_trace.recording.spec import RecordingSpec
from model_trace.request import AnyRequest, FineTuningRequest, ModelChoice, Request, TrainingRequest
from model_trace.store import store
from model_trace.trace import Trace, TraceError
from traced_loops.code_digest import digest

Say = Callable[[str], None]

KEPT_BYTES = 4 * 2**30  # of recordings, which take some 30 MB each

# The module that records each kind of request.
RECORDERS: dict[type[AnyRequest], str] = {
    Request: "model_trace.recording.generation",
    TrainingRequest: "model_trace.learning.training",
    FineTuningRequest: "model_trace.learning.fine_tuning",
}


@dataclass
class Models:
    """The model that was asked for last, kept: what is asked for next is most often the same."""

    _key: tuple[ModelChoice, str] | None = None
    _kept: checkpoints.Checkpoint | None = None

    def load(self, model: ModelChoice, say: Say) -> checkpoints.Checkpoint:
        """The model, loaded unless it is the one that is kept and its weights are the same.

        Raises:
            TraceError: it cannot be loaded.
        """
        key = model, checkpoints.identity(model.source, say)
        if self._kept is None or self._key != key:
            say("loading the model")
            self._key = self._kept = None  # two would be in memory for a moment
            self._kept = checkpoints.load(model.source, device=model.device, dtype=model.dtype, progress=say)
            self._key = key
        return self._kept


def obtain(
    requests: Iterable[AnyRequest],
    say: Say,
    spec: RecordingSpec | None = None,
    models: Models | None = None,
) -> dict[AnyRequest, Trace]:
    """A trace for each request: the kept one where it is whole, else a new one, which is kept.

    A recording is found again by all that it depends on: text or pairs, choices, weights, the code of ours
    that records it and the versions of torch and transformers. The model is loaded only if something must
    be recorded, by ``models``, which who calls this again keeps. ``spec`` is for generations; what a
    training keeps is fixed.

    Raises:
        TraceError: a text cannot be used or the model cannot be loaded.
    """
    spec = spec or RecordingSpec.default()
    requests = tuple(dict.fromkeys(requests))
    for request in requests:
        request.check()
    traces: dict[AnyRequest, Trace] = {}
    models = models or Models()
    for request in requests:
        path = cache_folder() / "recordings" / f"{_key(request, spec, say)}.trace"
        traces[request] = _kept(path) or _record(request, path, models, spec, say)
    return traces


def text_of(trace: Trace) -> str:
    """The whole text of a recorded generation: the prompt and what was given or written after it."""
    made = trace.generation
    if made.completion is not None:
        return made.prompt + made.completion
    written = b"".join(token.bytes for token in trace.tokens if token.role == "generated")
    return made.prompt + written.decode("utf-8", "replace")


def run(request: AnyRequest, checkpoint: checkpoints.Checkpoint, spec: RecordingSpec, say: Say) -> Trace:
    """Record the request, saying how far it is."""
    # These import torch.
    from model_trace.learning import fine_tuning, training
    from model_trace.recording import generation

    if isinstance(request, TrainingRequest):
        return training.record_training(checkpoint, request.text, seed=request.seed, progress=say)
    if isinstance(request, FineTuningRequest):
        return fine_tuning.record_fine_tuning(checkpoint, request.pairs, seed=request.seed, progress=say)

    def progress(done: int, total: int | None) -> None:
        say(f"recording “{_short(request.prompt)}”: {done} of {total or '…'} tokens")

    return generation.record(
        checkpoint,
        request.prompt,
        request.completion,
        spec=spec,
        max_new_tokens=request.max_new_tokens,
        temperature=request.temperature,
        top_p=request.top_p,
        seed=request.seed,
        progress=progress,
    )


def _record(
    request: AnyRequest,
    path: Path,
    models: Models,
    spec: RecordingSpec,
    say: Say,
) -> Trace:
    trace = run(request, models.load(request.model, say), spec, say)
    path.parent.mkdir(parents=True, exist_ok=True)
    saved = store.save(trace, path)
    _forget(path.parent, KEPT_BYTES)
    return saved


def _kept(path: Path) -> Trace | None:
    if not path.exists():
        return None
    try:
        # Our own, in the user's cache: what was read and found whole once is not read again.
        store.check_digests(path, remembered=True)
        trace = store.open_trace(path)
    except TraceError:
        # damaged, or half deleted: recorded anew
        shutil.rmtree(path, ignore_errors=True)
        return None
    with contextlib.suppress(OSError):
        os.utime(path)
    return trace


def _forget(folder: Path, most: int) -> None:
    """Delete what was used longest ago until the rest fits, but never the last; opened ones stay readable."""
    kept: list[tuple[int, int, Path]] = []
    for path in folder.glob("*.trace"):
        with contextlib.suppress(OSError):  # another run deletes as well
            size = sum(file.stat().st_size for file in path.rglob("*"))
            kept.append((path.stat().st_mtime_ns, size, path))
    kept.sort()
    held = sum(size for _, size, _ in kept)
    for _, size, path in kept[:-1]:
        if held <= most:
            return
        shutil.rmtree(path, ignore_errors=True)
        held -= size


def _key(request: AnyRequest, spec: RecordingSpec, say: Say) -> str:
    parts = {
        "kind": type(request).__name__,
        "request": asdict(request),
        "weights": checkpoints.identity(request.model.source, say),
        "spec": spec.to_json() if isinstance(request, Request) else None,
        "code": digest(RECORDERS[type(request)], files=(Path(__file__),)),
        "versions": _versions(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@cache
def _versions() -> list[str]:
    return [importlib.metadata.version(name) for name in ("torch", "transformers", "tokenizers")]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 32 else line[:31] + "…"

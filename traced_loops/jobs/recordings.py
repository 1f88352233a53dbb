"""Recordings wanted and recordings kept: the same text is run through the same model once."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

from model_trace.files import RECORDINGS, Cache
from model_trace.models import checkpoints
from model_trace.recording.spec import RecordingSpec
from model_trace.request import (
    AnyRequest,
    FineTuningRequest,
    ModelChoice,
    Request,
    TemperaturesRequest,
    TrainingRequest,
)
from model_trace.store import store
from model_trace.trace import Trace, TraceError
from traced_loops.code_digest import digest

Say = Callable[[str], None]

# The module that records each kind of request.
RECORDERS: dict[type[AnyRequest], str] = {
    Request: "model_trace.recording.generation",
    TrainingRequest: "model_trace.learning.training",
    FineTuningRequest: "model_trace.learning.fine_tuning",
    TemperaturesRequest: "model_trace.recording.temperatures",
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
    cache: Cache | None = None,
    folder: Path | None = None,
) -> dict[AnyRequest, Trace]:
    """A trace for each request: the kept one where it is whole, else a new one, which is kept.

    They are kept in ``cache``, by default the user's own; what it has no room for, in a temporary folder
    until this process ends.

    A recording is found again by all that it depends on: text or pairs, choices, weights, the code of ours
    that records it and the versions of torch and transformers. The model is loaded only if something must
    be recorded, by ``models``, which who calls this again keeps. ``spec`` is for generations; what a
    training keeps is fixed. ``folder`` is where they will be copied to, which must have room for them.

    Raises:
        TraceError: a text cannot be used or the model cannot be loaded.
    """
    spec = spec or RecordingSpec.default()
    requests = tuple(dict.fromkeys(requests))
    for request in requests:
        request.check()
    traces: dict[AnyRequest, Trace] = {}
    models = models or Models()
    cache = cache or Cache.open()
    # a cache that cannot be written keeps nothing: a temporary folder serves
    folders = [
        each for each in (cache.folder if cache.size and cache.writable else None, folder) if each is not None
    ]
    # Texts first: one that cannot be drawn is found before minutes of training.
    for request in sorted(requests, key=lambda request: not isinstance(request, Request)):
        name = f"{_key(request, spec, say)}.trace"
        trace = _kept(cache, name)
        if trace is None:
            trace = _keep(run(request, models.load(request.model, say), spec, say, folders), cache, name)
        traces[request] = trace
    return traces


def training_of(trace: Trace, model: ModelChoice, seed: int) -> TrainingRequest:
    """A training on the text of a recorded generation, on the very tokens that it has."""
    made = trace.generation
    written = tuple(token.id for token in trace.tokens if token.role == "generated")
    return TrainingRequest(made.prompt, model, seed, made.completion, written, made.chat)


def run(
    request: AnyRequest,
    checkpoint: checkpoints.Checkpoint,
    spec: RecordingSpec,
    say: Say,
    folders: Sequence[Path] = (),
) -> Trace:
    """Record the request, saying how far it is; ``folders`` must have room for it."""
    # These import torch.
    from model_trace.learning import fine_tuning, training
    from model_trace.recording import generation, temperatures

    if isinstance(request, TrainingRequest):
        return training.record_training(
            checkpoint,
            request.prompt,
            request.completion,
            written=request.written,
            chat=request.chat,
            seed=request.seed,
            progress=say,
        )
    if isinstance(request, FineTuningRequest):
        return fine_tuning.record_fine_tuning(checkpoint, request.pairs, seed=request.seed, progress=say)

    if isinstance(request, TemperaturesRequest):
        return temperatures.record_temperatures(
            checkpoint,
            request.prompt,
            temperatures=request.temperatures,
            seed=request.seed,
            chat=request.chat,
            progress=say,
        )

    def progress(done: int, total: int | None) -> None:
        say(f"recording “{_short(request.prompt)}”: {done} of {total or '…'} tokens")

    return generation.record(
        checkpoint,
        request.prompt,
        request.completion,
        spec=replace(spec, tensors=tuple(dict.fromkeys((*spec.tensors, *request.also)))),
        max_new_tokens=request.max_new_tokens,
        temperature=request.temperature,
        top_p=request.top_p,
        seed=request.seed,
        chat=request.chat,
        progress=progress,
        folders=folders,
    )


def _keep(trace: Trace, cache: Cache, name: str) -> Trace:
    """The trace, opened from where it is kept."""

    def write(path: Path) -> Trace:
        try:
            return store.save(trace, path)
        except TraceError as error:  # whatever is in the way there
            raise error.__cause__ if isinstance(error.__cause__, OSError) else OSError(str(error)) from error

    size = sum(math.prod(tensor.shape) * tensor.dtype.itemsize for tensor in trace.tensors.values())
    try:
        return cache.put(RECORDINGS, name, size, write)
    except OSError as error:
        raise TraceError(
            f"the recording cannot be kept anywhere ({error}): free some space or give --cache"
        ) from error


def _kept(cache: Cache, name: str) -> Trace | None:
    for path in cache.find(RECORDINGS, name):
        try:
            # Our own: what was read and found whole once is not read again.
            store.check_digests(path, remembered=True)
            trace = store.open_trace(path)
        except (TraceError, OSError):
            # damaged, or half deleted: recorded anew
            cache.remove(RECORDINGS, path)
            continue
        cache.touch(path)
        return trace
    return None


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

"""Record into a folder of the user's: a trace, and further ones inside it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from model_trace.progress import Progress
from model_trace.recording.spec import RecordingSpec
from model_trace.request import AnyRequest
from model_trace.store import store
from model_trace.trace import Trace
from scenes.entry import Entry, Needs
from traced_loops.jobs import recordings
from traced_loops.jobs.options import CacheOptions, DrawingOptions, RecordingOptions
from traced_loops.jobs.requests import UsageError, request_for, require_models, resolve, texts_of
from traced_loops.jobs.run import check_options
from traced_loops.rendering.cache import local_cache

# In a recording of several kinds the first of these is the folder itself, the others lie inside.
_ORDER: tuple[Needs, ...] = ("text", "attention", "temperatures", "training", "fine-tuning", "code")


def keep(
    entries: Sequence[Entry],
    recording: RecordingOptions,
    path: Path,
    everything: bool,
    progress: Progress,
    caching: CacheOptions,
) -> dict[Path, Trace]:
    """Record what these loops need into one folder: a trace, and further ones inside it.

    Raises:
        UsageError: the loops tell different texts.
        TraceError: a text or a model that cannot be used, or the folder cannot be written.
        CacheError: the cache's folder holds other things, or its size is none.
    """
    check_options(recording, DrawingOptions())
    cache = local_cache(caching.cache, caching.cache_bytes)
    require_models()
    texts, models = texts_of(recording), recordings.Models()
    requests: dict[str, AnyRequest] = {}
    for entry in sorted(entries, key=lambda entry: _ORDER.index(entry.needs)):
        request = resolve(request_for(entry, texts[entry.number], recording), progress, models, cache)
        if requests.setdefault(entry.needs, request) != request:
            raise UsageError("these loops have different texts, a recording has one: give --prompt")
    spec = RecordingSpec.everything() if everything else RecordingSpec.default()
    found = recordings.obtain(requests.values(), progress, spec, models, cache, path)
    (_, outer), *others = [(needs, found[request]) for needs, request in requests.items()]
    store.save(outer, path, dict(others))
    return {path: store.open_trace(path) for path in (path, *store.inner(path))}

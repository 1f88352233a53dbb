"""What a run would do, found out without doing it: nothing is recorded, drawn or downloaded.

Only the digests of files that it reads are remembered in the cache.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from model_trace import files
from model_trace.models.sources import NotCachedError, cached_folder, is_folder
from model_trace.recording.spec import RecordingSpec
from model_trace.request import FineTuningRequest, Request, TemperaturesRequest, TrainingRequest
from model_trace.store import store
from model_trace.trace import Trace, TraceError
from scenes.chosen_content import ChosenContent, serves
from scenes.entry import Entry
from traced_loops.jobs import checks, pipeline, recordings
from traced_loops.jobs.layout import check_folders, jobs_of
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.requests import (
    PendingTraining,
    RequestOrPending,
    UsageError,
    request_for,
    require_models,
    subject_of,
    texts_of,
)
from traced_loops.rendering import outputs
from traced_loops.rendering.cache import Cache

# Each loop's recording where it is kept, and whether its text is its default one.
Found = dict[Entry, tuple[Trace | None, bool]]


def plan(
    entries: Sequence[Entry], recording: RecordingOptions, drawing: DrawingOptions, with_page: bool = False
) -> Iterator[str]:
    """Yield a line for each thing that would be recorded, drawn or kept as it is.

    Raises:
        UsageError, TraceError, OutputError: as the run itself would, before it records anything.
    """
    for problem in (*checks.of_drawing(drawing), *checks.of_recording(recording)):
        raise UsageError(f"--{problem}")
    check_folders(entries, drawing, with_page)
    if drawing.trace is None:
        require_models()
        wanted, found = _wanted(entries, recording, drawing)
        for request, numbers in wanted.items():
            there = all(found[entry][0] is not None for entry in entries if entry.number in numbers)
            yield f"{'keep' if there else 'record':<7} {_named(request)}, for {' '.join(numbers)}"
    else:
        if recording != RecordingOptions():
            raise UsageError(
                "--trace is drawn as it was recorded: leave out --prompt, --model and other texts"
            )
        found = _held(entries, drawing.trace)
        yield f"{'keep':<7} {drawing.trace}"
    yield from _drawn(found, drawing, recording)


def _wanted(
    entries: Sequence[Entry], recording: RecordingOptions, drawing: DrawingOptions
) -> tuple[dict[RequestOrPending, list[str]], Found]:
    """The recordings that these loops need with the loops' numbers, and those that are kept."""
    texts = texts_of(recording)
    wanted: dict[RequestOrPending, list[str]] = {}
    found: Found = {}
    for entry in entries:
        request = request_for(entry, texts[entry.number], recording)
        wanted.setdefault(request, []).append(entry.number)
        found[entry] = (_kept(request, drawing), texts[entry.number].article)
    return wanted, found


def _kept(request: RequestOrPending, drawing: DrawingOptions) -> Trace | None:
    """The request's recording in the cache, if it is there."""
    if isinstance(request, PendingTraining):
        text = _kept(request.request, drawing)
        if text is None:
            return None
        request = recordings.training_of(text, request.request.model, request.request.seed)
    request.check()
    source = request.model.source
    try:
        if source is not None and not is_folder(source):
            cached_folder(source)
        key = recordings._key(request, RecordingSpec.default(), lambda words: None)
    except NotCachedError:  # it would be downloaded
        return None
    folder = drawing.cache if isinstance(drawing.cache, Path) else None
    cache = files.Cache(folder or files.user_folder(), drawing.cache_bytes)
    for path in cache.find(files.RECORDINGS, f"{key}.trace"):
        try:
            return store.open_trace(path)
        except TraceError:  # damaged: it would be recorded again
            continue
    return None


def _held(entries: Sequence[Entry], path: Path) -> Found:
    """The loops that the recording at ``path`` serves."""
    held = [store.open_trace(place) for place in (path, *store.inner(path))]
    serving = {entry: next((trace for trace in held if serves(entry, trace)), None) for entry in entries}
    if not any(serving.values()):
        raise UsageError(f"{path} records none of what these loops show: choose other loops, or record them")
    return {entry: (trace, False) for entry, trace in serving.items() if trace is not None}


def _drawn(found: Found, drawing: DrawingOptions, recording: RecordingOptions) -> Iterator[str]:
    subject = subject_of(recording, drawing, [trace for trace, _ in found.values() if trace is not None])
    known = {}
    for entry, (trace, article) in found.items():
        if (choice := _chosen(entry, trace, article, subject, drawing)) is not None:
            known[entry] = choice
    blank = ChosenContent("", {}, {})  # of those that are unknown only the place counts
    for folder, jobs in jobs_of({entry: known.get(entry, blank) for entry in found}, drawing).items():
        for job in jobs:
            current = job.entry in known and not drawing.force and outputs.is_current(job, folder)
            ending = "png" if job.entry.is_figure else "webm"
            yield f"{'keep' if current else 'draw':<7} {folder / f'{job.entry.stem}.{ending}'}"


def _chosen(
    entry: Entry, trace: Trace | None, article: bool, subject: str, drawing: DrawingOptions
) -> ChosenContent | None:
    """What the loop shows of its recording, if an earlier run found it out."""
    if trace is None:
        return None
    text = Cache.at(drawing.cache, drawing.cache_bytes).read(pipeline._key(entry, trace, article, subject))
    return None if text is None else ChosenContent(**json.loads(text))


def _named(request: RequestOrPending) -> str:
    """Return in a few words what is recorded."""
    match request:
        case PendingTraining(request=text):
            return f"a training on {_short(text.prompt)} and what the model writes after it"
        case TrainingRequest(prompt=prompt):
            return f"a training on {_short(prompt)}"
        case FineTuningRequest(pairs=pairs):
            return f"a fine-tuning on {len(pairs)} pairs"
        case TemperaturesRequest(prompt=prompt, temperatures=temperatures):
            return f"{_short(prompt)} at {len(temperatures)} temperatures"
        case Request(prompt=prompt, also=also):
            return f"{_short(prompt)} with {', '.join(also)}" if also else _short(prompt)


def _short(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:39]}…")

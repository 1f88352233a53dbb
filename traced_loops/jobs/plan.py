"""What a run would do, found out without doing it: nothing is recorded, drawn or downloaded.

Only the digests of files that it reads are remembered in the cache.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from model_trace import files
from model_trace.request import FineTuningRequest, Request, TemperaturesRequest, TrainingRequest
from model_trace.store import store
from model_trace.trace import Trace
from scenes.chosen_content import ChosenContent
from scenes.entry import Entry
from traced_loops.jobs import recordings
from traced_loops.jobs.layout import jobs_of
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.record import Choice
from traced_loops.jobs.requests import KeptRecording, PendingTraining, RequestOrPending
from traced_loops.jobs.run import one_row
from traced_loops.jobs.sharing import Ask
from traced_loops.rendering import outputs
from traced_loops.rendering.cache import Cache


def plan(
    entries: Sequence[Entry], recording: RecordingOptions, drawing: DrawingOptions, with_page: bool = False
) -> Iterator[str]:
    """Yield a line for each thing that would be recorded, drawn or kept as it is.

    Raises:
        UsageError, TraceError, OutputError: as the run itself would, before it records anything.
    """
    _, asks = one_row(entries, recording, drawing, with_page=with_page)
    folder = drawing.cache if isinstance(drawing.cache, Path) else None
    cache = files.Cache(folder or files.user_folder(), drawing.cache_bytes)
    found = {wanted: _kept(wanted, cache) for wanted in dict.fromkeys(ask.request_for for ask in asks)}
    if drawing.trace is not None:
        yield f"{'keep':<7} {drawing.trace}"
    for wanted, trace in found.items():
        if not isinstance(wanted, KeptRecording):
            numbers = " ".join(ask.entry.number for ask in asks if ask.request_for == wanted)
            yield f"{'record' if trace is None else 'keep':<7} {_named(wanted)}, for {numbers}"
    known = {ask.entry: _chosen(ask, found[ask.request_for], drawing) for ask in asks}
    blank = ChosenContent("", {}, {})  # of those that are unknown only the place counts
    for place, jobs in jobs_of({entry: chosen or blank for entry, chosen in known.items()}, drawing).items():
        for job in jobs:
            current = known[job.entry] and not drawing.force and outputs.is_current(job, place)
            ending = "png" if job.entry.is_figure else "webm"
            yield f"{'keep' if current else 'draw':<7} {place / f'{job.entry.stem}.{ending}'}"


def _kept(wanted: RequestOrPending | KeptRecording, cache: files.Cache) -> Trace | None:
    """The recording, if it is there."""
    match wanted:
        case KeptRecording(path=path):
            return store.open_trace(path)
        case PendingTraining(request=request):
            text = recordings.kept(request, cache)
            if text is None:
                return None
            return recordings.kept(recordings.training_of(text, request.model, request.seed), cache)
        case _:
            return recordings.kept(wanted, cache)


def _chosen(ask: Ask, trace: Trace | None, drawing: DrawingOptions) -> ChosenContent | None:
    """What the loop shows of its recording, if an earlier run found it out."""
    if trace is None:
        return None
    key = Choice(ask.entry, trace, ask.article, ask.subject).key
    text = Cache.at(drawing.cache, drawing.cache_bytes).read(key)
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

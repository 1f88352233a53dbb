"""From a user's wishes to files: obtain recordings, choose what the loops say, draw what is not there yet."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager
from dataclasses import asdict
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from model_trace.files import Cache as Files
from model_trace.recording.spec import RecordingSpec
from model_trace.request import AnyRequest
from model_trace.store import store
from model_trace.trace import Trace
from scenes.chosen_content import ChosenContent, UndrawableError, choose_content, serves
from scenes.entry import Entry, Needs
from traced_loops import code_digest
from traced_loops.jobs import checks, recordings
from traced_loops.jobs.delivery import CachePolicy
from traced_loops.jobs.layout import check_folders, jobs_of
from traced_loops.jobs.options import CacheOptions, DrawingOptions, RecordingOptions
from traced_loops.jobs.requests import (
    Say,
    UsageError,
    request_for,
    require_models,
    resolve,
    subject_of,
    texts_of,
)
from traced_loops.rendering import outputs
from traced_loops.rendering.cache import Cache, local_cache
from traced_loops.rendering.jobs import Job
from traced_loops.storage import addresses
from traced_loops.storage.addresses import Address

if TYPE_CHECKING:
    from traced_loops.jobs.driver import Event, Placed

# In a recording of several kinds the first of these is the folder itself, the others lie inside.
_ORDER: tuple[Needs, ...] = ("text", "attention", "temperatures", "training", "fine-tuning", "code")


def _check(recording: RecordingOptions, drawing: DrawingOptions) -> None:
    """Refuse what cannot be made, naming the option and what it may be."""
    for problem in (*checks.of_drawing(drawing), *checks.of_recording(recording)):
        raise UsageError(f"--{problem}")


def make_jobs(
    entries: Sequence[Entry],
    recording: RecordingOptions,
    drawing: DrawingOptions,
    say: Say,
    leave_out: Callable[[Entry, str], None] | None = None,
    with_page: bool = False,
) -> dict[Address, list[Job]]:
    """All jobs for these loops by the folder their files go to, made only after every text was recorded.

    ``leave_out`` is told of each loop that this model's recording cannot serve, as long as one is left;
    without it such a loop is an error.

    Raises:
        UsageError: options that contradict each other.
        TraceError: a text or a model that cannot be used.
        OutputError: the output folder cannot be written, or a file is there that is not ours; nothing was
            recorded.
        CacheError: the cache's folder holds other things, or its size is none.
    """
    _check(recording, drawing)
    cache = local_cache(drawing.cache, drawing.cache_bytes)
    check_folders(entries, drawing, with_page)
    chosen: dict[Entry, ChosenContent] = {}
    undrawable: dict[Entry, UndrawableError] = {}
    found = traces(entries, recording, drawing.trace, say, cache)
    subject = subject_of(recording, drawing, [trace for trace, _ in found.values()])
    for entry, said in choices(found, drawing, subject).items():
        if isinstance(said, ChosenContent):
            chosen[entry] = said
        else:
            undrawable[entry] = said
    if undrawable and (leave_out is None or not chosen):
        raise next(iter(undrawable.values()))
    for entry, why in undrawable.items():
        assert leave_out is not None
        leave_out(entry, str(why))
    jobs = jobs_of(chosen, drawing)
    for folder in jobs:
        addresses.prepare(folder)
    return jobs


def choices(
    found: Mapping[Entry, tuple[Trace, bool]], drawing: DrawingOptions, subject: str = "gpt3"
) -> dict[Entry, ChosenContent | UndrawableError]:
    """What each loop says of its trace, kept from an earlier run of the same code, or why it cannot.

    ``subject`` is the run's, see ``choose_content``. Choosing takes Manim: it is done where loops are drawn.

    Raises:
        TraceError: a trace of which nothing can be drawn.
    """
    cache = Cache.at(drawing.cache, drawing.cache_bytes)
    keys = {entry: _key(entry, trace, article, subject) for entry, (trace, article) in found.items()}
    held = {} if drawing.force else {entry: cache.read(key) for entry, key in keys.items()}
    said: dict[Entry, ChosenContent | UndrawableError] = {
        entry: ChosenContent(**json.loads(text)) for entry, text in held.items() if text is not None
    }
    lacking = {
        entry: partial(choose_content, entry, trace, article=article, subject=subject)
        for entry, (trace, article) in found.items()
        if entry not in said
    }
    if not lacking:
        return said
    with _processes(len(lacking), drawing) as executor:
        futures = {entry: executor.submit(choice) for entry, choice in lacking.items()}
        for entry, future in futures.items():
            try:
                made = said[entry] = _result(future, lacking[entry])
            except UndrawableError as error:
                said[entry] = error
            else:
                cache.write(keys[entry], json.dumps(asdict(made)).encode())
    return {entry: said[entry] for entry in found}


def _result(future: Future[ChosenContent], choice: Callable[[], ChosenContent]) -> ChosenContent:
    try:
        return future.result()
    except FileNotFoundError:  # the recording was deleted meanwhile, but this process has it open
        return choice()


def _key(entry: Entry, trace: Trace, article: bool, subject: str) -> str:
    """SHA-256 of what the choice depends on."""
    code = code_digest.drawing_digest(
        f"{entry.package}.content", "scenes.chosen_content", "model_trace.store.store"
    )
    return sha256(repr((entry.number, trace.digest, article, subject, code)).encode()).hexdigest()


def missing(jobs: Iterable[Placed], drawing: DrawingOptions) -> list[Placed]:
    """Those of the jobs whose files are not in their folder yet, or all by ``force``."""
    return [(folder, job) for folder, job in jobs if drawing.force or not outputs.is_current(job, folder)]


def draw(
    jobs: Sequence[Placed], drawing: DrawingOptions, event: Event
) -> dict[tuple[Address, str], Exception]:
    """Draw the jobs side by side, each into its folder; the errors by folder and loop number."""
    if not jobs:
        return {}
    # imported where it is needed: most often there is nothing to draw
    from traced_loops.jobs.driver import make_all

    means = CachePolicy(drawing.cache, drawing.cache_bytes, drawing.force)
    with _processes(len(jobs), drawing) as executor:
        return make_all(jobs, executor, event, means)


def _processes(work: int, drawing: DrawingOptions) -> AbstractContextManager[Executor]:
    """Processes for so many pieces of work; they come from one that loads Manim, once for the whole run."""
    # imported where it is needed: most often there is nothing to do
    from traced_loops.jobs.executors import processes

    return processes(min(work, drawing.jobs or os.cpu_count() or 1))


def traces(
    entries: Sequence[Entry], recording: RecordingOptions, kept: Path | None, say: Say, cache: Files
) -> dict[Entry, tuple[Trace, bool]]:
    """Each loop's trace, and whether its text is the article's own; from the recording ``kept`` if there is
    one, which may serve some of the loops only."""
    if kept is None:
        require_models()
        texts, models = texts_of(recording), recordings.Models()
        requests = {
            entry: resolve(request_for(entry, texts[entry.number], recording), say, models, cache)
            for entry in entries
        }
        found = recordings.obtain(requests.values(), say, models=models, cache=cache)
        return {entry: (found[request], texts[entry.number].article) for entry, request in requests.items()}
    if recording != RecordingOptions():
        raise UsageError("--trace is drawn as it was recorded: leave out --prompt, --model and other texts")
    held = [store.open_checked(path, say) for path in (kept, *store.inner(kept))]
    serving = {entry: [trace for trace in held if serves(entry, trace)] for entry in entries}
    served = {entry: (found[0], False) for entry, found in serving.items() if found}
    if not served:
        raise UsageError(f"{kept} records none of what these loops show: choose other loops, or record them")
    return served


def keep(
    entries: Sequence[Entry],
    recording: RecordingOptions,
    path: Path,
    everything: bool,
    say: Say,
    caching: CacheOptions,
) -> dict[Path, Trace]:
    """Record what these loops need into one folder: a trace, and further ones inside it.

    Raises:
        UsageError: the loops tell different texts.
        TraceError: a text or a model that cannot be used, or the folder cannot be written.
        CacheError: the cache's folder holds other things, or its size is none.
    """
    _check(recording, DrawingOptions())
    cache = local_cache(caching.cache, caching.cache_bytes)
    require_models()
    texts, models = texts_of(recording), recordings.Models()
    requests: dict[str, AnyRequest] = {}
    for entry in sorted(entries, key=lambda entry: _ORDER.index(entry.needs)):
        request = resolve(request_for(entry, texts[entry.number], recording), say, models, cache)
        if requests.setdefault(entry.needs, request) != request:
            raise UsageError("these loops have different texts, a recording has one: give --prompt")
    spec = RecordingSpec.everything() if everything else RecordingSpec.default()
    found = recordings.obtain(requests.values(), say, spec, models, cache, path)
    (_, outer), *others = [(needs, found[request]) for needs, request in requests.items()]
    store.save(outer, path, dict(others))
    return {path: store.open_trace(path) for path in (path, *store.inner(path))}

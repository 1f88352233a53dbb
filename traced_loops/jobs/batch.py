"""A batch: rows become sets, each listed with what became of it; a later run leaves alone what is done."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import fields, replace
from pathlib import Path

from model_trace.files import temporary_folder
from model_trace.progress import DONE, FAILED, GONE, Progress, silent
from traced_loops.jobs import making, manifest, record
from traced_loops.jobs.executors import ClusterError, Executors, for_many_rows
from traced_loops.jobs.layout import pages
from traced_loops.jobs.making import CachePolicy
from traced_loops.jobs.manifest import Record
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.requests import require_models
from traced_loops.jobs.rows import OF_THE_RUN, Row, read_rows
from traced_loops.jobs.run import Result, Run
from traced_loops.jobs.sharing import asks_of
from traced_loops.jobs.tables import Table
from traced_loops.jobs.versions import versions
from traced_loops.storage import addresses
from traced_loops.storage.addresses import Address

_SAVED = 10.0  # seconds between two writings of the list
_ROWS = "all rows"


def make(
    table: Table,
    recording: RecordingOptions,
    drawing: DrawingOptions,
    cluster: str | None,
    retry_failed: bool,
    progress: Progress,
) -> list[Record]:
    """Make the sets of the table's rows, on this machine or by the ``cluster`` at an address.

    Raises:
        UserFileError, ClusterError, OutputError: the table, the cluster or the output cannot be used; nothing
            was made.
        UsageError: models cannot be run here.
    """
    require_models()
    # rows are of models, not of a recording
    drawing = replace(drawing, trace=None)
    policy = CachePolicy(drawing.cache, drawing.cache_bytes, drawing.force)
    _ = policy.recordings  # refused before anything is run
    if cluster is None:
        temporary_folder()  # that of all processes, removed even if those are stopped
    rows = read_rows(table, recording, drawing, models_here=cluster is None)
    with _executors(cluster, drawing.jobs or os.cpu_count() or 1, progress) as executors:
        # the output is touched only once the workers are found fit
        return Batch(rows, drawing.output, policy, progress).make(executors, retry_failed)


def _executors(cluster: str | None, count: int, progress: Progress) -> AbstractContextManager[Executors]:
    """The workers of the cluster at an address, or ``count`` processes of this machine."""
    if cluster is None:
        return for_many_rows(count, progress)
    try:
        from traced_loops.jobs.dask_cluster import workers
    except ImportError as error:
        raise ClusterError(f'--cluster needs {error.name}: pip install "traced-loops[cluster]"') from error
    return workers(cluster, progress)


class Batch:
    """The rows of a table on their way to the sets in ``output``.

    Raises:
        OutputError: the output cannot be written to, or holds something else.
    """

    def __init__(
        self, rows: Sequence[Row], output: Address, policy: CachePolicy, progress: Progress = silent
    ) -> None:
        self._rows, self._output, self._policy, self._progress = rows, output, policy, progress
        self._before = manifest.read(output, force=policy.force)
        manifest.check(output, force=policy.force)
        addresses.prepare(output)
        self._records = {row.slug: _record(row) for row in rows}
        self._keys: dict[str, str] = {}

    def make(self, executors: Executors, retry_failed: bool = False) -> list[Record]:
        """Make what is not there, or only what failed the last time; every row's record in the end.

        What is finished is listed even if the run is interrupted.
        """
        self._find_keys(executors)
        todo = [row for row in self._rows if self._is_due(row, retry_failed)]
        total, done, saved = len(todo), 0, time.monotonic()
        self._progress(_ROWS, done, total, "rows")

        def close(result: Result) -> None:
            nonlocal done, saved
            done += 1
            row, error = result.row, result.error
            words = f"row {row.number} ({row.slug})"
            self._progress(f"{words}: {error}" if error else words, state=FAILED if error else DONE)
            self._progress(_ROWS, done, total, "rows")
            self._records[row.slug] = replace(
                self._records[row.slug],
                status="failed" if error else "done",
                error=error or None,
                key=self._keys.get(row.slug),
                stamp=result.stamp,
            )
            if time.monotonic() - saved > _SAVED:
                manifest.write(self._output, self._records.values(), force=self._policy.force)
                saved = time.monotonic()

        try:
            Run(todo, executors, self._output, self._policy, close, progress=self._progress).finish()
        finally:
            self._progress(_ROWS, state=GONE)
            records = list(self._records.values())
            manifest.write(self._output, records, force=self._policy.force)
            manifest.write_overview(self._output, records, force=self._policy.force)
        return records

    def _find_keys(self, executors: Executors) -> None:
        """For each row a digest of all that its files depend on; none where a model is not to be found."""
        models = {row.recording.model for row in self._rows}
        asked = {
            model: executors.recorders.submit(record.weights, model, executors.progress) for model in models
        }
        here = sorted(versions(True).items())
        for row in self._rows:
            weights = asked[row.recording.model]
            if weights.exception() is None:
                parts = asks_of(row), _drawn(row.drawing), weights.result(), here
                self._keys[row.slug] = hashlib.sha256(repr(parts).encode()).hexdigest()

    def _is_due(self, row: Row, retry_failed: bool) -> bool:
        before = self._before.get(row.slug)
        if before is None:
            return not retry_failed
        if retry_failed:
            due = before.status == "failed"
        else:
            due = (
                self._policy.force
                or before.status != "done"
                or before.key != self._keys.get(row.slug)
                or before.stamp != making.stamp(self._output / row.slug)
            )
        if not due:
            self._records[row.slug] = replace(before, row=row.number)
        return due


def _record(row: Row) -> Record:
    """The row before anything is made of it."""
    drawing = replace(row.drawing, output=Path(row.slug))
    paths = [f"{folder}/index.html" for folder in pages(drawing)]
    first = row.entries[0]
    return Record(
        row=row.number,
        slug=row.slug,
        status="open",
        prompt=row.recording.prompt,
        description=row.recording.description,
        model=row.recording.model,
        language=" ".join(row.drawing.language),
        theme=" ".join(row.drawing.theme),
        shape=" ".join(row.drawing.shapes),
        loops=row.loops,
        pages=tuple(paths),
        still=paths[0].replace("index.html", first.picture) if paths else None,
    )


def _drawn(drawing: DrawingOptions) -> dict[str, object]:
    """How a row is drawn, by option."""
    return {
        field.name: getattr(drawing, field.name) for field in fields(drawing) if field.name not in OF_THE_RUN
    }

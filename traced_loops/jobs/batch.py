"""A batch: rows become sets, each listed with what became of it; a later run leaves alone what is done."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import fields, replace
from pathlib import Path
from typing import Protocol

from model_trace.files import temporary_folder
from traced_loops.jobs import manifest, work
from traced_loops.jobs.delivery import CachePolicy
from traced_loops.jobs.layout import pages
from traced_loops.jobs.machines import ClusterError, Heard, Machines, here
from traced_loops.jobs.manifest import Record
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.requests import require_models
from traced_loops.jobs.rows import OF_THE_RUN, Row, read_rows
from traced_loops.jobs.run import BatchRun, Outcome
from traced_loops.jobs.sharing import asks_of
from traced_loops.jobs.tables import Table
from traced_loops.jobs.versions import versions
from traced_loops.storage import addresses
from traced_loops.storage.addresses import Address

_SAVED = 10.0  # seconds between two writings of the list


class Board(Protocol):
    """Where a run is seen: how many rows of how many are done, and who is at what."""

    def count(self, done: int, total: int) -> None: ...

    def heard(self, worker: str, words: str) -> None: ...


def make(
    table: Table,
    recording: RecordingOptions,
    drawing: DrawingOptions,
    cluster: str | None,
    retry_failed: bool,
    board: Board,
) -> list[Record]:
    """Make the sets of the table's rows, on this machine or by the ``cluster`` at an address.

    Raises:
        UserFileError, ClusterError, OutputError: the table, the cluster or the output cannot be used; nothing
            was made.
        UsageError: models cannot be run here.
    """
    require_models()
    means = CachePolicy(drawing.cache, drawing.cache_bytes, drawing.force)
    _ = means.recordings  # refused before anything is run
    if cluster is None:
        temporary_folder()  # that of all processes, removed even if those are stopped
    rows = read_rows(table, recording, drawing, models_here=cluster is None)
    with _machines(cluster, drawing.jobs or os.cpu_count() or 1, board.heard) as machines:
        # the output is touched only once the machines are found fit
        return Batch(rows, drawing.output, means).make(machines, board.count, retry_failed)


def _machines(cluster: str | None, count: int, heard: Heard) -> AbstractContextManager[Machines]:
    if cluster is None:
        return here(count, heard)
    try:
        from traced_loops.jobs.dask_cluster import workers
    except ImportError as error:
        raise ClusterError(f'--cluster needs {error.name}: pip install "traced-loops[cluster]"') from error
    return workers(cluster, heard)


class Batch:
    """The rows of a table on their way to the sets in ``output``.

    Raises:
        OutputError: the output cannot be written to, or holds something else.
    """

    def __init__(self, rows: Sequence[Row], output: Address, means: CachePolicy) -> None:
        self._rows, self._output, self._means = rows, output, means
        self._before = manifest.read(output, force=means.force)
        manifest.check(output, force=means.force)
        addresses.prepare(output)
        self._records = {row.slug: _record(row) for row in rows}
        self._keys: dict[str, str] = {}

    def make(
        self, machines: Machines, count: Callable[[int, int], None], retry_failed: bool = False
    ) -> list[Record]:
        """Make what is not there, or only what failed the last time; every row's record in the end.

        What is finished is listed even if the run is interrupted.
        """
        self._find_keys(machines)
        todo = [row for row in self._rows if self._is_due(row, retry_failed)]
        total, done, saved = len(todo), 0, time.monotonic()
        count(done, total)

        def close(row: Row, outcome: Outcome) -> None:
            nonlocal done, saved
            done += 1
            count(done, total)
            self._records[row.slug] = replace(
                self._records[row.slug],
                status="failed" if outcome.error else "done",
                error=outcome.error or None,
                key=self._keys.get(row.slug),
                stamp=outcome.stamp,
            )
            if time.monotonic() - saved > _SAVED:
                manifest.write(self._output, self._records.values(), force=self._means.force)
                saved = time.monotonic()

        try:
            BatchRun(todo, machines, self._output, self._means, close).finish()
        finally:
            records = list(self._records.values())
            manifest.write(self._output, records, force=self._means.force)
            manifest.write_overview(self._output, records, force=self._means.force)
        return records

    def _find_keys(self, machines: Machines) -> None:
        """For each row a digest of all that its files depend on; none where a model is not to be found."""
        models = {row.recording.model for row in self._rows}
        asked = {model: machines.traces.submit(work.weights, model, machines.report) for model in models}
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
                self._means.force
                or before.status != "done"
                or before.key != self._keys.get(row.slug)
                or before.stamp != work.stamp(self._output / row.slug)
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
        loops=row.loops,
        pages=tuple(paths),
        still=paths[0].replace("index.html", f"{first.stem}.png") if paths else None,
    )


def _drawn(drawing: DrawingOptions) -> dict[str, object]:
    """How a row is drawn, by option."""
    return {
        field.name: getattr(drawing, field.name) for field in fields(drawing) if field.name not in OF_THE_RUN
    }

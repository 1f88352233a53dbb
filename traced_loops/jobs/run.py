"""The run of a batch: rows are recorded, drawn and finished as machines come free."""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from model_trace.request import AnyRequest
from scenes.chosen_content import ChosenContent
from scenes.entry import Entry
from traced_loops.jobs import work
from traced_loops.jobs.delivery import CachePolicy
from traced_loops.jobs.layout import check_folders, jobs_of
from traced_loops.jobs.machines import Machines
from traced_loops.jobs.options import DrawingOptions
from traced_loops.jobs.rows import Row
from traced_loops.jobs.sharing import Ask, Sharing, asks_of
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import Job
from traced_loops.storage import addresses
from traced_loops.storage.addresses import Address

# Loops that wait for a recording while others are drawn: a whole row's.
_AHEAD = 12


@dataclass(frozen=True)
class Outcome:
    """What became of a row: "" or what went wrong, and the digest of what lies in its folder."""

    error: str
    stamp: str


@dataclass
class _Open:
    """A row in work: what it waits for, what is made of it, and what went wrong so far."""

    row: Row
    drawing: DrawingOptions
    asks: tuple[Ask, ...]
    runs: set[AnyRequest]
    left: int = 0
    made: dict[Address, list[Entry]] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)

    def failed(self, loop: str, why: BaseException | str) -> None:
        """Keep what went wrong, once for all loops that it befell."""
        words = why if isinstance(why, str) else f"{type(why).__name__}: {why}"
        self.errors.setdefault(words, []).append(loop)

    @property
    def error(self) -> str:
        """All that went wrong, on one line."""
        told = (f"loop {', '.join(loops)}: {' '.join(why.split())}" for why, loops in self.errors.items())
        return "; ".join(told)


class BatchRun:
    """Rows on their way through ``machines`` into folders of their slugs in ``output``.

    A row is opened only when there are machines for it, so that what rows say is held for a while, not for
    the whole table. ``done`` is told of each row once. All of it happens in the thread that calls
    ``finish``.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        machines: Machines,
        output: Address,
        means: CachePolicy,
        done: Callable[[Row, Outcome], None],
    ) -> None:
        self._sharing = Sharing(rows)
        self._coming = iter(self._sharing.rows)
        self._machines, self._output, self._means, self._done = machines, output, means, done
        self._open: dict[int, _Open] = {}
        self._loops = 0  # of open rows, not yet drawn
        self._asked: set[AnyRequest] = set()
        self._said: dict[AnyRequest, dict[Ask, ChosenContent | str]] = {}
        self._happened: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def finish(self) -> None:
        """Make every row."""
        self._fill()
        while self._open:
            self._happened.get()()
            self._fill()

    def _fill(self) -> None:
        """Open rows until each machine has a loop to draw and another to follow, and a row is recorded."""
        while self._loops < 2 * self._machines.count() + _AHEAD:
            row = next(self._coming, None)
            if row is None:
                return
            asks = asks_of(row)
            runs = {ask.run for ask in asks}
            drawing = replace(row.drawing, output=self._output / row.slug)
            opened = self._open[row.number] = _Open(row, drawing, asks, runs - self._said.keys())
            try:
                check_folders([ask.entry for ask in asks], drawing, with_page=True)
            except (addresses.OutputError, OSError) as error:
                opened.failed(", ".join(ask.entry.number for ask in asks), str(error))
                self._forget(opened)
                self._close(opened)
                continue
            self._loops += len(asks)
            for run in dict.fromkeys(ask.run for ask in asks):
                if run not in self._asked:
                    self._asked.add(run)
                    asked = self._sharing.asks(run)
                    self._submit(
                        self._machines.traces,
                        work.record,
                        asked,
                        self._means,
                        then=partial(self._recorded, run, asked),
                    )
            if not opened.runs:
                self._draw(opened)

    def _submit(
        self,
        executor: Executor,
        function: Callable[..., Any],
        *arguments: Any,
        then: Callable[[Future[Any]], None],
    ) -> None:
        future = executor.submit(function, *arguments, self._machines.report)
        # the thread that completes it only leaves a note
        future.add_done_callback(lambda future: self._happened.put(partial(then, future)))

    def _recorded(
        self, run: AnyRequest, asks: Sequence[Ask], future: Future[list[ChosenContent | str]]
    ) -> None:
        error = future.exception()
        answers = future.result() if error is None else [f"{type(error).__name__}: {error}"] * len(asks)
        self._said[run] = dict(zip(asks, answers, strict=True))
        for opened in [each for each in self._open.values() if run in each.runs]:
            opened.runs.discard(run)
            if not opened.runs:
                self._draw(opened)

    def _draw(self, opened: _Open) -> None:
        """All that the row says is known: have it drawn."""
        choices = {}
        for ask in opened.asks:
            said = self._said[ask.run][ask]
            if isinstance(said, str):
                opened.failed(ask.entry.number, said)
            else:
                choices[ask.entry] = said
        self._forget(opened)
        jobs = jobs_of(choices, opened.drawing) if choices else {}
        wanted = [(folder, job) for folder, each in jobs.items() for job in each]
        opened.left = len(wanted)
        self._loops += opened.left - len(opened.asks)
        try:
            for folder in jobs:
                addresses.prepare(folder)
        except addresses.OutputError as error:
            for _, job in wanted:
                self._made(opened, work.Order(job, folder, "", self._means), error)
            return
        for folder, job in wanted:
            self._send(opened, folder, job)
        if not wanted:
            self._close(opened)

    def _forget(self, opened: _Open) -> None:
        """The row needs what its runs said no more."""
        for run in {ask.run for ask in opened.asks}:
            if self._sharing.done(run):
                self._said.pop(run, None)

    def _send(self, opened: _Open, folder: Address, job: Job) -> None:
        """Have the job drawn, and its files put into the folder by whoever reaches it."""
        order = work.Order(job, folder, f"{job.entry.stem} of {opened.row.slug}", self._means)
        if self._machines.reach(folder):
            self._submit(
                self._machines.draws, work.deliver, order, then=partial(self._delivered, opened, order)
            )
            return
        if not self._means.force and outputs.is_current(job, folder):
            self._made(opened, order, None)
            return
        kept = None if self._means.force else outputs.kept(job, folder)
        self._submit(self._machines.draws, work.pack, order, kept, then=partial(self._brought, opened, order))

    def _delivered(self, opened: _Open, order: work.Order, future: Future[None]) -> None:
        self._made(opened, order, future.exception())

    def _brought(self, opened: _Open, order: work.Order, future: Future[Mapping[str, bytes]]) -> None:
        error = future.exception()
        if error is None:
            try:
                outputs.put(order.job.entry, future.result(), order.folder, force=self._means.force)
            except (OSError, addresses.OutputError) as failure:
                error = failure
        self._made(opened, order, error)

    def _made(self, opened: _Open, order: work.Order, error: BaseException | None) -> None:
        """One loop of the row is done; with the last, the row is finished."""
        self._loops -= 1
        opened.left -= 1
        made = opened.made.setdefault(order.folder, [])
        if error is None:
            made.append(order.job.entry)
        else:
            opened.failed(order.job.entry.number, error)
        if opened.left:
            return
        arguments = opened.drawing, opened.made
        if self._machines.reach(order.folder):
            self._submit(self._machines.draws, work.finish, *arguments, then=partial(self._finished, opened))
            return
        future: Future[str] = Future()
        try:
            future.set_result(work.finish(*arguments, self._machines.report))
        except Exception as failure:
            future.set_exception(failure)
        self._finished(opened, future)

    def _finished(self, opened: _Open, future: Future[str]) -> None:
        error = future.exception()
        if error is not None:
            opened.failed("pages", error)
        self._close(opened, "" if error is not None else future.result())

    def _close(self, opened: _Open, stamp: str = "") -> None:
        del self._open[opened.row.number]
        self._done(opened.row, Outcome(opened.error, stamp))

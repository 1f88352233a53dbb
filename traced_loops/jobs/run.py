"""The one way from rows to files: rows are recorded, drawn and finished as those who do it come free.

A command's run is one row, a batch is many.
"""

from __future__ import annotations

import os
import queue
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from model_trace.errors import TracedLoopsError, TraceError, UserError
from model_trace.progress import DONE, FAILED, GONE, WAITING, Progress, silent
from scenes.chosen_content import ChosenContent, UndrawableError
from scenes.entry import Entry
from traced_loops.jobs import checks, making, record
from traced_loops.jobs.executors import Executors, for_one_row
from traced_loops.jobs.layout import check_folders, folders, jobs_of, pages
from traced_loops.jobs.making import CachePolicy, Order
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.recordings import LOADING
from traced_loops.jobs.requests import UsageError, require_models
from traced_loops.jobs.rows import Row
from traced_loops.jobs.sharing import Ask, Sharing, Source, asks_of
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import Job, quality_of
from traced_loops.storage import addresses
from traced_loops.storage.addresses import Address, OutputError

# Loops that wait for a recording while others are drawn: a whole row's.
_AHEAD = 12
# The size that the entries' costs were measured at, and the share of the cost that does not grow with it.
_MEASURED_SIZE = 1920 * 1080 * 30
_FIXED_SHARE = 0.3


class Failure(NamedTuple):
    """What went wrong with a loop, by its number, in a folder where it has one."""

    number: str
    why: BaseException
    folder: Address | None = None


@dataclass
class Result:
    """A row on its way to files: what it waits for, what is made of it, and what went wrong.

    Attributes:
        row: The row.
        drawing: How it is drawn, into the folder that is its own.
        asks: What its loops ask for.
        sources: The recordings that it waits for.
        jobs: What is to be drawn, by folder, once that is known.
        left: How many of these are not drawn yet.
        already: How many lay there already.
        made: What lies there now.
        undrawable: Loops that the recording cannot serve, with the reason.
        failures: What went wrong.
        pages: The pages that were written.
        stamp: A digest of what lies in its folder in the end.
    """

    row: Row
    drawing: DrawingOptions
    asks: tuple[Ask, ...]
    sources: set[Source]
    jobs: dict[Address, list[Job]] = field(default_factory=dict)
    left: int = 0
    already: int = 0
    made: dict[Address, list[Entry]] = field(default_factory=dict)
    undrawable: dict[Entry, str] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    pages: list[str] = field(default_factory=list)
    stamp: str = ""

    @property
    def size(self) -> int:
        """How many bytes its pictures have in folders on this machine."""
        placed = [(folder, entry) for folder, entries in self.made.items() for entry in entries]
        return sum(
            file.stat().st_size
            for folder, entry in placed
            if isinstance(folder, Path)
            for file in folder.glob(f"{entry.stem}.*")
        )

    @property
    def error(self) -> str:
        """All that went wrong, on one line."""
        loops: dict[str, list[str]] = {}
        for failure in self.failures:
            expected = isinstance(failure.why, TracedLoopsError)
            words = str(failure.why) if expected else f"{type(failure.why).__name__}: {failure.why}"
            loops.setdefault(" ".join(words.split()), []).append(failure.number)
        return "; ".join(f"loop {', '.join(numbers)}: {why}" for why, numbers in loops.items())

    def task(self, entry: Entry, folder: Address) -> str:
        """What the drawing of a loop is reported as."""
        if self.row.slug:
            return f"{entry.stem} of {self.row.slug}"
        return entry.stem if folder == self.drawing.output else f"{entry.stem} ({folder})"


def make(
    entries: Sequence[Entry],
    recording: RecordingOptions,
    drawing: DrawingOptions,
    progress: Progress,
    with_page: bool = False,
    *,
    leave_out: bool = True,
) -> Result:
    """Make these loops of one text: record what is needed, draw what is not there, list what there is.

    ``leave_out`` loops that the recording cannot serve, as long as one is left, or else refuse them.

    Raises:
        UsageError: options that contradict each other, or models cannot be run here.
        TraceError: a text or a model that cannot be used, or none of the loops can be drawn.
        OutputError: the output folder cannot be written, or a file is there that is not ours.
        CacheError: the cache's folder holds other things, or its size is none.
        KeyboardInterrupt: with the loops that are left, if it was known what is to be drawn.
    """
    with for_one_row(drawing.jobs or os.cpu_count() or 1, progress) as executors:
        run = prepared(entries, recording, drawing, progress, with_page, executors)
        run.leaves_out = leave_out
        try:
            run.finish()
        except KeyboardInterrupt as stop:
            if not run.results or not run.results[0].jobs:
                raise
            jobs = run.results[0].jobs.items()
            left = [
                job.entry.number
                for folder, each in jobs
                for job in each
                if not outputs.is_current(job, folder)
            ]
            raise KeyboardInterrupt(f"{', '.join(left) or 'none'} left") from stop
    return run.results[0]


def prepared(
    entries: Sequence[Entry],
    recording: RecordingOptions,
    drawing: DrawingOptions,
    progress: Progress,
    with_page: bool,
    executors: Executors,
) -> Run:
    """The run of one row, after all that can be refused before anything is run; see ``make``."""
    row, asks = one_row(entries, recording, drawing, progress, with_page)
    policy = CachePolicy(drawing.cache, drawing.cache_bytes, drawing.force)
    _ = policy.recordings  # refused before anything is run
    return Run(
        [row], executors, drawing.output, policy, alone=True, with_page=with_page, progress=progress,
        asks_of=lambda row: asks,
    )  # fmt: skip


def jobs_for(
    entries: Sequence[Entry],
    recording: RecordingOptions,
    drawing: DrawingOptions,
    progress: Progress = silent,
) -> dict[Address, list[Job]]:
    """The jobs that draw these loops, by folder, after their recordings were made; nothing is drawn.

    Raises:
        UsageError, TraceError, OutputError, CacheError: as ``make``.
    """
    with for_one_row(drawing.jobs or os.cpu_count() or 1, progress) as executors:
        run = prepared(entries, recording, drawing, progress, False, executors)
        run.draws = False
        run.finish()
    return run.results[0].jobs


def one_row(
    entries: Sequence[Entry],
    recording: RecordingOptions,
    drawing: DrawingOptions,
    progress: Progress = silent,
    with_page: bool = False,
) -> tuple[Row, tuple[Ask, ...]]:
    """A run of one text as a row, and what its loops ask for, if nothing can be refused before it is run.

    Raises:
        UsageError, TraceError, OutputError: as ``make``.
    """
    check_options(recording, drawing, entries)
    check_folders(entries, drawing, with_page)
    if drawing.trace is None:
        require_models()
    row = Row(1, "", recording, drawing, tuple(entry.number for entry in entries))
    return row, asks_of(row, progress)


def check_options(
    recording: RecordingOptions, drawing: DrawingOptions, entries: Sequence[Entry] = ()
) -> None:
    """Refuse what cannot be made of these loops, naming the option and what it may be.

    Raises:
        UsageError: the first problem.
    """
    problems = (
        *checks.of_drawing(drawing),
        *checks.of_shapes(entries, drawing),
        *checks.of_recording(recording),
    )
    for problem in problems:
        raise UsageError(f"--{problem}")


class Run:
    """Rows on their way through ``executors`` into folders of their slugs in ``output``.

    A row is opened only when there is someone for it, so that what rows show is held for a while, not for
    the whole table. ``done`` is called with each row's result once. All of it happens in the thread that
    calls ``finish``.

    With ``alone``, the one row is all there is, and goes into ``output`` itself: what cannot be used is
    raised before anything is drawn, loops that the recording cannot serve are left out, and a folder is
    listed only when all of it is there.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        executors: Executors,
        output: Address,
        policy: CachePolicy,
        done: Callable[[Result], None] = lambda result: None,
        *,
        alone: bool = False,
        with_page: bool = True,
        progress: Progress = silent,
        asks_of: Callable[[Row], tuple[Ask, ...]] = asks_of,
    ) -> None:
        # of a row that is alone
        self.draws = self.leaves_out = True
        self.results: list[Result] = []
        self._sharing = Sharing(rows, asks_of)
        self._coming = iter(self._sharing.rows)
        self._executors, self._output, self._policy, self._done = executors, output, policy, done
        self._alone, self._with_page, self._progress, self._asks_of = alone, with_page, progress, asks_of
        self._open: dict[int, Result] = {}
        self._loops = 0  # of open rows, not yet drawn
        self._asked: set[Source] = set()
        self._answers: dict[Source, dict[Ask, record.Answer]] = {}
        self._happened: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()

    def finish(self) -> None:
        """Make every row."""
        self._fill()
        while self._open:
            self._happened.get()()
            self._fill()

    def _fill(self) -> None:
        """Open rows until everyone has a loop to draw and another to follow, and a row is recorded."""
        while self._loops < 2 * self._executors.at_once() + _AHEAD:
            row = next(self._coming, None)
            if row is None:
                return
            asks = self._asks_of(row)
            sources = dict.fromkeys(ask.source for ask in asks)
            drawing = row.drawing if self._alone else replace(row.drawing, output=self._output / row.slug)
            result = Result(row, drawing, asks, sources.keys() - self._answers.keys())
            self._open[row.number] = result
            if self._alone:
                self.results.append(result)
                self._announce(result)
            else:
                try:
                    check_folders([ask.entry for ask in asks], drawing, with_page=True)
                except (OutputError, OSError) as error:
                    numbers = ", ".join(ask.entry.number for ask in asks)
                    # not the class of what the user can do something about
                    result.failures.append(Failure(numbers, OutputError(str(error))))
                    self._forget(result)
                    self._close(result)
                    continue
            self._loops += len(asks)
            new = [source for source in sources if source not in self._asked]
            self._asked.update(new)
            # those of a row that is alone at once: what all of them show is chosen side by side
            for group in [new] if self._alone else [[source] for source in new]:
                asked = [ask for source in group for ask in self._sharing.asks(source)]
                choosers = self._executors.choosers
                self._submit(
                    self._executors.recorders, record.record, asked, self._policy, self._alone, choosers,
                    then=partial(self._recorded, group, asked),
                )  # fmt: skip
            if not result.sources:
                self._draw(result)

    def _announce(self, result: Result) -> None:
        """Report what is to come, and how long it may take."""
        record.announce(result.asks, self._progress)
        drawing = result.drawing
        for folder, _, _, shape in folders(drawing):
            quality = quality_of(drawing.quality, shape, drawing.fps)
            size = quality.width * quality.height * quality.fps / _MEASURED_SIZE
            for ask in result.asks:
                # a figure is always drawn at full size
                share = 1 if ask.entry.is_figure else _FIXED_SHARE + (1 - _FIXED_SHARE) * size
                cost = ask.entry.cost * share / self._executors.at_once()
                self._progress(result.task(ask.entry, folder), state=WAITING, cost=cost)

    def _submit(
        self,
        executor: Executor,
        function: Callable[..., Any],
        *arguments: Any,
        then: Callable[[Future[Any]], None],
    ) -> None:
        future = executor.submit(function, *arguments, self._executors.progress)
        # the thread that completes it only leaves a note
        future.add_done_callback(lambda future: self._happened.put(partial(then, future)))

    def _recorded(
        self, sources: Sequence[Source], asks: Sequence[Ask], future: Future[list[record.Answer]]
    ) -> None:
        error = future.exception()
        if error is not None and self._alone:
            raise error
        if self._alone:
            self._progress(LOADING, state=GONE)  # where all was kept
        unforeseen = TraceError(f"{type(error).__name__}: {error}")
        answers = future.result() if error is None else [unforeseen] * len(asks)
        for source in sources:
            self._answers[source] = {}
        for ask, answer in zip(asks, answers, strict=True):
            self._answers[ask.source][ask] = answer
        for result in [each for each in self._open.values() if each.sources & set(sources)]:
            result.sources -= set(sources)
            if not result.sources:
                self._draw(result)

    def _draw(self, result: Result) -> None:
        """All that the row shows is known: have it drawn."""
        chosen: dict[Entry, ChosenContent] = {}
        refused: list[UserError] = []
        for ask in result.asks:
            answer = self._answers[ask.source][ask]
            if isinstance(answer, ChosenContent):
                chosen[ask.entry] = answer
                continue
            if self._alone and self.leaves_out and isinstance(answer, UndrawableError):
                result.undrawable[ask.entry] = str(answer)
                refused.append(answer)
            elif self._alone:
                raise answer
            else:
                result.failures.append(Failure(ask.entry.number, answer))
        if refused and not chosen:
            raise refused[0]
        self._forget(result)
        result.jobs = jobs_of(chosen, result.drawing) if chosen else {}
        wanted = [(folder, job) for folder, jobs in result.jobs.items() for job in jobs]
        result.left = len(wanted)
        self._loops += result.left - len(result.asks)
        for folder, *_ in folders(result.drawing):
            for entry in result.undrawable:
                self._progress(result.task(entry, folder), state=GONE)
        try:
            for folder in result.jobs:
                addresses.prepare(folder)
        except OutputError as error:
            if self._alone:
                raise
            for folder, job in wanted:
                self._made(result, Order(job, folder, "", self._policy), error)
            return
        if not wanted or not self.draws:
            self._close(result)
            return
        # what takes longest is begun first
        for folder, job in sorted(wanted, key=lambda placed: placed[1].entry.cost, reverse=True):
            self._send(result, folder, job)

    def _forget(self, result: Result) -> None:
        """The row needs what its recordings show no more."""
        for source in {ask.source for ask in result.asks}:
            if self._sharing.done(source):
                self._answers.pop(source, None)

    def _send(self, result: Result, folder: Address, job: Job) -> None:
        """Have the job drawn, and its files put into the folder by whoever reaches it."""
        order = Order(job, folder, result.task(job.entry, folder), self._policy)
        drawers = self._executors.drawers
        if self._executors.reach(folder):
            self._submit(drawers, making.deliver, order, then=partial(self._delivered, result, order))
            return
        if not self._policy.force and outputs.is_current(job, folder):
            result.already += 1
            self._made(result, order, None, GONE)
            return
        kept = None if self._policy.force else outputs.kept(job, folder)
        if self._alone:
            self._progress(order.task, 0, making.frames_expected(job), WAITING)
        self._submit(drawers, making.pack, order, kept, then=partial(self._brought, result, order))

    def _delivered(self, result: Result, order: Order, future: Future[None]) -> None:
        self._made(result, order, future.exception())

    def _brought(self, result: Result, order: Order, future: Future[Mapping[str, bytes]]) -> None:
        error = future.exception()
        if error is None:
            try:
                outputs.put(order.job.entry, future.result(), order.folder, force=self._policy.force)
            except Exception as failure:
                error = failure
        self._made(result, order, error)

    def _made(self, result: Result, order: Order, error: BaseException | None, state: str = DONE) -> None:
        """One loop of the row is done; with the last, the row is finished."""
        self._loops -= 1
        result.left -= 1
        entry, folder = order.job.entry, order.folder
        made = result.made.setdefault(folder, [])
        if error is None:
            made.append(entry)
        else:
            result.failures.append(Failure(entry.number, error, folder))
        if order.task:
            # of a batch, rows are reported, and loops only while they are drawn
            ended = GONE if not self._alone else state if error is None else FAILED
            self._progress(order.task, state=ended)
        if result.left:
            return
        if self._alone:
            for broken in {failure.folder for failure in result.failures if failure.folder is not None}:
                result.made.pop(broken, None)
        with_page = pages(result.drawing) if self._with_page else []
        arguments = result.drawing.output, result.made, with_page, self._policy.force
        if self._executors.reach(folder):
            self._submit(
                self._executors.drawers, making.finish, *arguments, then=partial(self._finished, result)
            )
            return
        future: Future[tuple[list[str], str]] = Future()
        try:
            future.set_result(making.finish(*arguments, self._progress))
        except Exception as failure:
            future.set_exception(failure)
        self._finished(result, future)

    def _finished(self, result: Result, future: Future[tuple[list[str], str]]) -> None:
        error = future.exception()
        if error is None:
            result.pages, result.stamp = future.result()
        elif self._alone:
            raise error
        else:
            result.failures.append(Failure("pages", error))
        self._close(result)

    def _close(self, result: Result) -> None:
        del self._open[result.row.number]
        self._done(result)

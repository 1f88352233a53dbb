"""Where a run's work is done: in this process, in others on this machine, or on a Dask cluster.

Nothing here loads multiprocessing or Manim before there is work for another process.
"""

from __future__ import annotations

import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from model_trace.errors import TracedLoopsError, UserError
from model_trace.progress import Progress, Seldom, silent
from traced_loops.storage.addresses import Address

if TYPE_CHECKING:
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing.context import ForkServerContext

P = ParamSpec("P")
T = TypeVar("T")

_PAUSE = 0.1  # seconds between two reports of a worker's task
_LOOK = 0.05  # seconds between two looks for reports
_TO_END = 1.0  # seconds in which the last reports arrive


class ClusterError(UserError):
    """The cluster cannot be used; a line for each reason."""

    many_lines = True


class ClusterLostError(TracedLoopsError):
    """The scheduler went away during the work; what was finished until then is kept."""


@dataclass(frozen=True)
class Executors:
    """Who records and who draws.

    Attributes:
        recorders: Run models.
        drawers: Draw loops.
        at_once: How many loops can be drawn at once now.
        progress: Goes along with the work; its reports reach this process from wherever that is done.
        reach: Whether the drawers can write into a folder; where they cannot, this process does.
        choosers: Choose what loops show, for recorders that cannot do so themselves.
    """

    recorders: Executor
    drawers: Executor
    at_once: Callable[[], int]
    progress: Progress
    reach: Callable[[Address], bool]
    choosers: Executor | None = None


@contextmanager
def for_one_row(count: int, progress: Progress) -> Iterator[Executors]:
    """This process runs models and writes files, ``count`` others draw. None is started without need."""
    with processes(count, progress=progress) as drawers:
        reports = _Reports(progress)
        yield Executors(_ThisProcess(), drawers, lambda: count, reports, lambda folder: False, drawers)


@contextmanager
def for_many_rows(count: int, progress: Progress) -> Iterator[Executors]:
    """On this machine a process that keeps its model, and ``count`` that draw and write files."""
    with (
        processes(count, progress=progress) as drawers,
        processes(1, threads=None, progress=progress) as recorders,
    ):
        yield Executors(recorders, drawers, lambda: count, _Reports(progress), lambda folder: True)


class _ThisProcess(Executor):
    """Does the work at once, where it is asked for."""

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def processes(count: int, threads: int | None = 1, progress: Progress = silent) -> Iterator[Executor]:
    """An executor of ``count`` processes on this machine, which draw one loop each at a time.

    They are forked from one that has loaded Manim and in which torch never ran, and compute with
    ``threads``, or as many as there are. None is started before there is work. What they report to a
    progress that came with their work reaches ``progress``. On an interrupt they are ended at once, and they
    end by themselves when this process does, however it ends.
    """
    pool = _Processes(count, threads, progress)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        pool.terminate()
        raise
    pool.shutdown()


class _Processes(Executor):
    """A pool of processes that is started with the first work."""

    def __init__(self, count: int, threads: int | None, progress: Progress) -> None:
        self._count, self._threads, self._progress = count, threads, progress
        self._pool: ProcessPoolExecutor | None = None
        self._over = threading.Event()
        self._listener: threading.Thread | None = None

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        context = fork_server()
        if self._pool is None:
            self._pool = self._started(context)
        with _without_main():
            return self._pool.submit(function, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait, cancel_futures=cancel_futures)
        self._over.set()
        if wait and self._listener is not None:
            self._listener.join(_TO_END)

    def terminate(self) -> None:
        """End the processes at once."""
        if self._pool is not None:
            import multiprocessing

            for process in multiprocessing.active_children():
                process.terminate()

    def _started(self, context: ForkServerContext) -> ProcessPoolExecutor:
        from concurrent.futures import ProcessPoolExecutor

        reports = context.SimpleQueue()
        self._listener = threading.Thread(target=self._pass_on, args=(reports,), daemon=True)
        self._listener.start()
        return ProcessPoolExecutor(self._count, context, _worker, (self._threads, reports))

    def _pass_on(self, reports: Any) -> None:
        # not woken by a last entry: a process that was ended may hold the queue's lock for ever
        over = False
        while not over:
            over = self._over.wait(_LOOK)
            while not reports.empty():
                self._progress(*reports.get())


@contextmanager
def _without_main() -> Iterator[None]:
    """Start processes that do not run the user's script again: our functions need nothing of it.

    A script that calls the library needs no ``if __name__ == "__main__"`` then.
    """
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@dataclass(frozen=True)
class _Reports:
    """This process's progress, which in a worker that it is sent to becomes the way back to it."""

    progress: Progress

    def __call__(
        self, task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
    ) -> None:
        self.progress(task, done, total, state, cost)

    def __reduce__(self) -> tuple[Callable[[], Progress], tuple[()]]:
        return _from_a_worker, ()


def _from_a_worker() -> Progress:
    return Seldom(_send, _PAUSE)


# In a worker, the queue of its reports.
_queue: Any = None


def _send(
    task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
) -> None:
    if _queue is not None:
        _queue.put((task, done, total, state, cost))


# What a path of a folder may have for multiprocessing's sockets in it: Linux takes 107 bytes, macOS 103.
_LONGEST_FOLDER = 70


def _choose_socket_folder() -> None:
    """Have multiprocessing keep its sockets where their paths are short enough, even if TMPDIR is long."""
    from multiprocessing import util

    usual = tempfile.gettempdir()
    if len(os.fsencode(usual)) > _LONGEST_FOLDER:
        tempfile.tempdir = "/tmp"
    try:
        util.get_temp_dir()  # made once for this process and the ones it starts, removed at the end
    finally:
        tempfile.tempdir = usual


def fork_server() -> ForkServerContext:
    """The context whose processes are forked from the one that has loaded Manim; that is started once."""
    import multiprocessing
    from multiprocessing import forkserver

    _choose_socket_folder()
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["traced_loops.jobs.preload"])
    # What is typed at a keyboard interrupts the whole process group: this process answers, the others are
    # started deaf to it, since they could not yet answer while they load.
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    # Python before 3.14 would look for our code in the working folder, then among what is installed.
    before = {name: os.environ.get(name) for name in ("PYTHONPATH", "PYTHONSAFEPATH")}
    os.environ |= {"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "PYTHONSAFEPATH": "1"}
    try:
        forkserver.ensure_running()
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
    return context


def _worker(threads: int | None, reports: Any) -> None:
    global _queue
    _queue = reports
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    from tqdm import tqdm  # imported where it is needed: with Manim

    # Manim's progress bar, which is off, has a lock between processes: a worker ended at once would leave
    # it behind, and Python complain of that
    tqdm.set_lock(threading.RLock())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if threads is not None:
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))


def _end_with_parent() -> None:
    """A worker whose parent was killed would wait for its next loop for ever."""
    import multiprocessing
    from multiprocessing import connection

    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)

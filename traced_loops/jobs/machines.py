"""Where a batch's work is done: by executors that run a model and executors that draw."""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.managers import SyncManager
from typing import Any, Protocol

from model_trace.errors import TracedLoopsError, UserError
from traced_loops.jobs.executors import fork_server, processes
from traced_loops.storage.addresses import Address

# Who works, and at what; "" when it is done.
Heard = Callable[[str, str], None]


class ClusterError(UserError):
    """The cluster cannot be used; a line for each reason."""

    many_lines = True


class ClusterLostError(TracedLoopsError):
    """The scheduler went away during the work; what was finished until then is kept."""


class Report(Protocol):
    """Goes to a worker with its work, and tells what it is at."""

    def __call__(self, words: str, /) -> None: ...


@dataclass(frozen=True)
class Machines:
    """Executors, and what there is to know of them.

    ``traces`` runs models, ``draws`` draws; ``count()`` is how many loops can be drawn at once now;
    ``report`` goes to a worker with its work; ``reach`` says whether workers reach a folder.
    """

    traces: Executor
    draws: Executor
    count: Callable[[], int]
    report: Report
    reach: Callable[[Address], bool]


@dataclass(frozen=True)
class _Queued:
    """Reports from this machine's processes."""

    queue: Any

    def __call__(self, words: str, /) -> None:
        self.queue.put((multiprocessing.current_process().name, words))


@contextmanager
def here(count: int, heard: Heard) -> Iterator[Machines]:
    """This machine: one process that keeps its model, and ``count`` that draw."""
    with processes(count) as draws, processes(1, threads=None) as traces:
        manager = SyncManager(ctx=fork_server())
        manager.start(_undisturbed)
        queue = manager.Queue()
        listener = threading.Thread(target=_listen, args=(queue, heard), daemon=True)
        listener.start()
        try:
            yield Machines(traces, draws, lambda: count, _Queued(queue), lambda folder: True)
        finally:
            manager.shutdown()


def _undisturbed() -> None:
    """An interrupt at the keyboard reaches the whole process group: the parent answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _listen(queue: Any, heard: Heard) -> None:
    try:
        while True:
            heard(*queue.get())
    except (EOFError, OSError):
        return  # the manager is gone

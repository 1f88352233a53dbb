"""Where the work is done: on this machine's cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager


@contextmanager
def processes(count: int, threads: int | None = 1) -> Iterator[Executor]:
    """An executor of ``count`` processes on this machine, which draw one loop each at a time.

    They are forked from one that has loaded Manim and in which torch never ran, and compute with
    ``threads``, or as many as there are. On an interrupt they are ended at once.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["production.warm"])
    pool = ProcessPoolExecutor(count, mp_context=context, initializer=_worker, initargs=(threads,))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    pool.shutdown()


def _worker(threads: int | None) -> None:
    """An interrupt at the keyboard reaches the whole process group: the parent answers it, not the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if threads is not None:
        os.environ.setdefault("OMP_NUM_THREADS", str(threads))

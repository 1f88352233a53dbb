"""Where the work is done: on this machine's cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, forkserver


@contextmanager
def processes(count: int, threads: int | None = 1) -> Iterator[Executor]:
    """An executor of ``count`` processes on this machine, which draw one loop each at a time.

    They are forked from one that has loaded Manim and in which torch never ran, and compute with
    ``threads``, or as many as there are. On an interrupt they are ended at once, and they end by themselves
    when this process does, however it ends.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["production.warm"])
    # What is typed at a keyboard interrupts the whole process group: this process answers, the others are
    # started deaf to it, since they could not yet answer while they load.
    heard = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, heard)
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
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os.kill(os.getpid(), signal.SIGKILL)

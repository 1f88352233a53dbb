"""Where the work is done: on this machine's cores."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import connection, forkserver, util
from multiprocessing.context import ForkServerContext
from types import ModuleType
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def processes(count: int, threads: int | None = 1) -> Iterator[Executor]:
    """An executor of ``count`` processes on this machine, which draw one loop each at a time.

    They are forked from one that has loaded Manim and in which torch never ran, and compute with
    ``threads``, or as many as there are. None is started before there is work. On an interrupt they are
    ended at once, and they end by themselves when this process does, however it ends.
    """
    pool = _Pool(count, multiprocessing.get_context("forkserver"), _worker, (threads,))
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    pool.shutdown()


class _Pool(ProcessPoolExecutor):
    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        fork_server()
        with _without_main():
            return super().submit(function, *args, **kwargs)


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


# What a path of a folder may have for multiprocessing's sockets in it: Linux takes 107 bytes, macOS 103.
_LONGEST_FOLDER = 70


def _choose_socket_folder() -> None:
    """Have multiprocessing keep its sockets where their paths are short enough, even if TMPDIR is long."""
    usual = tempfile.gettempdir()
    if len(os.fsencode(usual)) > _LONGEST_FOLDER:
        tempfile.tempdir = "/tmp"
    try:
        util.get_temp_dir()  # made once for this process and the ones it starts, removed at the end
    finally:
        tempfile.tempdir = usual


def fork_server() -> ForkServerContext:
    """The context whose processes are forked from the one that has loaded Manim; that is started once."""
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

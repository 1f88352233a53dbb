"""How a command speaks: lines of text, and one line and an exit code for what fails."""

from __future__ import annotations

import errno
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from traced_loops.cli import interrupts

# With this variable set, what fails unforeseen shows where.
TRACEBACK = "TRACED_LOOPS_TRACEBACK"
OUT_OF_MEMORY = "there is not enough memory for that"
# By these PyTorch, transformers and the hub's client are silent in this process and its children.
_SILENT = {
    "PYTHONWARNINGS": "ignore",
    "TORCH_CPP_LOG_LEVEL": "ERROR",
    "TRANSFORMERS_VERBOSITY": "critical",
    "HF_HUB_VERBOSITY": "critical",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
}
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def echo(words: object, *, err: bool = False) -> None:
    """Print a line at once, on standard error if ``err``."""
    print(words, file=sys.stderr if err else sys.stdout, flush=True)


def count(number: int, noun: str) -> str:
    """So many of a thing, as English has it: 1 loop, 2 loops, 1,000 rows."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def silence_libraries() -> None:
    """Keep the warnings, logs and progress bars of libraries off the terminal, in child processes too.

    What matters of them is told in our own words; who asks for a traceback gets them as well.
    """
    if os.environ.get(TRACEBACK):
        return
    logging.disable(logging.CRITICAL)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    for name, value in _SILENT.items():
        os.environ.setdefault(name, value)


@contextmanager
def guard() -> Iterator[None]:
    """The last resort, around everything: no traceback for who did not ask for one.

    Names are written whatever the terminal can show.
    """
    silence_libraries()
    for stream in (sys.stdout, sys.stderr):
        if stream is not None:
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        if isinstance(error, BrokenPipeError):
            # who reads what is printed has read enough; Python would complain when it flushes the rest
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            sys.exit(1)
        if os.environ.get(TRACEBACK):
            raise
        if interrupts.heard():
            message = "interrupted"
        elif isinstance(error, MemoryError):
            message = OUT_OF_MEMORY
        else:
            message = f"unforeseen, {reason(error)}; with {TRACEBACK}=1 before the command it says where"
        echo(f"error: {message}", err=True)
        sys.exit(1)


@contextmanager
def errors() -> Iterator[None]:
    """A mistake of the user's becomes one line and exit code 2, a failure one line and 1."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as error:
        from model_trace.resources import out_of_memory

        if interrupts.heard():
            left = str(error) if isinstance(error, KeyboardInterrupt) else ""
            fail(f"interrupted; {left or 'what was finished is kept, the same command goes on from there'}")
        if isinstance(error, _mistakes()):
            cause = error.__cause__
            disk = isinstance(cause, OSError) and cause.errno in _DISK
            (fail if disk or out_of_memory(cause) else refuse)(str(error))
        if isinstance(error, _failures()):
            fail(str(error))
        if out_of_memory(error):
            fail(f"{OUT_OF_MEMORY} ({reason(error)[:200]})")
        # a broken pipe is no failure: who reads what is printed has read enough
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            fail(reason(error))
        raise


def _mistakes() -> tuple[type[Exception], ...]:
    # imported where they are needed: a run without mistakes does without
    from model_trace.files import CacheError
    from model_trace.trace import TraceError
    from traced_loops.article.pictures import PageError
    from traced_loops.jobs.executors import ClusterError
    from traced_loops.jobs.requests import UsageError
    from traced_loops.jobs.tables import TableError
    from traced_loops.jobs.texts import TextError
    from traced_loops.storage.addresses import OutputError

    return (
        TraceError,
        CacheError,
        OutputError,
        PageError,
        UsageError,
        TextError,
        TableError,
        ClusterError,
    )


def _failures() -> tuple[type[Exception], ...]:
    from traced_loops.jobs.executors import ClusterLostError

    return (ClusterLostError,)


def reason(error: BaseException) -> str:
    """What went wrong, in one line."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {' '.join(str(error).split())}".removesuffix(": ")


def megabytes(size: int) -> str:
    """A number of bytes, to read."""
    return f"{size / 1e6:,.1f} MB"


def refuse(message: str) -> NoReturn:
    echo(f"error: {message}", err=True)
    raise SystemExit(2)


def fail(message: str) -> NoReturn:
    echo(f"error: {message}", err=True)
    raise SystemExit(1)

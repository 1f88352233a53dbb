"""How a command speaks: lines of text, and one line and an exit code for what fails."""

from __future__ import annotations

import errno
import logging
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from model_trace.errors import TracedLoopsError
from traced_loops.cli import interrupts

if TYPE_CHECKING:
    from traced_loops.jobs.options import RunOptions

# With this variable set, an unexpected failure shows its traceback.
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
_silenced: list[str] = []  # those of these that this process set
_quiet = False  # whether only errors are printed
_verbose = False  # whether an unexpected failure shows its traceback
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def echo(words: object, *, err: bool = False) -> None:
    """Print a line at once, on standard error if ``err``."""
    print(words, file=sys.stderr if err else sys.stdout, flush=True)


def count(number: int, noun: str) -> str:
    """So many of a thing, as English has it: 1 loop, 2 loops, 1,000 rows."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


class NoModelError(TracedLoopsError):
    """The default model is not on this machine, and somebody is there who can be asked for it."""


def can_ask() -> bool:
    """Return whether somebody is there to answer a question."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()


def is_quiet() -> bool:
    """Return whether only errors are printed."""
    return _quiet


def silence_libraries() -> None:
    """Keep the warnings, logs and progress bars of libraries off the terminal, in child processes too.

    What matters of them we say in our own words; with tracebacks asked for, they are shown as well.
    """
    if os.environ.get(TRACEBACK):
        return
    logging.disable(logging.CRITICAL)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    for name, value in _SILENT.items():
        if name not in os.environ:
            os.environ[name] = value
            _silenced.append(name)


def _let_libraries_speak() -> None:
    """Undo ``silence_libraries``, before any of them is imported."""
    logging.disable(logging.NOTSET)
    if not sys.warnoptions:
        warnings.resetwarnings()
    for name in _silenced:
        os.environ.pop(name, None)
    _silenced.clear()


@contextmanager
def speaking(run: RunOptions) -> Iterator[None]:
    """While a command runs, print only errors where it is quiet, and more where it is verbose."""
    global _quiet, _verbose
    _verbose = run.verbose
    if run.verbose:
        _let_libraries_speak()
    if not run.quiet:
        yield
        return
    _quiet = True
    try:
        with Path(os.devnull).open("w") as nowhere, redirect_stdout(nowhere):
            yield
    finally:
        _quiet = False


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
        if _verbose or os.environ.get(TRACEBACK):
            raise
        if interrupts.heard():
            message = "interrupted"
        elif isinstance(error, MemoryError):
            message = OUT_OF_MEMORY
        else:
            message = f"unexpected failure, {reason(error)}; run it with --verbose to see where"
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
            fail(f"interrupted; {left or 'what was finished is kept'}: run the same command to continue")
        if isinstance(error, _missing_model()) and can_ask():
            raise NoModelError(str(error)) from error
        if isinstance(error, TracedLoopsError):
            cause = error.__cause__
            full = isinstance(cause, OSError) and cause.errno in _DISK
            refuses = error.exit_code == 2 and not full and not out_of_memory(cause)
            (refuse if refuses else fail)(str(error))
        if out_of_memory(error):
            fail(f"{OUT_OF_MEMORY} ({reason(error)[:200]})")
        # a broken pipe is no failure: who reads what is printed has read enough
        if isinstance(error, OSError) and not isinstance(error, BrokenPipeError):
            fail(reason(error))
        raise


def _missing_model() -> type[Exception]:
    # imported where it is needed: a run without mistakes does without
    from model_trace.models.embedded import MissingModelError

    return MissingModelError


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

"""How a command speaks: the display of what runs, and one line and an exit code for what fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


def progress() -> Progress:
    """The one display of a run: on a terminal only, since a log wants no moving lines."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    return Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=console,
        disable=not console.is_terminal,
    )


class Board:
    """The display of a batch: how many rows are done, and what each worker is at."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._rows = progress.add_task("looking at the rows", total=None)
        self._workers: dict[str, TaskID] = {}

    def count(self, done: int, total: int) -> None:
        """So many rows are done."""
        self._progress.update(self._rows, description=f"{done} of {total} rows")

    def heard(self, worker: str, words: str) -> None:
        """A worker says what it is at; "" means that it is done."""
        if words.startswith("refused"):
            typer.echo(f"worker {worker} {words}", err=True)
            return
        if worker not in self._workers:
            self._workers[worker] = self._progress.add_task("", total=None)
        line = self._workers[worker]
        self._progress.reset(line, description=f"{worker}: {words}", visible=bool(words))


@contextmanager
def errors() -> Iterator[None]:
    """A mistake of the user's becomes one line and exit code 2, a failure one line and 1."""
    from article.pictures import PageError
    from batch.machines import ClusterError
    from batch.tables import TableError
    from model_trace.trace import TraceError
    from production.places import OutputError
    from texts import TextError
    from wishes import UsageError

    try:
        yield
    except (TraceError, OutputError, PageError, UsageError, TextError, TableError, ClusterError) as error:
        refuse(str(error))
    except KeyboardInterrupt:
        fail("interrupted; nothing of this run was kept but finished recordings")
    except OSError as error:
        fail(f"{error.strerror or error}: {error.filename or ''}")


def refuse(message: str) -> NoReturn:
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(2)


def fail(message: str) -> NoReturn:
    typer.echo(f"error: {message}", err=True)
    raise typer.Exit(1)

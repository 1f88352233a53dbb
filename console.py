"""How a command speaks: the display of what runs, and one line and an exit code for what fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import typer

if TYPE_CHECKING:
    from rich.progress import Progress


def progress() -> Progress:
    """The one display of a run: on a terminal only, since a log wants no moving lines."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    return Progress(
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
    )


@contextmanager
def errors() -> Iterator[None]:
    """A mistake of the user's becomes one line and exit code 2, a failure one line and 1."""
    from article.pictures import PageError
    from model_trace.trace import TraceError
    from production.outputs import OutputError
    from texts import TextError
    from wishes import UsageError

    try:
        yield
    except (TraceError, OutputError, PageError, UsageError, TextError) as error:
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

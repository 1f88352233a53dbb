"""The command line from its arguments to its exit code."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cyclopts import CycloptsError, UnusedCliTokensError

from traced_loops.cli import config, console, interrupts, setup
from traced_loops.cli.arguments import joined
from traced_loops.cli.commands import PROGRAM, app
from traced_loops.cli.console import echo
from traced_loops.jobs.options import RunOptions


def run(arguments: Sequence[str]) -> int:
    """Run the command line with these arguments; returns the exit code."""
    try:
        command, bound, _ = app.parse_args(joined(list(arguments)), print_error=False, exit_on_error=False)
        with console.speaking(bound.arguments.get("run", RunOptions())):
            command(*bound.args, **bound.kwargs)
    except CycloptsError as error:
        echo(f"error: {_advised(error, arguments[0])}", err=True)
        return 2
    except console.NoModelError as error:
        setup.offer(str(error))
        return run(arguments)
    except config.ConfigError as error:
        echo(f"error: {error}", err=True)
        return 2
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 1
    return 0


def _advised(error: CycloptsError, command: str) -> str:
    """Return what is wrong with what was typed, in one line that ends in what to type."""
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        message = f'"{error.unused_tokens[0]}" is more than {command} takes'
    else:
        message = " ".join(str(error).split())
        message = message[:1].lower() + message[1:]
    if "Did you mean" in message or "Choose from" in message or "type " in message:
        return message
    return f"{message.rstrip('.')}: see {PROGRAM} {f'{command} ' if command in app else ''}--help"


def main(without_arguments: Sequence[str] = ("--help",)) -> None:
    """Run the command line; options without a command are those of ``all``."""
    interrupts.listen()
    arguments = sys.argv[1:] or list(without_arguments)
    if PROGRAM != "traced-loops" and {"-h", "--help"} & set(arguments):
        _name_in_examples()
    if arguments[0].startswith("-") and arguments[0] not in app:
        arguments = ["all", *arguments]
    with console.guard():
        sys.exit(run(arguments))


def _name_in_examples() -> None:
    """Let the examples in the help begin with what is typed for this program."""
    for name in app:
        if not name.startswith("-"):
            function = app[name].default_command
            function.__doc__ = (function.__doc__ or "").replace(
                "Example: traced-loops", f"Example: {PROGRAM}"
            )

"""The errors that a user gets to read, all of one family. Needs nothing of ours."""

from __future__ import annotations

from typing import ClassVar

LONGEST_LINE = 600


class TracedLoopsError(Exception):
    """Base of all errors whose message is for the user: one line that says what is wrong and what to do.

    The command line prints it and exits with ``exit_code``. Names from files may be anything, so characters
    that do not print are escaped and a line has an end; only where ``many_lines`` may there be several.
    """

    exit_code: ClassVar[int] = 1
    many_lines: ClassVar[bool] = False

    def __init__(self, message: str) -> None:
        lines = message.split("\n") if self.many_lines else [message]
        super().__init__("\n".join(map(_printable, lines)))


class UserError(TracedLoopsError, ValueError):
    """A mistake that the user can mend, in the options, a file or a folder."""

    exit_code = 2


class TraceError(UserError):
    """A model, a text or a trace cannot be used."""


def first_line(error: BaseException) -> str:
    """The first line of any error's message, short enough to be part of another."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return (lines[0] if lines else type(error).__name__)[:300]


def _printable(line: str) -> str:
    # Cut last: an error from another process is made anew of its message, which must stay as it is.
    shown = "".join(each if each.isprintable() else repr(each)[1:-1] for each in line[: LONGEST_LINE + 1])
    return shown if len(shown) <= LONGEST_LINE else shown[: LONGEST_LINE - 1] + "…"

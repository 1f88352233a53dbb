"""Options that take several values, as people type them: ``--language en pt_BR 04``."""

from __future__ import annotations

import re

_SEVERAL = ("--language", "--theme", "--shape", "--also")
_VALUE = re.compile(r"\w[\w,-]*")
_LOOP = re.compile(r"[fF]?\d+")


def joined(arguments: list[str]) -> list[str]:
    """Return the arguments with ``--language en pt_BR`` as the parser knows it: ``--language en,pt_BR``.

    What follows such an option is another value if it is a word; a number or figure is a loop's.
    """
    joined: list[str] = []
    option = value = False  # whether the last argument was such an option, or a value of it
    for argument in arguments:
        if value and _VALUE.fullmatch(argument) and not _LOOP.fullmatch(argument):
            joined[-1] += f",{argument}"
            continue
        joined.append(argument)
        value = option or argument.startswith(tuple(f"{each}=" for each in _SEVERAL))
        option = argument in _SEVERAL
    return joined

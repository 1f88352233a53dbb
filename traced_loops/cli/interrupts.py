"""An interrupt: the first is answered by an orderly end, the second ends the program at once."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def listen() -> None:
    """Raise KeyboardInterrupt on Ctrl-C and on a request to end; what was ignored stays ignored."""
    for number in _SIGNALS:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _answer)
    sys.unraisablehook = _unraisable


def heard() -> bool:
    """Whether there was one: what is raised after it comes of it, even where it is no KeyboardInterrupt."""
    return all(signal.getsignal(number) == signal.SIG_DFL for number in _SIGNALS)


def _answer(number: int, frame: object) -> NoReturn:
    for other in _SIGNALS:
        signal.signal(other, signal.SIG_DFL)
    raise KeyboardInterrupt


def _unraisable(lost: sys.UnraisableHookArgs) -> None:
    """Python drops what is raised where nobody can catch it, in a callback say: an interrupt comes again."""
    if issubclass(lost.exc_type, KeyboardInterrupt):
        signal.signal(signal.SIGALRM, _answer)
        signal.setitimer(signal.ITIMER_REAL, 0.01)
    else:
        sys.__unraisablehook__(lost)

"""How work reports how far it is: one signature for a bar on a terminal, a line of a log, or nothing."""

from __future__ import annotations

import time
from typing import Protocol

# What ``state`` says of a task that is not being worked on. Any other text says what it is doing or counting.
WAITING, DONE, FAILED = "waiting", "done", "failed"
# The task is over and there is nothing to say of it.
GONE = "gone"


class Progress(Protocol):
    """Reports how far a task is. May be called from any thread, as often as there is news."""

    def __call__(
        self, task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
    ) -> None:
        """Report one task.

        Args:
            task: What is worked on, in words that a user reads; the same for each report of it.
            done: How much of it is done: tokens, steps, frames, rows.
            total: Of how many; None as long as that is not known.
            state: WAITING, DONE, FAILED, GONE, or what it is doing or counting: "tokens", "steps".
            cost: Seconds that it is expected to take, where they are known before it begins.
        """


def silent(
    task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
) -> None:
    """Report nothing."""


class Counter:
    """Counts a task's steps, whoever takes them: ``count("steps")`` reports one more."""

    def __init__(self, progress: Progress, task: str, total: int) -> None:
        self.total = total
        self._progress, self._task, self._done = progress, task, 0

    def __call__(self, state: str, steps: int = 1) -> None:
        """Report that so many steps more are done, of what ``state`` names."""
        self._done += steps
        self.total = max(self.total, self._done)
        self._progress(self._task, self._done, self.total, state)

    def finish(self, state: str) -> None:
        """Report that there are no more steps than were counted."""
        self.total = self._done
        self(state, 0)


class Seldom:
    """Passes on the last report of a count, and of the others one every ``pause`` seconds."""

    def __init__(self, progress: Progress, pause: float) -> None:
        self._progress, self._pause = progress, pause
        self._last: tuple[str, str] | None = None
        self._when = 0.0

    def __call__(
        self, task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
    ) -> None:
        now = time.monotonic()
        if (task, state) == self._last and done != total and now - self._when < self._pause:
            return
        self._last, self._when = (task, state), now
        self._progress(task, done, total, state, cost)

"""A progress that keeps the tasks it is told of."""

from __future__ import annotations

from model_trace.progress import GONE


class Heard(list[str]):
    """The tasks that were reported, in order, once per report."""

    def __call__(
        self, task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
    ) -> None:
        if state != GONE:  # there is nothing to say of it
            self.append(task)

"""How a run is watched: bars on a terminal, a line per finished thing on a log."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from model_trace.progress import DONE, FAILED, GONE, WAITING
from traced_loops.cli.console import is_quiet

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress, TaskID

_OVER = (DONE, FAILED, GONE)
_MARKS = {WAITING: "·", DONE: "✓", FAILED: "✗"}
_TOTAL = "all together"
_REMEMBERED = 100  # tasks that are over, to know late reports of them


def duration(seconds: float) -> str:
    """A time, to read: 0.4 s, 12 s, 2 min 5 s, 1 h 3 min."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


@dataclass
class Task:
    """What was reported of a task last."""

    name: str
    done: int = 0
    total: int | None = None
    state: str = WAITING
    unit: str = ""
    cost: float = 0.0
    begun: float | None = None
    ended: float | None = None
    bar: TaskID | None = None

    @property
    def share(self) -> float:
        """How much of it is done, from 0 to 1."""
        if self.state in (DONE, FAILED):
            return 1.0
        return min(1.0, self.done / self.total) if self.total else 0.0

    def seconds(self, now: float) -> float:
        """How long it has been worked on."""
        return 0.0 if self.begun is None else (self.ended or now) - self.begun


@dataclass
class Tasks:
    """All tasks of a run, and how far they are together by what each was expected to cost."""

    by_name: dict[str, Task] = field(default_factory=dict)
    begun: float | None = None

    def report(
        self, name: str, done: int, total: int | None, state: str, cost: float | None, now: float
    ) -> Task | None:
        """Take a report; the task, unless there is no news: reports of what is over come late."""
        task = self.by_name.get(name)
        if task is None:
            if state == GONE:
                return None
            task = self.by_name[name] = Task(name)
        elif task.state in _OVER and state != WAITING:
            return None
        elif task.begun is not None and task.state not in _OVER and state == WAITING:
            return None  # it was announced late
        if cost is not None:
            task.cost = cost
        if state == WAITING:
            task.begun = task.ended = None
        elif state in _OVER:
            task.ended = now
        else:
            task.unit = state
            if task.begun is None:
                task.begun = now
                self.begun = now if self.begun is None else self.begun
        if state not in _OVER or done:
            task.done, task.total = done, total
        task.state = state
        return task

    def forget(self) -> list[Task]:
        """Drop what was over first, of a batch's thousands; returns it. What had an expected cost stays."""
        over = [task for task in self.by_name.values() if task.state in _OVER and not task.cost]
        if len(over) < 2 * _REMEMBERED:
            return []
        dropped = over[:-_REMEMBERED]
        for task in dropped:
            del self.by_name[task.name]
        return dropped

    @property
    def share(self) -> float:
        """How much of the run's expected cost is done, from 0 to 1; 0 where nothing was expected."""
        expected = [task for task in self.by_name.values() if task.cost and task.state != GONE]
        whole = sum(task.cost for task in expected)
        return sum(task.cost * task.share for task in expected) / whole if whole else 0.0

    def expected_seconds(self, now: float) -> float | None:
        """How long the whole run takes, judged by what is done; None as long as that is too little."""
        share = self.share
        return None if self.begun is None or share < 0.01 else (now - self.begun) / share


class Display:
    """A ``Progress`` for people; may be called from any thread."""

    def __init__(self, console: Console, quiet: bool = False) -> None:
        self._lock = threading.RLock()
        self._tasks = Tasks()
        self._console = console
        self._bars = _bars(console) if console.is_terminal and not quiet else None
        self._prints = not console.is_terminal and not quiet
        self._whole: TaskID | None = None

    @property
    def bars(self) -> Progress | None:
        """The bars, on a terminal."""
        return self._bars

    def __call__(
        self, task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
    ) -> None:
        now = time.monotonic()
        with self._lock:
            reported = self._tasks.report(task, done, total, state, cost, now)
            if reported is None:
                return
            if self._prints and state in (DONE, FAILED):
                print(self._line(reported, now), flush=True)
            if self._bars is not None and state == FAILED and reported.begun is None:
                # a line for good, as long as it takes: why a row failed, or a worker was refused
                self._bars.console.print(self._line(reported, now), markup=False, highlight=False)
            elif self._bars is not None:
                self._show(self._bars, reported)
                self._fit(self._bars)
            for old in self._tasks.forget():
                if self._bars is not None and old.bar is not None:
                    self._bars.remove_task(old.bar)

    def _line(self, task: Task, now: float) -> str:
        if task.state == FAILED:
            return f"failed: {task.name}"
        if task.begun is None:
            return task.name
        counted = f"{task.total:,} {task.unit}, " if task.total and task.unit else ""
        return f"{task.name}: {counted}{duration(task.seconds(now))}"

    def _show(self, bars: Progress, task: Task) -> None:
        if task.cost and self._whole is None:
            self._whole = bars.add_task(_TOTAL, total=1.0, tasks=self._tasks, state="", unit="")
        if task.bar is None:
            task.bar = bars.add_task(task.name, start=False, total=None, state=task.state, unit="")
        if task.begun is not None and bars._tasks[task.bar].start_time is None:
            bars.start_task(task.bar)
        total = 1 if task.state == DONE and not task.total else task.total
        done = total if task.state == DONE else task.done
        bars.update(task.bar, total=total, completed=done, state=task.state, unit=task.unit)
        if task.state in _OVER:
            bars.stop_task(task.bar)
        if self._whole is not None:
            bars.update(self._whole, completed=self._tasks.share)

    def _fit(self, bars: Progress) -> None:
        """Show what fits on the screen: what is worked on first, then what was done last and what waits."""
        room = max(4, self._console.height - 3)
        tasks = [task for task in self._tasks.by_name.values() if task.state != GONE]
        working = [task for task in tasks if task.state not in (DONE, WAITING)]
        done = [task for task in tasks if task.state == DONE]
        waiting = [task for task in tasks if task.state == WAITING]
        rest = room - len(working)
        shown = [*working, *waiting[: max(0, rest - min(len(done), rest // 2))]]
        shown += done[len(done) - max(0, min(len(done), room - len(shown))) :]
        names = {task.name for task in shown}
        for task in self._tasks.by_name.values():
            visible = task.name in names
            if task.bar is not None and bars._tasks[task.bar].visible != visible:
                bars.update(task.bar, visible=visible)


@contextmanager
def display() -> Iterator[Display]:
    """The one display of a run, on standard error; with ``--quiet`` it shows nothing."""
    from rich.console import Console

    shown = Display(Console(stderr=True), is_quiet())
    if shown.bars is None:
        yield shown
        return
    with shown.bars:
        yield shown


def _bars(console: Console) -> Progress:
    from rich.progress import (
        BarColumn,
        Progress,
        ProgressColumn,
        SpinnerColumn,
        TaskProgressColumn,
        TextColumn,
    )
    from rich.text import Text

    class Mark(SpinnerColumn):
        """Whether the task waits, is worked on, is done or failed."""

        def render(self, task: Any) -> Any:
            mark = _MARKS.get(task.fields["state"])
            return super().render(task) if mark is None else Text(mark)

    class Count(ProgressColumn):
        """How many of how many, or that it waits."""

        def render(self, task: Any) -> Text:
            state, unit = task.fields["state"], task.fields["unit"]
            if state == WAITING:
                return Text("waiting")
            if not task.total or not unit or "tasks" in task.fields:
                return Text(unit if state not in _OVER else "")
            return Text(f"{task.completed:,.0f} of {task.total:,.0f} {unit}")

    class Left(ProgressColumn):
        """The time that is left, or that a task took or has taken so far."""

        def render(self, task: Any) -> Text:
            if "tasks" in task.fields:
                now = time.monotonic()
                whole, begun = task.fields["tasks"].expected_seconds(now), task.fields["tasks"].begun
                # the time so far until there is an estimate, so that a number moves, and again at the end
                if whole is None or begun is None or task.finished:
                    return Text(duration(task.elapsed or 0.0))
                return Text(f"{duration(max(0.0, whole - now + begun))} left")
            if task.fields["state"] == WAITING or task.elapsed is None:
                return Text("")
            if task.fields["state"] in _OVER or task.time_remaining is None:
                return Text(duration(task.elapsed))
            return Text(f"{duration(task.time_remaining)} left")

    return Progress(
        Mark(),
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=20),
        TaskProgressColumn(),
        Count(),
        Left(),
        console=console,
    )

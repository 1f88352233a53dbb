"""How a run shows itself: bars with numbers on a terminal, a line per finished thing on a log."""

from __future__ import annotations

import io
import re
from concurrent.futures import Future

import pytest
from rich.console import Console

from model_trace.progress import DONE, FAILED, GONE, WAITING, Counter, Progress, Seldom
from traced_loops.cli import display
from traced_loops.cli.display import Display, Tasks, duration
from traced_loops.jobs.executors import processes


def terminal(height: int = 25) -> Console:
    return Console(file=io.StringIO(), force_terminal=True, width=100, height=height)


def seen(shown: Display) -> str:
    """What stands on the terminal now."""
    assert shown.bars is not None
    page = Console(file=io.StringIO(), width=100, height=50)
    page.print(shown.bars.get_renderable())
    assert isinstance(page.file, io.StringIO)
    return page.file.getvalue()


def row(shown: Display, task: str) -> str:
    (line,) = [line for line in seen(shown).splitlines() if task in line]
    return line


def test_what_is_drawn_is_marked_and_counted_and_the_others_wait() -> None:
    shown = Display(terminal())
    for task in ("01-overview", "04-output", "06-embedding"):
        shown(task, 0, 300, WAITING, 5.0)
    shown("01-overview", 75, 300, "frames")
    shown("04-output", 300, 300, "frames")
    shown("04-output", state=DONE)
    assert "25%" in row(shown, "01-overview") and "75 of 300 frames" in row(shown, "01-overview")
    assert "✓" in row(shown, "04-output") and "100%" in row(shown, "04-output")
    assert "·" in row(shown, "06-embedding") and "waiting" in row(shown, "06-embedding")
    assert "42%" in row(shown, "all together")


def test_what_was_there_already_is_not_shown_and_late_reports_change_nothing() -> None:
    shown = Display(terminal())
    shown("01-overview", cost=5.0, state=WAITING)
    shown("04-output", cost=5.0, state=WAITING)
    shown("01-overview", state=GONE)
    shown("04-output", 5, 10, "frames")
    shown("04-output", state=DONE)
    shown("04-output", 6, 10, "frames")  # from a queue, late
    assert "01-overview" not in seen(shown)
    assert "✓" in row(shown, "04-output") and "100%" in row(shown, "all together")


def test_a_batch_of_thousands_fits_on_the_screen() -> None:
    shown = Display(terminal(height=12))
    for number in range(1000):
        shown(f"row {number}", state=DONE)
    shown("all rows", 1000, 2000, "rows")
    shown("01-overview of a-slug", 10, 300, "frames")
    lines = seen(shown).splitlines()
    assert shown.bars is not None
    assert len(lines) <= 12
    assert len(shown.bars.tasks) < 250
    assert "row 999" in seen(shown) and "1,000 of 2,000 rows" in seen(shown) and "a-slug" in seen(shown)


def test_what_failed_stands_above_the_bars_in_full() -> None:
    shown = Display(terminal())
    shown("all rows", 0, 2, "rows")
    shown(f"row 1 (a): loop 04: {'long ' * 30}reason", state=FAILED)
    assert "row 1" not in seen(shown) and "0 of 2 rows" in seen(shown)
    assert shown.bars is not None and isinstance(shown.bars.console.file, io.StringIO)
    assert shown.bars.console.file.getvalue().split()[:3] == ["failed:", "row", "1"]
    assert "reason" in shown.bars.console.file.getvalue()


def test_a_number_moves_before_anything_is_worked_on() -> None:
    shown = Display(terminal())
    shown("04-output", 0, 300, WAITING, 5.0)
    assert re.search(r"\d\.\d s", row(shown, "all together"))


def test_a_log_has_a_line_per_finished_thing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = iter(range(100))
    monkeypatch.setattr(display.time, "monotonic", lambda: next(now))
    shown = Display(Console(file=io.StringIO(), force_terminal=False))
    shown("recording “To be”", 0, 8, "tokens")
    shown("recording “To be”", 8, 8, "tokens")
    shown("recording “To be”", state=DONE)
    shown("04-output", state=WAITING)
    shown("05-context", state=FAILED)
    shown("06-embedding", state=GONE)
    assert capsys.readouterr().out == "recording “To be”: 8 tokens, 2.0 s\nfailed: 05-context\n"


@pytest.mark.parametrize("is_terminal", [False, True])
def test_quiet_shows_nothing(is_terminal: bool, capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(file=io.StringIO(), force_terminal=is_terminal)
    shown = Display(console, quiet=True)
    shown("04-output", 3, 3, "frames")
    shown("04-output", state=DONE)
    assert shown.bars is None and not capsys.readouterr().out
    assert isinstance(console.file, io.StringIO) and not console.file.getvalue()


@pytest.mark.parametrize("pace", [0.5, 1.0, 4.0])
def test_after_a_fifth_the_total_is_right_within_a_third(pace: float) -> None:
    """Whatever the pace of the machine; stages off by a quarter each, one way and the other."""
    stages = {"loading": (5.0, 1.25), "training": (25.0, 0.75), "fine-tuning": (60.0, 1.0)}
    stages |= {f"loop {number}": (3.0, 1.25) for number in range(10)}
    tasks, now = Tasks(), 100.0
    for name, (cost, _) in stages.items():
        tasks.report(name, 0, None, WAITING, cost, now)
    whole = sum(cost * error * pace for cost, error in stages.values())
    for name, (cost, error) in stages.items():
        for step in range(10):
            tasks.report(name, step, 10, "steps", None, now)
            expected = tasks.expected_seconds(now)
            if now - 100 > whole / 5:
                assert expected == pytest.approx(whole, rel=1 / 3), (name, step)
            now += cost * error * pace / 10
        tasks.report(name, 10, 10, "steps", None, now)
        tasks.report(name, 0, None, DONE, None, now)
    assert tasks.expected_seconds(now) == pytest.approx(whole)


def test_a_counter_ends_with_what_there_was() -> None:
    told: list[tuple[object, ...]] = []
    count = Counter(lambda *report: told.append(report), "04-output", 300)  # type: ignore[misc]
    count("frames", 280)
    count.finish("frames")
    assert told == [("04-output", 280, 300, "frames"), ("04-output", 280, 280, "frames")]
    count("frames", 40)
    assert told[-1] == ("04-output", 320, 320, "frames")


def test_reports_that_come_thick_are_thinned_but_none_that_matters() -> None:
    told: list[tuple[object, ...]] = []
    seldom = Seldom(lambda *report: told.append(report), pause=60)  # type: ignore[misc]
    for done in range(101):
        seldom("04-output", done, 100, "frames")
    seldom("04-output", state=DONE)
    assert [report[1] for report in told] == [0, 100, 0]


def test_reports_from_another_process_arrive() -> None:
    told: list[tuple[object, ...]] = []

    def progress(
        task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
    ) -> None:
        told.append((task, done, total, state))

    from traced_loops.jobs.executors import for_one_row

    with for_one_row(1, progress) as executors:
        made: Future[None] = executors.drawers.submit(counted, executors.progress)
        made.result()
    assert told == [("04-output", 3, 3, "frames")]
    with processes(1):  # none is started without work
        pass


def counted(progress: Progress) -> None:
    progress("04-output", 3, 3, "frames")


def test_durations() -> None:
    assert [duration(each) for each in (0.42, 12, 125, 3785)] == ["0.4 s", "12 s", "2 min 5 s", "1 h 3 min"]

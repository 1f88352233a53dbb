"""How long each stage of a run takes beside what the display expects, and how right its total line is.

    python benchmarks/stages.py [--quality h] [--fps 30] [--loops 01 02 …]

Everything is recorded and drawn anew, into a temporary folder. The expected seconds are those that a run
announces (``COSTS`` and what stands beside it in ``traced_loops/jobs/record.py``, the entries' ``cost``):
only their proportions count, since the display goes by the pace of the machine that it is on.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from model_trace.progress import DONE
from scenes.catalogue import DEFAULTS
from traced_loops.cli.display import Tasks
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.run import make
from traced_loops.rendering.jobs import QUALITIES


@dataclass
class Watch:
    """A ``Progress`` that remembers what the total line showed, and when."""

    tasks: Tasks = field(default_factory=Tasks)
    shown: list[tuple[float, float | None]] = field(default_factory=list)

    def __call__(
        self, task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
    ) -> None:
        now = time.monotonic()
        self.tasks.report(task, done, total, state, cost, now)
        self.shown.append((now, self.tasks.expected_seconds(now)))
        if state == DONE:
            row(task, self.tasks.by_name[task].seconds(now), self.tasks.by_name[task].cost)

    def off_by(self) -> tuple[float, float]:
        """The least and the most that the total line showed after a fifth of the run, to what it took."""
        begun = self.tasks.begun or 0.0
        whole = self.shown[-1][0] - begun
        late = [expected for when, expected in self.shown if expected and when - begun > whole / 5]
        return min(late) / whole, max(late) / whole


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quality", default="l", choices=sorted(QUALITIES))
    parser.add_argument("--fps", type=int)
    parser.add_argument("--loops", nargs="+", default=[entry.number for entry in DEFAULTS])
    options = parser.parse_args()
    entries = [entry for entry in DEFAULTS if entry.number in options.loops]
    watch = Watch()
    print("| stage | seconds | expected |\n|---|--:|--:|")
    with tempfile.TemporaryDirectory() as name:
        drawing = DrawingOptions(
            quality=options.quality, fps=options.fps, output=Path(name) / "output", cache=Path(name) / "cache"
        )
        begun = time.monotonic()
        make(entries, RecordingOptions(), drawing, watch, with_page=True)
        took = time.monotonic() - begun
    drawn = {entry.stem for entry in entries}
    draws = [task for task in watch.tasks.by_name.values() if task.name in drawn and task.begun]
    if draws:
        ended = max(task.ended or 0.0 for task in draws)
        row("all drawing", ended - min(task.begun or ended for task in draws), sum(t.cost for t in draws))
    least, most = watch.off_by()
    fps = options.fps or QUALITIES[options.quality].fps
    lengths = [(task.total or 0) / fps for task in draws if task.total != 1]
    print(f"\nThe run took {took:.0f} s. After a fifth of it the total line was between {least:.2f} and")
    print(f"{most:.2f} of that. A loop lasts {sum(lengths) / max(1, len(lengths)):.1f} s.")


def row(name: str, seconds: float, expected: float) -> None:
    """Print a row of the table."""
    print(f"| {name} | {seconds:.1f} | {expected:.1f} |", flush=True)


if __name__ == "__main__":
    main()

"""What recording a new prompt, and a fine-tuning, cost beside drawing the ten loops: ratios of CPU time.

    python benchmarks/prompts.py [--rounds 3] [--prompt TEXT] [--quality h]

Every round does each once, one after the other, in processes of their own, so that a slow moment of the
machine hits all; medians are compared. A recording counts from the start of its process: what torch's import
and loading the model take is in it. Nothing is taken from a cache.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.parts.costs import Cost, alone, medians  # noqa: E402
from benchmarks.parts.loops import ours  # noqa: E402
from benchmarks.parts.recordings import fine_tune, record_prompt  # noqa: E402
from traced_loops.rendering.jobs import Job  # noqa: E402

PROMPT = "Once upon a time there was a little girl who"
GOALS = {"recording text and training": 0.5, "recording the fine-tuning": 1.5}


def jobs(prompt: str, quality: Any) -> list[Job]:
    """The jobs of the ten loops about the prompt."""
    from scenes.catalogue import DEFAULTS
    from traced_loops.jobs.options import DrawingOptions, RecordingOptions
    from traced_loops.jobs.run import jobs_for

    loops = [entry for entry in DEFAULTS if not entry.is_figure]
    with tempfile.TemporaryDirectory() as name:
        drawing = DrawingOptions(quality=quality, output=Path(name))
        made = jobs_for(loops, RecordingOptions(prompt=prompt), drawing)
        return [job for folder in made.values() for job in folder]


def draw_all(these: list[Job]) -> tuple[Cost, int]:
    """Draw the loops one after the other: their costs together, and the bytes made."""
    costs, sizes = [], 0
    for job in these:
        made, cost = alone(ours, job)
        costs.append(cost)
        sizes += len(made)
    return Cost(sum(c.wall for c in costs), sum(c.cpu for c in costs), max(c.peak for c in costs)), sizes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--prompt", default=PROMPT)
    parser.add_argument("--quality", default="h")
    options = parser.parse_args()
    these = jobs(options.prompt, options.quality)
    pairs = ROOT / "scenes" / "s10_fine_tuning" / "pairs.tsv"
    ways = {
        "drawing the ten": lambda: draw_all(these),
        "recording text and training": lambda: _swapped(alone(record_prompt, options.prompt)),
        "recording the fine-tuning": lambda: _swapped(alone(fine_tune, pairs)),
    }
    found = medians(ways, options.rounds)
    drawing = found["drawing the ten"][0].cpu
    print(
        f"\nprompt {options.prompt!r}, medians of {options.rounds} interleaved rounds on one thread; "
        f"load average {os.getloadavg()[0]:.1f}\n\n"
        "| | CPU s | to drawing | goal | MB |\n|---|--:|--:|--:|--:|"
    )
    for name, (cost, _) in found.items():
        ratio, goal = cost.cpu / drawing, GOALS.get(name, "")
        print(f"| {name} | {cost.cpu:.1f} | {ratio:.2f} | {goal} | {cost.peak:.0f} |")


def _swapped(made: tuple[bytes, Cost]) -> tuple[Cost, bytes]:
    return made[1], made[0]


if __name__ == "__main__":
    main()

"""What drawing costs beside Manim's own command, on the same scenes: Markdown tables of medians.

    python benchmarks/rendering.py [--loops 02 04 07 10] [--quality h] [--rounds 3] [--only PART ...]

"runs" are whole commands, as they are typed: wall time, CPU time of all processes together, bytes of video.
"short" are those that a user waits for: drafts of all ten loops, a run with nothing to do, help.
"loops" tells of each loop what drawing and encoding take by themselves, and how near stock's file and ours
are to the loop drawn by Manim's own camera and encoded without loss: SSIM of brightness, VMAF. "memory" is
the peak of one process by the number of frames. Every round goes each way once, one after the other, so
that a slow moment of the machine hits all. Recordings are made before anything is measured.
What outlives its parent is counted on Linux only.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.parts.costs import Cost, adopt_orphans, alone, medians, run, timed
from benchmarks.parts.loops import draw_only, encode_only, likeness, ours, recorded, stock
from traced_loops.rendering.jobs import QUALITIES, Job

# Drawn anew, and not kept.
ANEW = ("--force", "--cache-size", "0")


def row(*cells: object) -> None:
    """Print a row of a table: numbers with two decimals, nothing for None."""
    texts = (
        f"{cell:.2f}" if isinstance(cell, float) else "" if cell is None else str(cell) for cell in cells
    )
    print(f"| {' | '.join(texts)} |", flush=True)


def header(*names: str) -> None:
    """Print the head of a table: the first column is of words, the others of numbers."""
    print()
    row(*names)
    row("---", *["--:"] * (len(names) - 1))


def whole_runs(jobs: Sequence[Job], quality: str, folder: Path, rounds: int) -> None:
    """The table of whole commands."""
    loops = [job.entry.number for job in jobs]

    def by_stock(at_once: int) -> int:
        with tempfile.TemporaryDirectory(dir=folder) as place, ThreadPoolExecutor(at_once) as threads:
            files = threads.map(lambda job: stock(job, quality, Path(place) / job.entry.number)[0], jobs)
            return sum(file.stat().st_size for file in files)

    def by_us(*options: str) -> int:
        place = folder / "ours"
        render("videos", *loops, "--quality", quality, *ANEW, "--output", str(place), *options)
        return sum(file.stat().st_size for file in place.glob("*.webm"))

    ours = "this: render.py videos"
    runs: dict[str, Callable[[], int]] = {
        f"stock: manim render --format=webm -q{quality}": lambda: by_stock(1),
        "stock, two at a time": lambda: by_stock(2),
        ours: by_us,
        "this, --codec av1": lambda: by_us("--codec", "av1"),
    }
    found = medians({name: partial(timed, work) for name, work in runs.items()}, rounds)
    this = found[ours][0]
    header(f"run: loops {' '.join(loops)}, {rounds} rounds", "wall s", "to this", "CPU s", "MB")
    for name, (cost, size) in found.items():
        row(name, cost.wall, cost.wall / this.wall, cost.cpu, size / 1e6)
    cores = os.cpu_count() or 1
    print(f"\nOn {cores} cores this took {this.wall * cores / this.cpu:.2f} of its CPU time over the cores.")


def short_runs(folder: Path, rounds: int) -> None:
    """The table of commands that a user waits for."""
    draft = ("--quality", "l", "--output", str(folder / "draft"))
    commands = {
        "videos --quality l: all as drafts": ("videos", *draft, *ANEW),
        "nothing changed": draft,
        "--help": ("--help",),
        "list": ("list",),
    }
    render(*draft)
    ways = {name: partial(timed, partial(render, *options)) for name, options in commands.items()}
    header(f"render.py, {rounds} rounds", "wall s", "CPU s")
    for name, (cost, _) in medians(ways, rounds).items():
        row(name, cost.wall, cost.cpu)


def render(*options: str) -> None:
    """Run our command from the repository."""
    run(sys.executable, "render.py", *options)


def each_loop(jobs: Sequence[Job], quality: str, folder: Path, rounds: int) -> None:
    """The tables of single loops: what they take, and how good they are."""
    costs, files = [], []
    for job in jobs:
        exact = replace(job, codec="lossless")
        lossless, reference = folder / "lossless.webm", folder / "reference.webm"
        lossless.write_bytes(alone(ours, exact)[0])
        reference.write_bytes(alone(ours, replace(exact, reference=True))[0])
        ways: dict[str, Callable[[], tuple[Cost, Any]]] = {
            "stock": partial(_by_stock, job, quality, folder),
            "this": lambda job=job: alone(ours, job)[::-1],
            "AV1": lambda job=job: alone(ours, replace(job, codec="av1"))[::-1],
            "drawing": lambda job=job: alone(draw_only, job)[::-1],
            "encoding": lambda lossless=lossless: (Cost(0, encode_only(lossless)), b""),
        }
        found = medians({f"{job.entry.number} {way}": work for way, work in ways.items()}, rounds)
        spent, made = zip(*found.values(), strict=True)
        costs.append((job.entry.number, spent))
        likes = [likeness(each, reference, job.quality.fps) for each in made[:3]]
        files.append((job.entry.number, [len(each) / 1e3 for each in made[:3]], *zip(*likes, strict=True)))
    header(
        "loop, CPU s", "stock", "this", "AV1", "drawing", "encoding", "this to both", "peak MB, stock", "this"
    )
    total = [sum(spent[way].cpu for _, spent in costs) for way in range(5)]
    for number, spent in costs:
        cpu = [each.cpu for each in spent]
        row(number, *cpu, cpu[1] / (cpu[3] + cpu[4]), *(f"{spent[way].peak:.0f}" for way in (0, 1)))
    row("all", *total, total[1] / (total[3] + total[4]), None, None)
    of = [f"{what} {way}" for what in ("kB", "SSIM", "VMAF") for way in ("stock", "this", "AV1")]
    header("loop", *of)
    for number, sizes, ssim, vmaf in files:
        row(number, *(f"{size:.0f}" for size in sizes), *(f"{like:.5f}" for like in ssim), *vmaf)
    sums = [f"{sum(sizes[way] for _, sizes, *_ in files):.0f}" for way in range(3)]
    row("all", *sums, *[None] * 6)


def _by_stock(job: Job, quality: str, folder: Path) -> tuple[Cost, bytes]:
    with tempfile.TemporaryDirectory(dir=folder) as place:
        cost, (file, peak) = timed(partial(stock, job, quality, Path(place) / "loop"))
        return cost._replace(peak=peak), file.read_bytes()


def memory(job: Job) -> None:
    """The table of peaks: the same loop with more and more frames."""
    header(f"frames per second, loop {job.entry.number}", "peak MB")
    for fps in (15, 30, 60):
        _, cost = alone(ours, replace(job, quality=replace(job.quality, fps=fps)))
        row(fps, f"{cost.peak:.0f}")


def main() -> None:
    parts = ("runs", "short", "loops", "memory")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--loops", nargs="+", default=["02", "04", "07", "10"])
    parser.add_argument("--quality", default="h", choices=QUALITIES)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--only", nargs="+", default=parts, choices=parts)
    options = parser.parse_args()
    adopt_orphans()
    with tempfile.TemporaryDirectory() as name:
        jobs, _ = alone(recorded, options)
        if "runs" in options.only:
            whole_runs(jobs, options.quality, Path(name), options.rounds)
        if "short" in options.only:
            short_runs(Path(name), options.rounds)
        if "loops" in options.only:
            each_loop(jobs, options.quality, Path(name), options.rounds)
        if "memory" in options.only:
            memory(jobs[-1])


if __name__ == "__main__":
    main()

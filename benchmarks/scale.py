"""What this machine tells of many: throughput, the scheduler's share, the driver's memory, a projection.

    python benchmarks/scale.py [--quick] [--loops 24] [--jobs 2000] [--rows 10000]

Measured by the clock, so nothing else should run beside it. The projection at the end is arithmetic on the
measured values.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from dask import config
from distributed import Client, LocalCluster

from model_trace.progress import silent
from traced_loops.jobs import record
from traced_loops.jobs.batch import Batch
from traced_loops.jobs.executors import Executors, for_many_rows
from traced_loops.jobs.making import CachePolicy
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.rows import Row, read_rows

MANY = 1000  # workers, on paper
WARM = 4  # loops drawn before the clock starts, so that every process has drawn


def rows_of(count: int, loop: str, folder: Path) -> list[Row]:
    """So many rows of one loop each, with different texts, so that no loop is taken for another."""
    table = folder / "loops.csv"
    told = "".join(f"The capital of country {row} is\n" for row in range(count))
    table.write_text("prompt\n" + told)
    return read_rows(table, RecordingOptions(max_new_tokens=3), DrawingOptions(quality="l"), [loop])


def make(executors: Executors, rows: Sequence[Row], folder: Path) -> float:
    """Seconds to make the rows' sets in the folder."""
    start = time.perf_counter()
    records = Batch(rows, folder, CachePolicy(None, 0)).make(executors)
    took = time.perf_counter() - start
    assert all(record.status == "done" for record in records), [record.error for record in records]
    return took


def throughput(workers: int, rows: Sequence[Row], folder: Path) -> float:
    """Loops drawn per second by so many processes; they are warm, and recordings are there."""
    with for_many_rows(workers, silent) as executors:
        make(executors, rows[:WARM], folder / f"warm-{workers}")
        return len(rows[WARM:]) / make(executors, rows[WARM:], folder / f"timed-{workers}")


def nothing(number: int) -> int:
    return number


def overhead(jobs: int) -> float:
    """Milliseconds that a job costs beside its work: of so many that do nothing, on one worker."""
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        client.gather(client.map(nothing, range(-10, 0), pure=False))
        start = time.perf_counter()
        client.gather(client.map(nothing, range(jobs), pure=False))
        return (time.perf_counter() - start) / jobs * 1000


class AtOnce:
    """An executor whose answers are there at once, so that only the driver's own part is left."""

    def submit(self, function: Any, /, *arguments: Any) -> Future[Any]:
        """Know any model, and refuse to record, which closes the row."""
        future: Future[Any] = Future()
        future.set_result("" if function is record.weights else ["not run"] * len(arguments[0]))
        return future


def driver(rows: int) -> None:
    """Print the peak memory in megabytes and the CPU milliseconds per row of a driver of so many rows.

    Its rows are read, opened, closed, listed and put on the overview. What loops say, which a driver holds
    for the rows that are open, is not in it.
    """
    executors = Executors(AtOnce(), AtOnce(), lambda: MANY, silent, lambda folder: True)  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory() as folder:
        table, output = Path(folder) / "rows.csv", Path(folder) / "out"
        table.write_text("prompt\n" + "".join(f"The capital of country {row} is\n" for row in range(rows)))
        start = time.process_time()
        read = read_rows(table, RecordingOptions(), DrawingOptions(), models_here=False)
        records = Batch(read, output, CachePolicy(None, 0)).make(executors)
    assert len(records) == rows
    scale = 2**20 if sys.platform == "darwin" else 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale
    print(peak, (time.process_time() - start) / rows * 1000)


def measured_driver(rows: int) -> Sequence[float]:
    """The same, in a process of its own."""
    command = [sys.executable, __file__, "--driver", str(rows)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()
    return [float(word) for word in said[-2:]]


def projection(loops: float, overhead: float, own: float) -> str:
    """What comes first to its end with ``MANY`` workers, and what would be done about it; arithmetic only."""
    # a row of one loop, the hardest case: one job records, one draws, one finishes
    enough = {
        "the scheduler": (
            1000 / overhead / 3 / loops,
            "send a row's loops as one job, or run two schedulers",
        ),
        "the driver": (1000 / own / loops, "split the table among drivers that share the cache"),
    }
    lines = [f"- {name} is enough for {count:.0f} workers" for name, (count, _) in enough.items()]
    first = min(enough, key=lambda name: enough[name][0])
    count, remedy = enough[first]
    needed = "before" if count < MANY else "only beyond"
    return "\n".join(
        (
            f"\nOn paper, {MANY} workers draw {MANY * loops:.0f} such loops per second; rows of one loop:",
            *lines,
            f"- first at its end: {first}, {needed} {MANY} workers; then {remedy}",
            "- not measured here: the network, the store, and recording, which the workers with models share",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--quick", action="store_true", help="few of everything, a figure for loop 01: shows that it runs"
    )
    parser.add_argument("--loops", type=int, default=24)
    parser.add_argument("--jobs", type=int, default=2000)
    parser.add_argument("--rows", type=int, default=10000)
    parser.add_argument("--driver", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.driver:
        driver(options.driver)
        return
    if options.quick:
        options.loops, options.jobs, options.rows = 2, 100, 200
    config.set({"distributed.worker.daemon": True})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with for_many_rows(1, silent) as executors:  # a figure shares its recording with loop 01
            make(executors, rows_of(WARM + options.loops, "f01", folder), folder / "recorded")
        loop, drawn = ("f01", "figures") if options.quick else ("01", "loops")
        rows = rows_of(WARM + options.loops, loop, folder)
        one, two = throughput(1, rows, folder), throughput(2, rows, folder)
    each = overhead(options.jobs)
    memory, own = measured_driver(options.rows)
    print(f"load average {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores\n")
    print("| | |\n|---|--:|")
    print(f"| {drawn} per minute, 1 worker | {one * 60:.1f} |")
    print(f"| {drawn} per minute, 2 workers | {two * 60:.1f} |")
    print(f"| efficiency of 2 workers | {two / one / 2:.2f} |")
    print(f"| overhead per job, {options.jobs} jobs that do nothing, ms | {each:.2f} |")
    print(f"| driver, {options.rows} rows, peak MB | {memory:.0f} |")
    print(f"| driver, CPU per row, ms | {own:.2f} |")
    print(projection(one, each, own))


if __name__ == "__main__":
    main()

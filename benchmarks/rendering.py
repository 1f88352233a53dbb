"""What drawing costs beside Manim's own command, on the same scenes: Markdown tables.

    python benchmarks/rendering.py [--loops 02 04 07 10] [--quality h] [--only runs loops memory]

"runs" are whole commands, as they are typed: wall time, CPU time of all processes together, bytes of video.
"loops" tells of each loop what drawing and encoding take by themselves, and how near stock's file and ours
are to the loop drawn by Manim's own camera and encoded without loss: SSIM of brightness, VMAF. "memory" is
the peak of one process by the number of frames. Recordings are made before anything is measured.
What outlives its parent is counted on Linux only.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import multiprocessing
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import TypeVar

sys.path.insert(0, str(Path(__file__).parents[1]))

import av

from options import Drawing, Recording
from pipeline import make_jobs
from production.codecs import CODECS
from production.jobs import QUALITIES, Job
from scenes import LOOPS

T = TypeVar("T")
ROOT = Path(__file__).parents[1]
# How many of the units that the system counts memory in: bytes or kilobytes.
MEGABYTE = 2**20 if sys.platform == "darwin" else 2**10
# What Manim's own command is given: the scene that a job binds.
STOCK = """import pickle
from pathlib import Path
from production.drawing import scene_of

Loop = scene_of(pickle.loads(Path(__file__).with_suffix(".job").read_bytes()))
Loop.__module__ = __name__
"""
# Drawn anew, and not kept.
ANEW = ("--force", "--cache-size", "0")


@dataclass(frozen=True)
class Cost:
    """Seconds of wall and CPU time, and the peak resident megabytes of the largest process."""

    wall: float
    cpu: float
    peak: float = 0.0


def adopt_orphans() -> None:
    """Have processes whose parents ended become ours, so that their CPU time is counted: Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER


def timed(work: Callable[[], T]) -> tuple[Cost, T]:
    """What the work takes with all the processes it starts, and what it gives."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    made = work()
    wall = time.perf_counter() - start
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime), made


def run(*command: str, folder: Path | None = None) -> float:
    """Run a command from ``folder``, or the repository's; the megabytes it had at its peak.

    Raises:
        SystemExit: it failed; what it said is printed.
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, cwd=folder or ROOT, env=environment, stdout=said, stderr=said)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read().decode()[-2000:]}")
    return usage.ru_maxrss / MEGABYTE


def stock(job: Job, quality: str, folder: Path) -> tuple[Path, float]:
    """The loop by Manim's own command: its file, and the peak of its process."""
    folder.mkdir(parents=True)
    (folder / "loop.py").write_text(STOCK)
    (folder / "loop.job").write_bytes(pickle.dumps(job))
    command = (sys.executable, "-m", "manim", "render", "--format=webm", f"-q{quality}")
    fps = str(job.quality.fps)
    peak = run(*command, "--fps", fps, "--media_dir", "media", "loop.py", job.entry.scene, folder=folder)
    (made,) = (file for file in folder.rglob("*.webm") if "partial_movie_files" not in file.parts)
    return made, peak


def draw_only(job: Job) -> bytes:
    """The frames drawn with our camera and thrown away."""
    from manim import tempconfig

    from production.camera import LoopRenderer
    from production.drawing import scene_of, settings

    with tempfile.TemporaryDirectory() as media, tempconfig(settings(job, media) | {"dry_run": True}):
        scene_of(job)(renderer=LoopRenderer()).render()
    return b""


def ours(job: Job) -> bytes:
    """The loop as a run makes it, without a cache."""
    from production.making import make

    return make(job).files["webm"]


def alone(make: Callable[[Job], bytes], job: Job) -> tuple[bytes, Cost]:
    """What it gives for the job, and takes, in a process of its own; imports are not counted."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_answer, args=(make, job, there))
    process.start()
    there.close()
    made: tuple[bytes, Cost] = here.recv()
    process.join()
    return made


def _answer(make: Callable[[Job], bytes], job: Job, answer: multiprocessing.connection.Connection) -> None:
    import production.warm  # noqa: F401

    wall, cpu = time.perf_counter(), time.process_time()
    made = make(job)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MEGABYTE
    answer.send((made, Cost(wall, cpu, peak)))


def encode_only(lossless: Path) -> float:
    """CPU seconds of encoding the frames that change, read from a lossless rendering without the others."""
    codec = CODECS["vp9"]
    spent = 0.0
    with av.open(str(lossless)) as source, av.open(os.devnull, "w", format="webm") as target:
        shape = source.streams.video[0]
        stream = target.add_stream(codec.encoder, rate=shape.average_rate or Fraction(30))
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = shape.width, shape.height, "yuv420p"
        stream.options = {name: str(value) for name, value in codec.options.items()}
        stream.codec_context.thread_count = 1
        for frame in source.decode(video=0):
            start = time.process_time()
            list(stream.encode(frame))
            spent += time.process_time() - start
    return spent


def likeness(video: Path, reference: Path, rate: int) -> tuple[float, float | None]:
    """Mean SSIM of brightness over all frames, each as long on screen as in its file; and mean VMAF, None
    where the ffmpeg at hand cannot tell it."""
    ssim = _compared(video, reference, rate, "ssim").rpartition("SSIM Y:")[2].split()[0]
    vmaf = _compared(video, reference, rate, "libvmaf").rpartition("VMAF score:")[2].split()
    return float(ssim), float(vmaf[0]) if vmaf else None


def _compared(video: Path, reference: Path, rate: int, measure: str) -> str:
    import ffmpeg
    import imageio_ffmpeg

    both = [ffmpeg.input(str(file)).filter("fps", rate) for file in (video, reference)]
    output = ffmpeg.filter(both, measure).output("-", format="null")
    try:
        _, said = output.run(cmd=imageio_ffmpeg.get_ffmpeg_exe(), capture_stdout=True, capture_stderr=True)
    except ffmpeg.Error:
        return ""
    return str(said.decode())


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


def whole_runs(jobs: Sequence[Job], quality: str, folder: Path) -> None:
    """The table of whole commands."""
    loops = [job.entry.number for job in jobs]

    def by_stock(at_once: int) -> int:
        place = folder / f"stock-{at_once}"
        with ThreadPoolExecutor(at_once) as threads:
            files = threads.map(lambda job: stock(job, quality, place / job.entry.number)[0], jobs)
            return sum(file.stat().st_size for file in files)

    def by_us(*options: str) -> int:
        place = folder / "ours"
        render("videos", *loops, "--quality", quality, *ANEW, "--output", str(place), *options)
        return sum(file.stat().st_size for file in place.glob("*.webm"))

    def render(*options: str) -> int:
        run(sys.executable, "render.py", *options)
        return 0

    draft = ("--quality", "l", "--output", str(folder / "draft"))
    runs: dict[str, Callable[[], int]] = {
        f"stock: manim render --format=webm -q{quality}": lambda: by_stock(1),
        "stock, two at a time": lambda: by_stock(2),
        "this: render.py videos": by_us,
        "this, --codec av1": lambda: by_us("--codec", "av1"),
        "render.py --quality l: all as drafts": lambda: render(*draft, *ANEW),
        "render.py again: nothing changed": lambda: render(*draft),
        "render.py --help": lambda: render("--help"),
        "render.py list": lambda: render("list"),
    }
    header(f"run: loops {' '.join(loops)}", "wall s", "CPU s", "MB")
    for name, work in runs.items():
        cost, size = timed(work)
        row(name, cost.wall, cost.cpu, size / 1e6 if size else None)


def each_loop(jobs: Sequence[Job], quality: str, folder: Path) -> None:
    """The table of single loops."""
    header("loop, way", "CPU s", "kB", "SSIM", "VMAF", "peak MB")
    reference, video = folder / "reference.webm", folder / "this.webm"
    for job in jobs:
        number, rate = job.entry.number, job.quality.fps
        exact = replace(job, codec="lossless")
        reference.write_bytes(alone(ours, replace(exact, reference=True))[0])
        place = folder / "stock" / number
        cost, (file, peak) = timed(partial(stock, job, quality, place))
        ssim, vmaf = likeness(file, reference, rate)
        size = file.stat().st_size
        row(f"{number} stock", cost.cpu, f"{size / 1e3:.0f}", f"{ssim:.5f}", vmaf, f"{peak:.0f}")
        for codec in ("vp9", "av1"):
            held, cost = alone(ours, replace(job, codec=codec))
            video.write_bytes(held)
            ssim, vmaf = likeness(video, reference, rate)
            peak = cost.peak
            row(f"{number} {codec}", cost.cpu, f"{len(held) / 1e3:.0f}", f"{ssim:.5f}", vmaf, f"{peak:.0f}")
        row(f"{number} drawing alone", alone(draw_only, job)[1].cpu)
        video.write_bytes(alone(ours, exact)[0])
        row(f"{number} encoding alone", encode_only(video))


def memory(job: Job) -> None:
    """The table of peaks: the same loop with more and more frames."""
    header(f"frames per second, loop {job.entry.number}", "peak MB")
    for fps in (15, 30, 60):
        _, cost = alone(ours, replace(job, quality=replace(job.quality, fps=fps)))
        row(fps, f"{cost.peak:.0f}")


def main() -> None:
    parts = ("runs", "loops", "memory")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--loops", nargs="+", default=["02", "04", "07", "10"])
    parser.add_argument("--quality", default="h", choices=QUALITIES)
    parser.add_argument("--only", nargs="+", default=parts, choices=parts)
    options = parser.parse_args()
    entries = [entry for entry in LOOPS if entry.number in options.loops]
    adopt_orphans()
    with tempfile.TemporaryDirectory() as name:
        folder, drawing = Path(name), Drawing(quality=options.quality, output=name)
        jobs = [job for each in make_jobs(entries, Recording(), drawing, print).values() for job in each]
        if "runs" in options.only:
            whole_runs(jobs, options.quality, folder)
        if "loops" in options.only:
            each_loop(jobs, options.quality, folder)
        if "memory" in options.only:
            memory(jobs[-1])


if __name__ == "__main__":
    main()

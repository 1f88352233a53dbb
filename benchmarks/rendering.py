"""What drawing costs beside Manim's own command, on the same scenes: ratios as a Markdown table.

    python benchmarks/rendering.py [--quick] [--loops 04 07] [--rounds 3] [--quality h]

Every round runs each way once, in a process of its own, one after the other, so that a slow moment of the
machine hits all; medians of CPU seconds are compared. SSIM is that of brightness against a lossless
rendering, frame by frame. Recordings must be there: they are made before anything is measured.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import av

from options import Drawing, Recording
from pipeline import make_jobs
from production.jobs import Job
from scenes import LOOPS


@dataclass(frozen=True)
class Cost:
    """CPU seconds, peak resident megabytes of the process, and the file."""

    cpu: float
    peak: float
    file: bytes


def stock(job: Job) -> bytes:
    """The loop by Manim's own renderer and file writer, as ``manim render --format=webm`` does it."""
    from manim import tempconfig

    from production.drawing import scene_of, settings

    with tempfile.TemporaryDirectory() as media, tempconfig(settings(job, media)):
        scene = scene_of(job)()
        scene.render()
        return Path(scene.renderer.file_writer.movie_file_path).read_bytes()


def draw_only(job: Job) -> bytes:
    """The frames drawn with our camera and thrown away."""
    from manim import tempconfig
    from manim.renderer.cairo_renderer import CairoRenderer

    from production.camera import LoopCamera
    from production.drawing import scene_of, settings

    with tempfile.TemporaryDirectory() as media, tempconfig(settings(job, media) | {"dry_run": True}):
        scene_of(job)(renderer=CairoRenderer(camera_class=LoopCamera)).render()
    return b""


def ours(job: Job) -> bytes:
    """The loop as a run makes it, without a cache."""
    from production.making import make

    return make(job).files["webm"]


WAYS: dict[str, Callable[[Job], bytes]] = {
    "stock Manim": stock,
    "this": ours,
    "this, AV1": lambda job: ours(replace(job, codec="av1")),
    "drawing alone": draw_only,
}


def measured(way: str, job: Job) -> Cost:
    """Run one way in a process of its own; imports are not counted."""
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_run, args=(way, job, there))
    process.start()
    cost: Cost = here.recv()
    process.join()
    return cost


def _run(way: str, job: Job, answer: multiprocessing.connection.Connection) -> None:
    import production.warm  # noqa: F401

    start = time.process_time()
    file = WAYS[way](job)
    cpu = time.process_time() - start
    scale = 2**20 if sys.platform == "darwin" else 2**10
    answer.send(Cost(cpu, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / scale, file))


def ssim(video: Path, lossless: Path, rate: int) -> float:
    """Mean SSIM of brightness over all frames, each as long on screen as in its file."""
    import ffmpeg
    import imageio_ffmpeg

    both = [ffmpeg.input(str(file)).filter("fps", rate) for file in (video, lossless)]
    output = ffmpeg.filter(both, "ssim").output("-", format="null")
    _, said = output.run(cmd=imageio_ffmpeg.get_ffmpeg_exe(), capture_stdout=True, capture_stderr=True)
    return float(said.decode().rpartition("SSIM Y:")[2].split()[0])


def encode_only(lossless: Path) -> float:
    """CPU seconds of encoding the frames that change, read from a lossless rendering."""
    from production.codecs import CODECS

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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--loops", nargs="+", default=[entry.number for entry in LOOPS])
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--quality", default="h")
    parser.add_argument("--quick", action="store_true", help="loop 07 alone, as a draft")
    options = parser.parse_args()
    loops, quality = (["07"], "l") if options.quick else (options.loops, options.quality)
    entries = [entry for entry in LOOPS if entry.number in loops]
    with tempfile.TemporaryDirectory() as folder:
        drawing = Drawing(quality=quality, output=folder)
        jobs = [job for each in make_jobs(entries, Recording(), drawing, print).values() for job in each]
        print("| loop | way | CPU s | to this | kB | SSIM | peak MB |\n|---|---|--:|--:|--:|--:|--:|")
        for job in jobs:
            costs: dict[str, list[Cost]] = {way: [] for way in WAYS}
            for _ in range(options.rounds):
                for way in WAYS:
                    costs[way].append(measured(way, job))
            lossless = Path(folder) / "lossless.webm"
            lossless.write_bytes(ours(replace(job, codec="lossless")))
            seconds = {way: statistics.median(cost.cpu for cost in spent) for way, spent in costs.items()}
            for way, spent in costs.items():
                size = likeness = ""
                if spent[0].file:
                    video = Path(folder) / "way.webm"
                    video.write_bytes(spent[0].file)
                    size = f"{len(spent[0].file) / 1000:.0f}"
                    likeness = f"{ssim(video, lossless, job.quality.fps):.5f}"
                peak = f"{max(cost.peak for cost in spent):.0f}"
                ratio = seconds[way] / seconds["this"]
                cells = (job.entry.number, way, f"{seconds[way]:.2f}", f"{ratio:.2f}", size, likeness, peak)
                print(f"| {' | '.join(cells)} |", flush=True)
            encoding = encode_only(lossless)
            ratio = encoding / seconds["this"]
            print(f"| {job.entry.number} | encoding alone | {encoding:.2f} | {ratio:.2f} | | | |", flush=True)


if __name__ == "__main__":
    main()

"""Ways to make a loop, whole or in part, and how near a video is to another."""

from __future__ import annotations

import argparse
import os
import pickle
import sys
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av

from benchmarks.parts.costs import run
from traced_loops.rendering.codecs import CODECS
from traced_loops.rendering.jobs import Job

# What Manim's own command is given: the scene that a job binds.
STOCK = """import pickle
from pathlib import Path
from traced_loops.rendering.drawing import scene_of

Loop = scene_of(pickle.loads(Path(__file__).with_suffix(".job").read_bytes()))
Loop.__module__ = __name__
"""


def recorded(options: argparse.Namespace) -> list[Job]:
    """The jobs of the loops, from their recordings."""
    from scenes.catalogue import LOOPS
    from traced_loops.jobs.options import DrawingOptions, RecordingOptions
    from traced_loops.jobs.run import jobs_for

    entries = [entry for entry in LOOPS if entry.number in options.loops]
    with tempfile.TemporaryDirectory() as name:
        drawing = DrawingOptions(quality=options.quality, output=Path(name))
        return [job for jobs in jobs_for(entries, RecordingOptions(), drawing).values() for job in jobs]


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

    from traced_loops.rendering.camera import LoopRenderer
    from traced_loops.rendering.drawing import scene_of, settings

    with tempfile.TemporaryDirectory() as media, tempconfig(settings(job, media) | {"dry_run": True}):
        scene_of(job)(renderer=LoopRenderer()).render()
    return b""


def ours(job: Job) -> bytes:
    """The loop as a run makes it, without a cache."""
    from traced_loops.jobs.making import make

    return make(job).files["webm"]


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


def likeness(film: bytes, reference: Path, rate: int) -> tuple[float, float | None]:
    """Mean SSIM of brightness over all frames, each as long on screen as in its file; and mean VMAF, None
    where the ffmpeg at hand cannot tell it."""
    video = reference.with_name("video.webm")
    video.write_bytes(film)
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

"""From a job to its drawn loop, with Manim."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Callable
from dataclasses import asdict
from functools import partial
from typing import Any, cast

import imageio.v3 as iio
from manim import tempconfig
from manim.renderer.cairo_renderer import CairoRenderer

from scenes.frame import FRAMES
from scenes.style import style_of
from scenes.wording import Wording
from traced_loops.rendering.camera import LoopRenderer
from traced_loops.rendering.codecs import CODECS
from traced_loops.rendering.encoder import LoopWriter
from traced_loops.rendering.jobs import Drawn, Job, content_of
from traced_loops.rendering.posters import poster
from traced_loops.rendering.unpremultiply import Pixels


def draw_loop(job: Job, count: Callable[[int], None] = lambda frames: None) -> Drawn:
    """Draw and encode the loop; its still is frame 0 before compression.

    A job for reference is drawn by Manim's own renderer, and nothing is left out that was there before.
    ``count`` is called with the number of frames each time some more are drawn.
    """
    bound = scene_of(job)
    with tempfile.TemporaryDirectory(prefix="traced-loops-") as media, tempconfig(settings(job, media)):
        # Manim asks of a class only to be called
        writes = partial(
            LoopWriter,
            codec=CODECS[job.codec],
            tags=job.tags,
            opaque=bound.style.opaque,
            every=job.reference,
            count=count,
        )
        draws = CairoRenderer if job.reference else LoopRenderer
        renderer = draws(file_writer_class=cast("type[LoopWriter]", writes))
        scene = bound(renderer=renderer)
        scene.render()
        writer = renderer.file_writer
    files = {"webm": writer.file.getvalue(), "png": png(writer.still), "poster.webp": poster(writer.still)}
    return drawn(scene, writer.frames, files)


def drawn(scene: Any, frames: int, files: dict[str, bytes]) -> Drawn:
    """What a scene that was rendered has become."""
    camera = scene.camera
    return Drawn(
        files=files,
        frames=frames,
        size=(camera.pixel_width, camera.pixel_height),
        beats=tuple(asdict(beat) for beat in scene.beats),
        words=dict(scene.wording.asked),
        boxes=scene.boxes,
    )


def scene_of(job: Job) -> Any:
    """The job's scene class, bound to its content, style and language."""
    module = importlib.import_module(f"{job.entry.package}.scene")
    style = style_of(job.theme, job.shape)
    return getattr(module, job.entry.scene).bind(content_of(job), style, Wording(job.language))


def settings(job: Job, media: str) -> dict[str, Any]:
    """Manim's settings for the job; what it writes by itself goes to the folder ``media``."""
    quality, (width, height) = job.quality, FRAMES[job.shape].units
    return {
        "verbosity": "ERROR",  # first: the settings after it are checked aloud
        "pixel_width": quality.width,
        "pixel_height": quality.height,
        "frame_rate": quality.fps,
        # 854 x 480 is not quite 16:9: the frame stays, so that a draft has the layout of the real thing
        "frame_height": height,
        "frame_width": width,
        "format": "webm",
        "media_dir": media,
        "disable_caching": True,
        "progress_bar": "none",
        "background_opacity": 1.0,  # a scene sets its own background
    }


def png(pixels: Pixels) -> bytes:
    """The picture [height, width, 4] as PNG, without alpha where it is opaque."""
    opaque = pixels[..., 3].min() == 255
    return iio.imwrite("<bytes>", pixels[..., :3] if opaque else pixels, extension=".png")

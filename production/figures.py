"""A figure: one picture as pixels, and the same drawing commands as SVG."""

from __future__ import annotations

import tempfile
from pathlib import Path

import cairo
import numpy as np
from manim import tempconfig
from manim.renderer.cairo_renderer import CairoRenderer

from production.jobs import Drawn, Job, scene_of, settings
from scenes.style import FRAME_HEIGHT_PX, FRAME_WIDTH_PX


def draw_figure(job: Job, svg: Path) -> Drawn:
    """Draw the figure; its pixels are the ``still``, at least 1920 wide, its vectors go to ``svg``."""
    with tempfile.TemporaryDirectory(prefix="traced-loops-") as media:
        chosen = settings(job, media) | {"dry_run": True}
        if job.quality.width < FRAME_WIDTH_PX:  # a draft's size is for videos: a figure is one frame
            chosen |= {"pixel_width": FRAME_WIDTH_PX, "pixel_height": FRAME_HEIGHT_PX}
        with tempconfig(chosen):
            renderer = CairoRenderer()
            scene = scene_of(job)(renderer=renderer)
            scene.render()
            renderer.update_frame(scene, ignore_skipping=True)
            still = np.asarray(renderer.get_frame(), np.uint8).copy()
            height, width = still.shape[:2]
            camera = renderer.camera
            with cairo.SVGSurface(str(svg), width, height) as surface:
                surface.set_document_unit(cairo.SVGUnit.PX)
                context = cairo.Context(surface)
                context.set_source_rgb(*camera.background_color.to_rgb())
                context.paint()
                across, down = width / camera.frame_width, height / camera.frame_height
                context.set_matrix(cairo.Matrix(across, 0, 0, -down, width / 2, height / 2))
                # the camera draws into whatever context it holds for its pixels
                camera.cache_cairo_context(camera.pixel_array, context)
                camera.capture_mobjects(scene.mobjects)
    return Drawn(frames=1, still=still, beats=(), moves=())

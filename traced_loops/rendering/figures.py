"""A figure: one picture as pixels, and the same drawing commands as SVG."""

from __future__ import annotations

import io
import re
import tempfile
from typing import Any

import cairo
import numpy as np
from manim import Camera, ManimColor, VMobject, tempconfig
from manim.renderer.cairo_renderer import CairoRenderer

from scenes.frame import FRAMES
from traced_loops.rendering.drawing import drawn, png, scene_of, settings
from traced_loops.rendering.jobs import Drawn, Job
from traced_loops.rendering.unpremultiply import straight


class VectorCamera(Camera):
    """Manim's camera for a drawing with named colours.

    For pixels it swaps red and blue, which is the order of their bytes; here they are swapped back.
    """

    def set_cairo_context_color(
        self, ctx: cairo.Context[Any], rgbas: Any, vmobject: VMobject
    ) -> VectorCamera:
        """Take the colour, or the colours of a gradient, as they are."""
        super().set_cairo_context_color(ctx, np.asarray(rgbas)[:, [2, 1, 0, 3]], vmobject)
        return self


def draw_figure(job: Job) -> Drawn:
    """Draw the figure; its pixels, at least those of its frame, are the PNG, its vectors the SVG."""
    with tempfile.TemporaryDirectory(prefix="traced-loops-") as media:
        chosen = settings(job, media) | {"dry_run": True}
        frame = FRAMES[job.shape]
        if job.quality.width < frame.width:  # a draft's size is for videos: a figure is one frame
            chosen |= {"pixel_width": frame.width, "pixel_height": frame.height}
        with tempconfig(chosen):
            renderer = CairoRenderer()
            scene = scene_of(job)(renderer=renderer)
            scene.render()
            renderer.update_frame(scene, ignore_skipping=True)
            pixels = straight(np.asarray(renderer.get_frame(), np.uint8))
            return drawn(scene, 1, {"png": png(pixels), "svg": _svg(scene, *pixels.shape[1::-1])})


def _svg(scene: Any, width: int, height: int) -> bytes:
    camera, file = VectorCamera(), io.BytesIO()
    with cairo.SVGSurface(file, width, height) as surface:
        surface.set_document_unit(cairo.SVGUnit.PX)
        context = cairo.Context(surface)
        if scene.style.opaque:
            context.set_source_rgb(*ManimColor(scene.style.palette.background).to_rgb())
            context.paint()
        across, down = width / camera.frame_width, height / camera.frame_height
        context.set_matrix(cairo.Matrix(across, 0, 0, -down, width / 2, height / 2))
        # the camera draws into whatever context it holds for its pixels
        camera.cache_cairo_context(camera.pixel_array, context)
        camera.capture_mobjects(scene.mobjects)
    # Cairo counts the surfaces of a process: the name says what else was drawn there before
    return re.sub(rb'<g id="surface\d+">', b"<g>", file.getvalue(), count=1)

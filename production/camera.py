"""Manim's camera without the work that leaves no trace in a picture."""

from __future__ import annotations

from typing import Any
from weakref import WeakKeyDictionary

import cairo
import numpy as np
import numpy.typing as npt
from manim import Camera, VMobject

Points = npt.NDArray[np.float64]


class LoopCamera(Camera):
    """A camera that draws what Manim's draws, and faster.

    A shape's outline is handed to Cairo curve by curve only when the shape changes, from then on as a whole.
    What moves changes: an outline that Cairo holds is rounded, and rounded again elsewhere it would differ by
    up to 9 of 255. What is transparent is not drawn.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._outlines: WeakKeyDictionary[VMobject, tuple[Points, Any]] = WeakKeyDictionary()

    def set_cairo_context_path(self, ctx: cairo.Context[Any], vmobject: VMobject) -> LoopCamera:
        """Make the shape's outline the context's path."""
        points = vmobject.points
        known = self._outlines.get(vmobject)
        if known is not None and np.array_equal(known[0], points):
            ctx.new_path()
            ctx.append_path(known[1])
            return self
        super().set_cairo_context_path(ctx, vmobject)
        if len(points):
            self._outlines[vmobject] = points.copy(), ctx.copy_path()
        return self

    def apply_fill(self, ctx: cairo.Context[Any], vmobject: VMobject) -> LoopCamera:
        """Fill the shape, unless nothing would be seen of it."""
        if self.get_fill_rgbas(vmobject)[:, 3].any():
            super().apply_fill(ctx, vmobject)
        return self

    def apply_stroke(
        self, ctx: cairo.Context[Any], vmobject: VMobject, background: bool = False
    ) -> LoopCamera:
        """Draw the outline, unless nothing would be seen of it."""
        if vmobject.get_stroke_width(background) and self.get_stroke_rgbas(vmobject, background)[:, 3].any():
            super().apply_stroke(ctx, vmobject, background)
        return self

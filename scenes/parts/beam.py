"""Attention, drawn as an arch from one token back to another."""

from __future__ import annotations

from manim import UP, VMobject

from scenes.style import Point, Style

_THIN, _THICK = 4, 30  # pixels: how wide a weight of 0 is, and how much wider one of 1
_HALO = 10  # pixels of ground around it, so that it stands out from what it crosses


def beam(start: Point, end: Point, height: float, weight: float, style: Style) -> VMobject:
    """An arch from ``start`` to ``end``, ``height`` pixels high and as wide as its weight (0 to 1).

    It leaves and arrives upright. Created, it grows from ``start`` to ``end``.
    """
    stroke = _THIN + _THICK * min(1.0, max(0.0, weight))
    arch = VMobject(stroke_color=style.palette.track, stroke_width=style.stroke(stroke))
    arch.set_stroke(style.palette.background, width=style.stroke(stroke + _HALO), background=True)
    # a cubic Bézier curve whose handles point up reaches three quarters of their height
    rise = style.px(height) * 4 / 3 * UP
    arch.append_points([start, start + rise, end + rise, end])
    return arch

"""Arrows: a straight one between two points, a bent one along a curve."""

from __future__ import annotations

import numpy as np
from manim import Arrow, CubicBezier, Triangle, VGroup

from scenes.style import Style


def straight(start: np.ndarray, end: np.ndarray, style: Style, color: str | None = None) -> Arrow:
    """An arrow from ``start`` to ``end``."""
    return Arrow(
        start,
        end,
        buff=0,
        color=color or style.palette.arrow,
        stroke_width=style.stroke(style.line),
        tip_length=style.px(20),
        max_tip_length_to_length_ratio=0.6,
        max_stroke_width_to_length_ratio=100,
    )


def bent(points: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray], style: Style, color: str) -> VGroup:
    """An arrow along the Bézier curve through these four control points."""
    curve = CubicBezier(*points, color=color, stroke_width=style.stroke(style.line))
    head = Triangle(color=color, fill_opacity=1, stroke_width=0).scale_to_fit_height(style.px(24))
    direction = points[3] - points[2]
    head.rotate(np.arctan2(direction[1], direction[0]) - np.pi / 2)
    return VGroup(curve, head.move_to(points[3]))

"""Attention, drawn as arcs from one token back to others."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from manim import UP, ArcBetweenPoints, VGroup

from scenes.style import Style

_LEAST = 0.05  # what is fainter is not drawn


def glances(start: float, looked: Mapping[float, float], y: float, style: Style) -> VGroup:
    """Arcs hanging from the height ``y``, from ``start`` to each place, as wide as its attention (0 to 1)."""
    arcs = VGroup()
    for place, weight in looked.items():
        if weight < _LEAST or place >= start:
            continue
        arc = ArcBetweenPoints(np.array([start, y, 0]), np.array([place, y, 0]), angle=-np.pi / 2)
        depth = style.px(20) + (start - place) * 0.016
        arc.stretch_to_fit_height(min(arc.height, depth)).align_to(np.array([0, y, 0]), UP)
        arcs.add(arc.set_stroke(style.palette.track, width=style.stroke(3 + 11 * weight), opacity=0.75))
    return arcs

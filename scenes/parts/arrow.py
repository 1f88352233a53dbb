"""Arrows: a straight one between two points, a bent one around corners."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from manim import Animation, Arrow, ShowPassingFlash, Triangle, VGroup, VMobject

from scenes.marks import decoration
from scenes.style import Point, Style


def straight(start: Point, end: Point, style: Style, color: str | None = None) -> Arrow:
    """An arrow from ``start`` to ``end``."""
    arrow = Arrow(
        start,
        end,
        buff=0,
        color=color or style.palette.arrow,
        stroke_width=style.stroke(style.line),
        tip_length=style.px(20),
        max_tip_length_to_length_ratio=0.6,
        max_stroke_width_to_length_ratio=100,
    )
    return decoration(arrow)


def route(corners: Sequence[Point], style: Style, color: str) -> VMobject:
    """Straight lines through ``corners``, rounded where they turn."""
    path = VMobject(stroke_color=color, stroke_width=style.stroke(style.line))
    path.start_new_path(corners[0])
    for before, corner, after in zip(corners, corners[1:], corners[2:], strict=False):
        radius = min(style.px(30), *(float(np.linalg.norm(corner - other)) for other in (before, after)))
        path.add_line_to(corner + radius * _direction(corner, before))
        path.add_quadratic_bezier_curve_to(corner, corner + radius * _direction(corner, after))
    return decoration(path.add_line_to(corners[-1]))


def bent(corners: Sequence[Point], style: Style, color: str) -> VGroup:
    """An arrow along ``route``."""
    end, direction = corners[-1], _direction(corners[-2], corners[-1])
    line = route([*corners[:-1], end - style.px(20) * direction], style, color)
    tip = Triangle(color=color, fill_opacity=1, stroke_width=0).stretch_to_fit_width(style.px(22))
    tip.stretch_to_fit_height(style.px(22)).rotate(np.arctan2(direction[1], direction[0]) - np.pi / 2)
    return decoration(VGroup(line, tip.move_to(end - style.px(11) * direction)))


def pulse(line: VMobject, style: Style, width: float = 14, **options: Any) -> Animation:
    """A streak of ``width`` pixels that runs along ``line``."""
    streak = line.copy().set_stroke(width=style.stroke(width))
    return ShowPassingFlash(streak, time_width=0.5, **options)


def _direction(start: Point, end: Point) -> Point:
    along: Point = (end - start) / np.linalg.norm(end - start)
    return along

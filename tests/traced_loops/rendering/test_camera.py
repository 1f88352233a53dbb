"""The camera that draws only what changed shows what Manim's shows, whatever changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from manim import Camera, Circle, Line, Polygon, Rectangle, Square, VGroup, VMobject, tempconfig
from manim.utils.color import BLUE, GREEN, RED, WHITE

from traced_loops.rendering.camera import LoopCamera


@pytest.fixture(autouse=True)
def small() -> Any:
    with tempconfig(
        {"pixel_width": 320, "pixel_height": 180, "frame_height": 8.0, "frame_width": 8.0 * 16 / 9}
    ):
        yield


def shapes() -> VGroup:
    """A panel under a disc, a spike whose miter reaches far, a line and a square apart from them."""
    panel = Rectangle(width=8, height=5, fill_color=BLUE, fill_opacity=0.4, stroke_width=0).shift((-2, 0, 0))
    disc = Circle(radius=1, fill_color=RED, fill_opacity=0.7, stroke_width=6).shift((-2, 0.3, 0))
    spike = Polygon((-4, -2, 0), (-3.8, 2, 0), (-3.6, -2, 0), stroke_width=12, stroke_color=GREEN)
    line = Line((3, -3, 0), (6, 3, 0), stroke_width=9)
    square = Square(1, fill_color=WHITE, fill_opacity=1, stroke_width=0).shift((4, 2, 0))
    return VGroup(panel, VGroup(disc, spike), line, square)


def moved(group: VGroup) -> None:
    group[1][0].shift((0.7, 0.2, 0))


def coloured(group: VGroup) -> None:
    group[1][0].set_fill(GREEN, opacity=0.2)


def narrowed(group: VGroup) -> None:
    group[1][-1].set_stroke(width=2)


def hidden(group: VGroup) -> None:
    group[1][-1].set_stroke(opacity=0)


def removed(group: VGroup) -> None:
    group[1].submobjects.pop()


def added(group: VGroup) -> None:
    group.add(Circle(radius=2, stroke_width=3))


def turned_over(group: VGroup) -> None:
    group.submobjects = group.submobjects[::-1]


def lifted(group: VGroup) -> None:
    group[0].set_z_index(5)


def out_of_frame(group: VGroup) -> None:
    group[-1].shift((20, 0, 0))


def two_at_once(group: VGroup) -> None:
    group[1][0].shift((-0.5, 0, 0))
    group[-1].shift((0.1, -0.1, 0))


CHANGES: tuple[Callable[[VGroup], None], ...] = (
    moved,
    coloured,
    narrowed,
    hidden,
    removed,
    added,
    turned_over,
    lifted,
    out_of_frame,
    two_at_once,
)


def by_manim(*mobjects: VMobject) -> Any:
    camera = Camera()
    camera.capture_mobjects(mobjects)
    return camera.pixel_array.astype(int)


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_what_changed_is_drawn_and_nothing_else_stays(change: Callable[[VGroup], None]) -> None:
    group, camera = shapes(), LoopCamera()
    camera.show([group], whole=False)
    pictures = [by_manim(group)]
    assert np.abs(camera.pixel_array - pictures[0]).max() <= 1
    for _ in range(2):  # a second time: what is known of outlines is used
        change(group)
        before = camera.pixel_array.copy()
        boxes = camera.show([group], whole=False)
        differs = (camera.pixel_array != before).any(axis=2)
        for left, top, right, bottom in boxes:
            differs[top:bottom, left:right] = False
        assert not differs.any()
        pictures.append(by_manim(group))
        assert np.abs(camera.pixel_array - pictures[-1]).max() <= 1
    assert np.abs(pictures[1] - pictures[0]).max() > 30


def test_what_did_not_change_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    group, camera = shapes(), LoopCamera()
    camera.show([group], whole=False)
    drawn: list[VMobject] = []
    display = camera.display_vectorized
    monkeypatch.setattr(
        camera, "display_vectorized", lambda shape, ctx: (drawn.append(shape), display(shape, ctx))
    )
    camera.show([group], whole=False)
    assert not drawn
    group[-1].shift((0.1, 0, 0))
    camera.show([group], whole=False)
    # the line reaches into the square's box, the others do not
    assert set(drawn) == {group[2], group[-1]}
    drawn.clear()
    camera.show([group], whole=True)
    assert set(drawn) == set(group.family_members_with_points())

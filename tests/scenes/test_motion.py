"""What moves in the loops: the light in the box, a chip on its way, the clearing that runs back."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from manim import DOWN, LEFT, RIGHT, UP, Camera, Square, tempconfig

from scenes.display_token import DisplayToken
from scenes.loop import unwind
from scenes.parts.flight import Flight, behind, pale
from scenes.parts.model_box import ModelBox
from scenes.parts.token import TokenChip
from scenes.style import Point, Style
from scenes.traced_value import Fact, TracedValue

STYLE = Style()
SIDES = {"right": RIGHT, "down": DOWN, "up": UP, "left": LEFT}


def chip(text: str = "robot") -> TokenChip:
    return TokenChip(DisplayToken(TracedValue(text, "text", Fact("test", "")), "output"), STYLE)


def picture(box: ModelBox) -> npt.NDArray[np.int64]:
    with tempconfig({"pixel_width": 480, "pixel_height": 270, "verbosity": "ERROR", "dry_run": True}):
        camera = Camera(background_color="#000000")
        camera.capture_mobjects([box])
        seen: npt.NDArray[np.int64] = camera.pixel_array[..., :3].astype(np.int64)
        return seen


def lit(strengths: list[float], direction: Point, progress: float) -> npt.NDArray[np.int64]:
    """How much brighter each pixel is than in the box at rest."""
    box = ModelBox("GPT-3", STYLE, 840, 290)
    dark = picture(box)
    animation = box.sweep(strengths, direction=direction)
    animation.begin()
    animation.interpolate(progress)
    brighter: npt.NDArray[np.int64] = (picture(box) - dark).sum(axis=-1)
    return brighter


@pytest.mark.parametrize("side", SIDES)
def test_the_light_goes_from_the_entry_to_the_exit(side: str) -> None:
    direction = SIDES[side]
    places = []
    for progress in (0.2, 0.5, 0.8):
        rows, columns = np.nonzero(lit([0.5] * 8, direction, progress) > 60)
        places.append(np.array([columns.mean(), -rows.mean(), 0]) @ direction)
    assert places == sorted(places)
    assert places[-1] - places[0] > 20


def test_the_light_stays_inside_the_box_and_leaves_nothing() -> None:
    box = ModelBox("GPT-3", STYLE, 840, 290)
    around = picture(box).sum(axis=-1) == 0
    for progress in (0.1, 0.5, 0.9):
        assert not lit([1.0] * 8, RIGHT, progress)[around].any()
    for progress in (0.0, 1.0):
        assert not lit([1.0] * 8, RIGHT, progress).any()


def test_the_light_is_brighter_where_a_layer_does_more() -> None:
    faint, bright = (lit([strength] * 8, DOWN, 0.5).max() for strength in (0.1, 0.9))
    early, late = (lit([0.9] * 4 + [0.0] * 4, DOWN, progress).max() for progress in (0.3, 0.8))
    assert bright > 1.3 * faint
    assert early > 1.3 * late
    assert lit([40.0] * 8, DOWN, 0.5).max() == lit([1.0] * 8, DOWN, 0.5).max()


def flown(corners: list[Point], at: float, **options: float) -> TokenChip:
    flying = chip()
    flight = Flight(flying, corners, STYLE, run_time=1.0, **options)
    flight.begin()
    flight.interpolate(at)
    return flying


def test_a_chip_breathes_before_it_flies() -> None:
    at_rest = chip()
    breath = flown([2 * RIGHT], 0.09)
    assert np.allclose(breath.get_center(), at_rest.get_center())
    assert breath.width == pytest.approx(1.06 * at_rest.width, rel=0.01)


def test_a_chip_arrives_where_it_flies_in_its_own_size() -> None:
    there = flown([2 * RIGHT, 2 * RIGHT + UP], 1.0)
    assert np.allclose(there.get_center(), 2 * RIGHT + UP)
    assert there.width == pytest.approx(chip().width)
    assert np.allclose(
        flown([2 * RIGHT], 1.0, end=0.5).get_center(), flown([2 * RIGHT], 0.5, end=0.5).get_center()
    )
    assert np.allclose(flown([2 * RIGHT], 0.4, start=0.5).get_center(), chip().get_center())


def test_a_chip_flies_around_the_corner() -> None:
    places = [flown([3 * RIGHT, 3 * RIGHT + 3 * UP], at).get_center() for at in np.linspace(0, 1, 41)]
    # on one of the two straights but for the rounded corner
    assert all(min(abs(x - 3), abs(y)) < 0.2 for x, y, _ in places)


def test_what_is_left_behind_is_no_twin() -> None:
    there = chip()
    left = pale(there, STYLE)
    assert np.allclose(left.get_center(), there.get_center())
    assert left.box.fill_opacity == 0
    assert there.box.fill_opacity == 1
    assert {
        shape.fill_color for shape in left.letters.family_members_with_points() if shape.fill_opacity
    } == {left.box.fill_color.from_hex(STYLE.palette.muted)}


@pytest.mark.parametrize("side", SIDES)
def test_a_chip_is_hidden_just_behind_the_edge(side: str) -> None:
    box = ModelBox("GPT-3", STYLE, 840, 290)
    direction, hidden = SIDES[side], chip()
    hidden.move_to(box.get_center() + 5 * direction + 8 * RIGHT * abs(direction[1]))
    hidden.move_to(behind(hidden, box, direction, STYLE))
    for corner in (LEFT, RIGHT, UP, DOWN):
        inside = (box.get_edge_center(corner) - hidden.get_edge_center(corner)) @ corner
        assert inside > 0
        if np.array_equal(corner, direction):
            assert inside < STYLE.px(20)


def test_what_came_last_goes_first() -> None:
    first, last = Square(fill_opacity=1), Square(fill_opacity=1)
    clearing = unwind(first, last)
    clearing.run_time = 0.4
    clearing.begin()
    clearing.interpolate(0.5)
    assert last.fill_rgbas[0, 3] < 0.5 < first.fill_rgbas[0, 3]

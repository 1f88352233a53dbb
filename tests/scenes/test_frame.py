"""A picture in another shape: the same parts, set by the frame and not by the scene's own numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from scenes.display_token import TextSource
from scenes.frame import NARROW, UNITS_PER_PX, WIDE, Frame
from scenes.parts.credit import credit
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.style import Style
from scenes.wording import Wording


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_a_styles_places_are_the_frames(frame: Frame) -> None:
    style = replace(Style(), frame=frame)
    width, height = frame.units
    assert np.allclose(style.at(0, 0), [-width / 2, height / 2, 0])
    assert np.allclose(style.at(frame.width, frame.height), [width / 2, -height / 2, 0])
    assert style.right == frame.width - style.margin
    assert style.room == frame.width - 2 * style.margin


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_heading_and_credit_stand_in_their_corners(frame: Frame) -> None:
    style = replace(Style(), frame=frame)
    head = Heading(["One token at a time"], style)
    foot = credit("SmolLM2-135M-Instruct, 4-bit weights", "article", style, Wording())
    left, right = ((x - frame.width / 2) * UNITS_PER_PX for x in (style.margin, style.right))
    assert head.get_left()[0] == pytest.approx(left)
    assert foot.get_right()[0] == pytest.approx(right)
    assert foot.width <= style.px(style.room) + 1e-6
    assert 0 < frame.units[1] / 2 - head.get_top()[1] < 0.6
    assert 0 < frame.units[1] / 2 + foot.get_bottom()[1] < 0.6


@pytest.mark.parametrize("source", [None, "article", "given"])
def test_a_long_credit_is_broken_rather_than_made_smaller(source: TextSource | None) -> None:
    style = replace(Style(), frame=NARROW)
    name = "untrained twin of SmolLM2-135M-Instruct, 4-bit weights"
    short, foot = (credit(each, source, style, Wording(), spaced=True) for each in ("me", name))
    assert foot.width <= style.px(style.room)
    assert np.ptp(foot[0].line) == pytest.approx(np.ptp(short[0].line))
    assert len([part for part in foot if isinstance(part, Label)]) == 2


def test_a_pixel_is_as_large_in_all_shapes() -> None:
    assert WIDE.units == pytest.approx((8 * 16 / 9, 8))
    assert NARROW.units == pytest.approx((8, 10))
    assert NARROW.is_tall
    assert not WIDE.is_tall


def test_the_credit_says_for_whom_the_model_stands_in() -> None:
    style = Style()
    own, other = (
        credit("tiny", None, style, Wording("en"), stands_for=name)[0].text for name in (None, "GPT-3")
    )
    assert own == "values: tiny"
    assert other == "stand-in for GPT-3: tiny"

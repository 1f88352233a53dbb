"""Loop 12: the order of the temperatures, the shares at each, and the piece on which the number falls."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from model_trace.trace import Trace
from scenes.parts.ribbon import Ribbon
from scenes.style import Style
from scenes.wording import Wording
from tests.loops import content, play


@pytest.fixture(scope="module")
def trace(by_need: dict[str, Trace]) -> Trace:
    return by_need["temperatures"]


def test_the_temperatures_rise_from_lane_to_lane(trace: Trace) -> None:
    said = content("12", trace)
    heats = [lane.temperature.number for lane in said.lanes]
    assert heats == sorted(trace.temperatures.temperatures)
    assert heats[said.usual] == 1


def test_each_lane_shares_out_everything(trace: Trace) -> None:
    for lane in content("12", trace).lanes:
        assert sum(each.probability.number for each in lane.candidates) == pytest.approx(1, abs=1e-5)
        assert lane.candidates[-1].token is None


def test_the_colder_the_likelier_is_the_first(trace: Trace) -> None:
    firsts = [lane.candidates[0].probability.number for lane in content("12", trace).lanes]
    assert firsts == sorted(firsts, reverse=True)


def test_the_number_falls_on_the_token_that_was_written(trace: Trace) -> None:
    said = content("12", trace)
    for lane in said.lanes:
        assert lane.below.number <= said.number.number < lane.below.number + lane.share.number
        drawn = lane.candidates[lane.drawn].token
        if drawn is not None:
            assert drawn.text == lane.tokens[0].text


def test_each_text_is_the_recorded_one(trace: Trace) -> None:
    written = {"".join(token.text for token in lane.tokens) for lane in trace.temperatures.lanes}
    assert {"".join(piece.text for piece in lane.tokens) for lane in content("12", trace).lanes} == written


def test_the_pin_stands_in_the_lit_piece(trace: Trace) -> None:
    def stand(scene: Any) -> list[Ribbon]:
        return [ribbon for ribbon in scene.mobjects if isinstance(ribbon, Ribbon)]

    ribbons = play("12", content("12", trace), stand, story=False)[1][-1]
    assert len(ribbons) == len(trace.temperatures.lanes)
    assert len({round(float(ribbon.pin.get_x()), 3) for ribbon in ribbons}) == 1
    for ribbon in ribbons:
        reach = ribbon.drawn.width / 2 + Style().px(5)
        assert abs(ribbon.pin.get_x() - ribbon.drawn.get_x()) <= reach


def test_a_ribbon_is_as_wide_as_all_its_pieces(trace: Trace) -> None:
    lane = content("12", trace).lanes[0]
    ribbon = Ribbon(
        lane.candidates,
        Style(),
        Wording(),
        width=1000,
        height=70,
        drawn=lane.drawn,
        below=lane.below.number,
        share=lane.share,
        number=replace(lane.share, value=0.5),
    )
    assert ribbon.pieces.width == pytest.approx(Style().px(1000), rel=1e-3)

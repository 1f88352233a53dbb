"""Loop 11: which heads are drawn, what they weigh and lend, and the answer's place in the same layers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model_trace.trace import Trace, TraceError
from scenes.s11_attention.transcript import words
from scenes.style import Style
from scenes.wording import Wording
from tests.loops import content, play


@pytest.fixture(scope="module")
def trace(by_need: dict[str, Trace]) -> Trace:
    return by_need["attention"]


def test_the_two_strongest_weights_on_earlier_tokens_are_drawn(trace: Trace) -> None:
    said = content("11", trace)
    asker = trace.prompt_length - 1
    row = trace.values("generation/attn_pattern", (slice(None), slice(None), asker, slice(1, asker)))
    best = np.sort(row.reshape(-1, asker - 1).max(axis=0))[::-1][:2]
    drawn = [head.weight.number for head in said.heads]
    assert sorted(drawn, reverse=True) == pytest.approx(best.tolist())
    assert [head.layer for head in said.heads] == sorted(head.layer for head in said.heads)


def test_a_heads_weight_is_that_of_the_token_it_looks_at(trace: Trace) -> None:
    said = content("11", trace)
    for head in said.heads:
        pattern = trace.values("generation/attn_pattern", (head.layer - 1, head.head - 1, said.positions[-1]))
        assert head.weight.number == pytest.approx(pattern[said.positions[head.key]])


def test_the_answer_rides_on_the_head_of_its_curve(trace: Trace) -> None:
    scene: Any = play("11", content("11", trace), lambda scene: None, story=False)[0]
    curve, rider = scene.curve, scene.rider.copy()
    for number in range(len(curve.parts)):
        heads, ride = curve.heads(number), curve.ride(rider, number)
        ride.begin()
        for place, head in enumerate(heads):
            ride.interpolate(place / (len(heads) - 1))
            assert np.abs(rider.get_center() - curve.seat(rider, head)).max() < Style().px(1)
    assert np.allclose(rider.get_center(), scene.rider.get_center())


def test_the_values_are_those_of_the_key_value_head_that_the_head_shares(trace: Trace) -> None:
    said = content("11", trace)
    for head in said.heads:
        shared = (head.head - 1) * trace.model.key_value_heads // trace.model.heads
        (source,) = head.values.origin.sources
        assert source.tensor == "generation/v"
        assert source.index[:3] == (head.layer - 1, said.positions[head.key], shared)


def test_of_a_long_prompt_what_is_looked_at_is_drawn(trace: Trace) -> None:
    said = content("11", trace)
    assert said.positions[-1] == trace.prompt_length - 1
    assert list(said.positions) == sorted(set(said.positions))
    assert len(said.positions) == (trace.prompt_length if trace.prompt_length <= 6 else 5)
    assert 0 in said.positions


def test_a_prompt_of_two_tokens_is_refused(traces: dict[int, Trace]) -> None:
    with pytest.raises(TraceError, match="at least three tokens"):
        content("11", traces[1])


def test_the_finding_is_of_the_layer_in_which_the_answer_came_nearer(trace: Trace) -> None:
    said = content("11", trace)
    early, late = (head.layer for head in said.heads)

    def moved(layer: int) -> Any:
        places = [1000 if depth < layer else 10 for depth in range(len(said.places))]
        return replace(
            said,
            places=tuple(replace(each, value=place) for each, place in zip(said.places, places, strict=True)),
        )

    for layer in {early, late}:
        finding = words(moved(layer), Wording()).finding
        assert finding.startswith(f"In layer {layer} ")
        assert "from rank 1,000 to rank 10" in finding
    assert words(moved(10**6), Wording()).finding == ""

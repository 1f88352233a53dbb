"""Loop 11: which heads are drawn, what they weigh and lend, and the answer's place in the same layers."""

from __future__ import annotations

from collections.abc import Callable
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


def test_the_last_sentence_is_that_of_the_recorded_curve(trace: Trace) -> None:
    said = content("11", trace)
    early, late = (head.layer for head in said.heads)
    said = replace(said, heads=(said.heads[0], replace(said.heads[1], layer=late + (early == late))))
    late += early == late

    def told(place: Callable[[int], int]) -> list[str]:
        values = [place(depth) for depth in range(len(said.places))]
        places = [replace(each, value=value) for each, value in zip(said.places, values, strict=True)]
        scene: Any = play("11", replace(said, places=tuple(places)), lambda scene: None, story=False)[0]
        return [str(sentence) for sentence in scene._sentences()]

    climbing = told(lambda depth: 1000 if depth < late else 3)
    assert climbing[-1].endswith("climbs to 3rd")
    assert any(sentence.endswith("is still far down") for sentence in climbing)
    for place in (
        lambda depth: 1000 if depth < early else 3,
        lambda depth: 1000 if depth != late else 3,
        lambda depth: 3,
    ):
        assert told(place)[-1] == "Earlier words lend what the next one needs"
    assert not any("far down" in sentence for sentence in told(lambda depth: 3))


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

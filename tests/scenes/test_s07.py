"""Loop 07: what is said of the answer's way up is true of its places; each number stands beside its bar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model_trace.trace import Trace
from scenes.frame import NARROW, WIDE, Frame
from scenes.style import Style
from tests.loops import content, play

Sentences = list[str]
_RISE = (2000,) * 23 + (396, 92, 113, 34, 7, 3, 1)  # of places, layer by layer


def with_places(said: Any, places: Sequence[int]) -> Any:
    depths = zip(said.depths, places, strict=False)
    return replace(
        said,
        depths=tuple(replace(depth, place=replace(depth.place, value=place)) for depth, place in depths),
    )


def sentences(said: Any) -> Sentences:
    scene = play("07", said, lambda scene: None, story=False)[0]
    return [" ".join(line.text for line in each.lines) for each in scene.heading.sentences]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        (
            (2000, 3000, 40, 1),
            (
                "So far, “Paris” is far down the list",
                "Higher up, “Paris” climbs the list",
                "Only the upper layers lift “Paris” to the top",
            ),
        ),
        (
            (2000, 30, 2, 1),
            (
                "So far, “Paris” is far down the list",
                "Higher up, “Paris” climbs the list",
                "Layer by layer, “Paris” rises to the top",
            ),
        ),
        (
            (5, 300, 20, 13),
            (
                "The longer the bar, the higher “Paris”",
                "Higher up, “Paris” climbs the list",
                "In the end, “Paris” is number 13",
            ),
        ),
        (
            (1, 1, 1),
            (
                "The longer the bar, the higher “Paris”",
                "Layer by layer, the numbers change",
                "In the end, “Paris” is number 1",
            ),
        ),
        (
            (20, 30, 500),
            (
                "So far, “Paris” is far down the list",
                "Layer by layer, the numbers change",
                "In the end, “Paris” is number 500",
            ),
        ),
    ],
)
def test_the_sentences_are_true_of_the_places(
    places: tuple[int, ...], expected: tuple[str, ...], traces: dict[int, Trace]
) -> None:
    said = content("07", traces[6])
    said = replace(said, answer=replace(said.answer, shown=replace(said.answer.shown, value=" Paris")))
    assert tuple(sentences(with_places(said, places))[2:]) == expected


@pytest.mark.parametrize("text", [",", "\n", "a" * 60])
def test_an_answer_that_reads_badly_is_not_named(text: str, traces: dict[int, Trace]) -> None:
    said = content("07", traces[6])
    said = replace(said, answer=replace(said.answer, shown=replace(said.answer.shown, value=text)))
    assert all("the answer" in each for each in sentences(with_places(said, (2000, 3000, 40, 1)))[2:])


def test_at_each_stop_the_number_is_that_of_the_layer_where_the_vector_is(traces: dict[int, Trace]) -> None:
    def stop(scene: Any) -> tuple[int, int] | None:
        if scene.count not in scene.mobjects:
            return None
        here = int(np.argmin([abs(slab.get_y() - scene.climber.get_y()) for slab in scene.stack.slabs]))
        number = scene.bars.labels[here]
        assert len(scene.count.points) == len(number.points)
        assert np.allclose(scene.count.points, number.points)
        assert scene.count.get_left()[0] > scene.bars.bars[here].get_right()[0]
        return here, scene.turn

    said = with_places(content("07", traces[6]), _RISE)
    scene, found = play("07", said, lambda scene: stop(scene) if hasattr(scene, "count") else None)
    assert [each[0] for each in found if each] == [0, scene.turn - 1, scene.turn]


def test_the_best_guess_stays_in_one_place_and_becomes_the_answer(traces: dict[int, Trace]) -> None:
    said = with_places(content("07", traces[6]), _RISE)
    guess = said.answer.shown
    words = ["a"] * 5 + ["the", "of"] * 12
    depths = tuple(
        replace(depth, guess=replace(guess, value=word))
        for depth, word in zip(said.depths, words, strict=False)
    )
    said = replace(said, depths=(*depths, replace(said.depths[-1], guess=None)))

    def seen(scene: Any) -> tuple[float, float] | None:
        if not hasattr(scene, "guess") or scene.guess not in scene.mobjects:
            return None
        chip = scene.guess
        here = int(np.argmin([abs(slab.get_y() - scene.climber.get_y()) for slab in scene.stack.slabs]))
        assert chip is scene.guesses[here]
        return round(float(chip.get_left()[0]), 6), round(float(chip.get_y()), 6)

    scene, found = play("07", said, seen)
    stood = [each for each in found if each]
    assert len(stood) == 3
    assert len(set(stood)) == 1
    assert scene.guesses[-1].get_center() == pytest.approx(scene.answer.get_center())
    assert scene.guess not in scene.mobjects


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_the_line_at_the_first_place_goes_through_no_number(frame: Frame, traces: dict[int, Trace]) -> None:
    said = with_places(content("07", traces[6]), _RISE)
    style = replace(Style(), frame=frame)
    bars = play("07", said, lambda scene: None, story=False, style=style)[0].bars
    line = bars.scale_below[0].get_x()
    for label in bars.labels:
        assert not label.get_left()[0] <= line <= label.get_right()[0]

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
from scenes.wording import Wording
from tests.loops import content, play
from tests.scenes.boxes import covered, outside

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


def test_at_each_stop_the_large_place_is_that_of_the_layer_where_the_vector_is(
    traces: dict[int, Trace],
) -> None:
    def stop(scene: Any) -> tuple[int, tuple[float, float]] | None:
        if scene.count not in scene.mobjects:
            return None
        here = int(np.argmin([abs(slab.get_y() - scene.climber.get_y()) for slab in scene.stack.slabs]))
        assert scene.standings[here].text == Wording().ordinal(_RISE[here])
        assert np.allclose(scene.count.points, scene.standings[here].points)
        return here, (round(float(scene.count.get_left()[0]), 2), round(float(scene.count.line[0]), 4))

    said = with_places(content("07", traces[6]), _RISE)
    scene, found = play("07", said, lambda scene: stop(scene) if hasattr(scene, "count") else None)
    assert [each[0] for each in found if each] == [0, scene.turn - 1, scene.turn]
    assert len({each[1][1] for each in found if each}) == 1
    assert scene.standings[-1] in scene.result


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_a_space_is_called_so_and_the_largest_place_has_room(frame: Frame, traces: dict[int, Trace]) -> None:
    said = with_places(content("07", traces[6]), (49152,) * 30)
    space = replace(said.answer.shown, value=" ")
    said = replace(said, depths=tuple(replace(depth, guess=space) for depth in said.depths))
    style = replace(Style(), frame=frame)
    scene, found = play(
        "07",
        said,
        lambda scene: [part.copy() for part in scene.mobjects if part is not scene.wall],
        style=style,
    )
    assert all(guess.letters.text == "(space)" for guess in scene.guesses)
    assert not any(covered(stage) or outside(stage, frame) for stage in found)


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

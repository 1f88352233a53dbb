"""Loop 02: the same example asked of the untrained twin and of the trained model."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from manim import UP

from model_trace.trace import Trace
from scenes import facts
from scenes.parts.model_box import ModelBox
from scenes.parts.reading import Reading
from scenes.s02_training_language_model.content import Content, content
from scenes.style import Style
from scenes.wording import Wording
from tests.loops import play


def test_the_example_is_the_trainings_own(training: Trace) -> None:
    said = content(training)
    *features, label = (piece.text for piece in said.example)
    assert features == [token.text for token in training.training.features]
    assert label == training.training.label.text


def test_of_an_improbable_word_the_place_is_told(training: Trace) -> None:
    said = content(training)
    assert said.vocabulary.number == training.model.vocabulary
    for rows, prefix in ((said.untrained, "untrained"), (said.trained, "trained")):
        for number, row in enumerate(rows):
            if row.probability.number >= 0.01:
                assert row.place is None
                continue
            rank = float(training.values(f"{prefix}/next_rank", (0,)))
            assert row.place is not None
            assert row.place.number == (rank if row.chosen else number + 1)


def test_one_model_goes_from_the_left_through_the_chamber_to_the_right(training: Trace) -> None:
    def solid(scene: Any) -> list[float]:
        """Where the filled boxes stand, from left to right."""
        boxes = [part for part in scene.mobjects if isinstance(part, ModelBox)]
        return sorted(float(each.get_x()) for each in boxes if each.box.fill_opacity)

    scene, stages = play("02", content(training), solid)
    assert all(len(stage) == 1 for stage in stages)
    places = [stage[0] for stage in stages]
    assert places[1:] == sorted(places[1:])
    assert places[1] < scene.chamber.room.get_left()[0]
    assert places[-1] == places[0] > scene.chamber.room.get_right()[0]


def test_all_lines_are_read_and_stand_as_they_did() -> None:
    reading = Reading(["one", "two", "three", "four"], Style(), seen=2, pitch=50, width=300)
    before = [line.get_center() for line in reading.lines]
    stream = reading.stream(before[0] + Style.px(100) * UP, run_time=1.0)
    stream.begin()
    seen: set[str] = set()
    for alpha in np.linspace(0, 1, 41):
        stream.interpolate(alpha)
        inside = [line for line in reading.lines if line.get_y() > before[0][1] + 0.01]
        seen |= {line.text for line in inside}
        assert len(inside) <= 1
    assert seen == {"one", "two", "three", "four"}
    stream.interpolate(1)
    assert np.allclose(before[:2], [line.get_center() for line in reading.lines[:2]])


@pytest.mark.parametrize("prefix", ["untrained", "trained"])
def test_guesses_are_that_models(prefix: str, training: Trace) -> None:
    rows = getattr(content(training), prefix)
    label = training.training.label
    assert len(rows) == 3
    assert [row.token.text for row in rows if row.chosen] == [label.text]
    shown = {row.token.text: row.probability.number for row in rows}
    assert shown[label.text] == pytest.approx(float(training.values(f"{prefix}/next_probability", 0)))
    likeliest = training.values(f"{prefix}/top_probabilities", 0)[:2]
    assert np.allclose([row.probability.number for row in rows[:2]], likeliest)


def test_a_correct_guess_keeps_its_place(training: Trace) -> None:
    """Where the correct word is among the likeliest, it is not listed twice."""
    ids = training.values("trained/top_ids").copy()
    ids[0, 1] = training.training.label.id
    rows = content(replace(training, tensors={**training.tensors, "trained/top_ids": ids})).trained
    assert [row.chosen for row in rows] == [False, True, False]
    assert np.allclose(
        [row.probability.number for row in rows], training.values("trained/top_probabilities", 0)[:3]
    )


def test_a_traced_models_own_training_is_not_known(training: Trace) -> None:
    assert content(training).pretraining == facts.GPT3.pretraining
    assert content(training, subject=facts.traced(training)).pretraining is None


def told(said: Content) -> list[str]:
    """The sentences of the heading."""
    scene, _ = play("02", said, lambda scene: None, story=False)
    return [" ".join(line.text for line in sentence) for sentence in scene.heading.sentences]


def test_the_heading_says_what_became_of_the_correct_word(training: Trace) -> None:
    said = content(training)
    other, label = (next(row for row in said.trained if row.chosen is chosen) for chosen in (False, True))
    low, high = (replace(label, probability=replace(label.probability, value=each)) for each in (0.0, 0.4))
    for rows, outcome in (
        ((high, other), "Now the right word comes first"),
        ((other, high), "The trained model guesses better"),
        ((other, low), "The trained model guesses differently"),
    ):
        assert told(replace(said, trained=rows))[-1] == outcome


def test_figures_of_a_training_are_told_where_they_are_published(training: Trace) -> None:
    known = told(content(training))
    assert any("300 billion tokens" in sentence for sentence in known)
    assert any("4.6 million dollars" in sentence for sentence in known)
    traced = told(content(training, subject=facts.traced(training)))
    assert not any("billion" in sentence or "dollars" in sentence for sentence in traced)


def test_the_correct_words_place_before_the_training_is_told_where_it_is_far_from_the_first(
    training: Trace,
) -> None:
    said = content(training)
    label = next(row for row in said.untrained if row.chosen)
    assert label.place is not None
    assert told(said)[1] == (
        f"The right word comes {Wording().ordinal(label.place)} of {Wording().integer(said.vocabulary)}"
    )
    near = tuple(replace(row, place=None) for row in said.untrained)
    assert not any("right word comes" in sentence for sentence in told(replace(said, untrained=near))[:-1])

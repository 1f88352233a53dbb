"""Loop 10: the recorded change on its own scale, the recorded error whatever it does, the fixed probe."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from manim import Mobject

from model_trace.trace import Trace
from scenes.s10_fine_tuning.content import Content, content
from scenes.s10_fine_tuning.transcript import words
from scenes.style import Style
from scenes.traced_value import Recorded
from scenes.wording import Wording
from tests.scenes.boxes import Box, box
from tests.scenes.test_layout import rests


def test_full_colour_is_the_blocks_largest_value(fine_tuning: Trace) -> None:
    said = content(fine_tuning)
    for shown, name in ((said.before, "block_before"), (said.change, "block_change")):
        block = fine_tuning.values(f"fine_tuning/{name}")
        assert np.array_equal(shown.values.numbers, block.astype(float).ravel())
        assert shown.columns == block.shape[1]
        assert shown.largest.number == np.abs(block).max()


def test_the_error_is_shown_as_it_went(fine_tuning: Trace) -> None:
    said = content(fine_tuning)
    errors = fine_tuning.values("fine_tuning/held_out_loss")
    assert np.array_equal(said.errors.numbers, errors.astype(float))
    assert said.first_error.number == errors[0] and said.last_error.number == errors[-1]
    assert said.steps.number == len(errors) - 1 == len(fine_tuning.fine_tuning.batches)


def test_the_answers_are_the_first_held_out_words(fine_tuning: Trace) -> None:
    said, probe = content(fine_tuning), fine_tuning.fine_tuning.answers[0]
    assert [said.word.text, said.answer_before.text, said.answer_after.text, said.expected.text] == [
        probe.english,
        probe.before,
        probe.after,
        probe.expected,
    ]
    assert isinstance(said.expected.shown.origin, Recorded)
    assert said.expected.shown.origin.sources[0].tensor == "fine_tuning.answers.expected"


def played(said: Content, *, story: bool = True) -> tuple[Any, list[list[Mobject]]]:
    """Loop 10, and what stands on stage at each rest."""
    return rests("10", said, story=story)


@pytest.mark.parametrize(
    ("after", "errors"),
    [
        ("", (2.0, 1.0)),
        ("a very long answer, longer than its room\nand of two lines", (1.0, 4.0, 0.5)),
        ("🤖 été", tuple(3 - place / 20 for place in range(30))),
    ],
)
def test_any_outcome_fits(after: str, errors: tuple[float, ...], fine_tuning: Trace) -> None:
    said = content(fine_tuning)
    answer = replace(said.answer_after, shown=replace(said.answer_after.shown, value=after))
    said = replace(said, answer_after=answer, errors=replace(said.errors, value=errors))
    scene, stages = played(said)
    assert scene.beats[-1].end <= 12
    chamber: Box = box(scene.chamber.room, "chamber")
    row = scene.rows[-1]
    for mobject in (row.asked, row.answer, row.sign, row.tally, scene.chart):
        found = box(mobject, "beside the model")
        assert chamber.left < found.left and found.right < chamber.right
    first, last = (box(scene.chart.first, "first"), box(scene.chart.last, "last"))
    assert not first.overlaps(last)
    assert stages


def counted(fine_tuning: Trace, before: int, after: int) -> Content:
    """The content of a recording in which so many phrases are right."""
    right = np.array([before, after], np.int32)
    return content(replace(fine_tuning, tensors={**fine_tuning.tensors, "fine_tuning/right": right}))


def test_as_many_cells_are_filled_as_phrases_are_right(fine_tuning: Trace) -> None:
    said = counted(fine_tuning, 0, 1)
    count = len(fine_tuning.fine_tuning.answers)
    assert said.held_out.number == count
    scene, _ = played(said, story=False)
    filled = []
    for row in scene.rows:
        tally, text = row.tally
        assert len(tally.cells) == count == len(row.blank)
        teal = str(Style().palette.tuning_text)
        filled.append(sum(str(cell[0].fill_color) == teal for cell in tally.cells))
        assert text.text == f"{filled[-1]} of {count} right"
    assert filled == [0, 1]
    assert f"0 of {count} unseen phrases are right, after it 1" in words(said, Wording()).finding


def test_a_recording_without_counts_shows_none(fine_tuning: Trace) -> None:
    tensors = {name: array for name, array in fine_tuning.tensors.items() if name != "fine_tuning/right"}
    said = content(replace(fine_tuning, tensors=tensors))
    scene, stages = played(said)
    assert stages and not any(len(row.tally) for row in scene.rows)
    assert words(said, Wording()).finding == ""


def test_examples_are_pairs_that_were_trained_on(fine_tuning: Trace) -> None:
    trained = {
        (pair.english, pair.french) for pair in fine_tuning.fine_tuning.pairs if pair.use != "held out"
    }
    pairs = [(pair.english.text, pair.french.text) for pair in content(fine_tuning).pairs]
    assert pairs and set(pairs) <= trained and len(set(pairs)) == len(pairs)


def test_the_change_is_told_in_parts_of_the_weights(fine_tuning: Trace) -> None:
    said = content(fine_tuning)
    assert said.smaller.number == said.before.largest.number / said.change.largest.number


def test_the_right_answer_is_told_where_it_was_not_given(fine_tuning: Trace) -> None:
    said = content(fine_tuning)
    for after, told in (("xyz", True), (said.expected.text, False)):
        answer = replace(said.answer_after, shown=replace(said.answer_after.shown, value=after))
        scene, _ = played(replace(said, answer_after=answer), story=False)
        text = [line.text for words in scene.correct for line in words.lines]
        assert any("correct:" in line for line in text) is told


@pytest.mark.parametrize("right", [True, False])
def test_an_answer_is_ticked_where_it_is_the_expected_one(right: bool, fine_tuning: Trace) -> None:
    said = content(fine_tuning)
    value = said.expected.text if right else said.expected.text + "x"
    answer = replace(said.answer_after, shown=replace(said.answer_after.shown, value=value))
    scene, _ = played(replace(said, answer_after=answer), story=False)
    sign = scene.rows[-1].sign
    palette = Style().palette
    assert str(sign.stroke_color) == (palette.tuning_text if right else palette.error)


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.00056654, "0.00057"),
        (0.546875, "0.55"),
        (0.999, "1.0"),
        (0, "0.0"),
        (-0.012, "−0.012"),
        (12.3, "12"),
    ],
)
def test_two_significant_digits(value: float, printed: str) -> None:
    assert Wording().significant(value) == printed

"""Loop 10: the recorded change on its own scale, the recorded error whatever it does, the fixed probe."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model_trace.trace import Trace
from scenes.s10_fine_tuning.content import content
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
    scene, stages = rests("10", said)
    assert scene.beats[-1].end <= 12
    chamber: Box = box(scene.chamber.room, "chamber")  # type: ignore[attr-defined]
    for mobject in (*scene.rows, scene.chart):  # type: ignore[attr-defined]
        found = box(mobject, "beside the model")
        assert chamber.left < found.left and found.right < chamber.right
    first, last = (box(scene.chart.first, "first"), box(scene.chart.last, "last"))  # type: ignore[attr-defined]
    assert not first.overlaps(last)
    assert stages


def test_values_are_called_better_only_if_the_error_fell(fine_tuning: Trace) -> None:
    said = content(fine_tuning)
    low, high = (replace(said.first_error, value=value) for value in (1.0, 2.0))
    for first, last, words in ((high, low, "better values"), (low, high, "other values")):
        scene, _ = rests("10", replace(said, first_error=first, last_error=last))
        assert scene.better.text.startswith(words)  # type: ignore[attr-defined]


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

"""The token that comes out is shown in full, whatever is narrow below it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from model_trace.trace import Trace
from scenes.parts.token import TokenChip, TokenText
from scenes.style import Style
from scenes.traced_value import Recorded, TracedValue
from tests.loops import content, play
from tests.scenes.boxes import covered, outside, too_small

LONG = ("understanding", " Mississippi", "counterrevolutionary")


def faults(scene: Any) -> list[Any]:
    stage = scene.mobjects
    return [*outside(stage), *covered(stage), *too_small(stage)]


def drawn_in_full(chip: TokenChip, text: str) -> bool:
    whole = TokenText(TracedValue(text, "text", Recorded(())), Style())
    return abs(chip.letters.width - whole.width) < 1e-6


def answered(said: Any, word: str) -> Any:
    return replace(said, answer=replace(said.answer, shown=replace(said.answer.shown, value=word)))


@pytest.mark.parametrize("size", [1, 6, 20, 60])
@pytest.mark.parametrize("word", LONG)
def test_the_answer_comes_out_in_full_over_its_place(size: int, word: str, traces: dict[int, Trace]) -> None:
    scene, found = play("05", answered(content("05", traces[size]), word), faults, story=False)
    assert not any(found)
    assert drawn_in_full(scene.said, word)
    left, right = scene.said.get_left()[0], scene.said.get_right()[0]
    assert left <= scene.inputs[-1].get_x() <= right


@pytest.mark.parametrize("word", LONG)
def test_the_chosen_token_stands_in_full_beside_its_bar(word: str, traces: dict[int, Trace]) -> None:
    said = content("04", traces[6])
    step = said.steps[1]
    rows = tuple(
        replace(row, token=replace(row.token, value=word)) if row.chosen else row for row in step.candidates
    )
    chosen = replace(step.chosen, shown=replace(step.chosen.shown, value=word))
    steps = (said.steps[0], replace(step, candidates=rows, chosen=chosen), *said.steps[2:])
    scene, found = play("04", replace(said, steps=steps), faults)
    assert not any(found)
    chip = next(row[0] for row, each in zip(scene.lit[1], rows, strict=True) if each.chosen)
    assert isinstance(chip, TokenChip)
    assert drawn_in_full(chip, word)
    full = {round(bars[0][1].width / max(row.candidates[0].probability.number, 0.05), 3)
            for bars, row in zip(scene.lit, steps, strict=True)
            if row.candidates[0].probability.number > 0.05}  # fmt: skip
    assert len(full) == 1, "all steps have one scale"

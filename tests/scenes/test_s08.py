"""Loop 08: how likely the answers were."""

from __future__ import annotations

import pytest

from model_trace.trace import Trace
from scenes.parts.label import Label
from scenes.parts.token import TokenChip
from scenes.wording import Wording
from tests.loops import content, play
from tests.scenes.test_layout import drawn, rests


def test_each_answer_has_the_probability_recorded_before_it(given: Trace) -> None:
    said = content("08", given)
    for place, piece in enumerate(said.answers):
        row = given.prompt_length + place - 1
        assert piece.probability is not None
        assert piece.probability.number == pytest.approx(
            float(given.values("generation/next_probability", (row,)))
        )
        assert piece.probability.origin.sources[0].index == (row,)


def test_the_probabilities_are_printed(given: Trace) -> None:
    said = content("08", given)
    stages = rests("08", said)[1]
    texts = {member.text for member in drawn(stages[-1]) if isinstance(member, Label)}
    for piece in said.answers:
        assert Wording().percent(piece.probability.number) in texts


@pytest.mark.parametrize("length", [1, 20])
def test_the_space_mark_is_explained_where_one_is_drawn(traces: dict[int, Trace], length: int) -> None:
    members = drawn(rests("08", content("08", traces[length]))[1][-1])
    marked = any(" " in member.piece.text for member in members if isinstance(member, TokenChip))
    explained = any(member.text.startswith("space") for member in members if isinstance(member, Label))
    assert explained == marked


@pytest.mark.parametrize("length", [6, 20, 60])
def test_all_columns_are_of_one_width(traces: dict[int, Trace], length: int) -> None:
    scene = play("08", content("08", traces[length]), lambda _: None, story=False)[0]
    widths = {round(float(column.width), 3) for column in scene.columns.values()}
    assert len(widths) == 1


def test_what_the_last_token_looks_at_most_carries_a_label(traces: dict[int, Trace]) -> None:
    said = content("08", traces[60])
    scene = play("08", said, lambda _: None, story=False)[0]
    weights = said.attention.numbers
    most = max(range(1, len(weights)), key=lambda place: weights[place])
    chips = [chip for chip in scene.given if isinstance(chip, TokenChip)]
    assert any(chip.piece is said.tokens[most] for chip in chips)


def test_outputs_before_the_prompts_end_are_the_best_guesses(traces: dict[int, Trace]) -> None:
    trace = traces[6]
    said = content("08", trace)
    assert len(said.unheard) == trace.prompt_length - 1
    for row, shown in enumerate(said.unheard):
        assert trace.pieces[int(trace.values("generation/top_ids", (row, 0)))] == shown.text.encode()

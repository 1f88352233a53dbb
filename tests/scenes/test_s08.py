"""Loop 08: how likely the answers were."""

from __future__ import annotations

import pytest

from model_trace.trace import Trace
from scenes.parts.label import Label
from scenes.parts.token import TokenChip
from scenes.wording import Wording
from tests.loops import content
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

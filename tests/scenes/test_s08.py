"""Loop 08: how likely the answers were, which guesses count, what the last token looks at."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model_trace.trace import Trace
from scenes.attention import LEAST_DRAWN
from scenes.frame import NARROW
from scenes.parts.label import Label
from scenes.parts.layer_column import LayerColumn
from scenes.parts.token import TokenChip
from scenes.style import Style
from scenes.wording import Wording
from tests.loops import changed, content, play
from tests.scenes.boxes import covered
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


def test_the_other_guesses_come_out_and_are_left_out(traces: dict[int, Trace]) -> None:
    def above(scene: Any) -> list[str]:
        """What stands on pink chips over the columns."""
        top = scene.style.at(0, scene.places.top)[1]
        pink = scene.style.palette.output_fill
        parts = [part for mobject in scene.mobjects for part in mobject.get_family()]
        chips = [part for part in parts if isinstance(part, TokenChip) and part.get_y() > top]
        chips = [chip for chip in chips if chip.box.fill_opacity and chip.box.fill_color.to_hex() == pink]
        return [chip.piece.text for chip in sorted(chips, key=lambda chip: float(chip.get_x()))]

    said = content("08", traces[6])
    scene, found = play("08", said, above)
    guesses = [said.unheard[place].text for place in sorted(scene.guesses)]
    answers = [piece.text for piece in said.answers]
    assert len(guesses) > 1
    # finished; the question; the guesses; grey; the answer; finished
    assert found == [answers[1:], [], guesses, [], answers[:1], answers[1:]]
    assert len(scene.passed) == len(guesses)


def test_what_the_last_token_looks_at_is_where_the_arches_end(traces: dict[int, Trace]) -> None:
    said = content("08", traces[6])
    scene, stages = play("08", said, lambda scene: scene.arches in scene.mobjects)
    chips = {chip.piece.text: chip for chip in scene.given}
    weights = said.attention.numbers
    looked = [place for place, weight in enumerate(weights) if place and weight >= LEAST_DRAWN]
    arches, meaning = scene.arches
    assert len(arches) == len(looked)
    for arch, place in zip(arches, reversed(looked), strict=True):
        end, chip = arch.get_end(), chips[said.tokens[place].text]
        assert chip.get_left()[0] < end[0] < chip.get_right()[0]
        assert end[1] < chip.get_bottom()[1]
    widths = [arch.stroke_width for arch in arches]
    strongest = max(looked, key=lambda place: weights[place])
    assert widths.index(max(widths)) == [*reversed(looked)].index(strongest)
    assert bool(meaning) == (len(looked) > 1)
    # in the finished picture, and in the question no more
    assert [stages[0], stages[1], stages[-1]] == [True, False, True]


def test_the_light_leaves_lit_layers_behind_it(traces: dict[int, Trace]) -> None:
    said = content("08", traces[6])
    column = LayerColumn(said.updates[1], Style(), width=1, height=4)
    lit = []
    climb = column.climb()
    climb.begin()
    for time in (0, 0.25, 0.5, 0.75, 1):
        climb.interpolate(time)
        lit.append(len(column.lit.points))
        assert bool(len(column.light.points)) == (0 < time < 1)
    assert lit == sorted(lit)
    assert lit[0] == 0
    assert lit[-1] == len(column.dark.points)


def test_the_light_is_as_strong_as_the_layers_changed_the_vector(traces: dict[int, Trace]) -> None:
    def half_way(trace: Trace) -> tuple[list[float], Any]:
        scene, _ = play("08", content("08", trace), lambda scene: None, story=False)
        column = scene.columns[2]
        climb = column.climb()
        climb.begin()
        climb.interpolate(0.5)
        return column.strengths, column.light.get_fill_rgbas()

    trace = traces[6]
    strengths, light = half_way(trace)
    before, after = (trace.values(f"generation/resid_{name}", (slice(None), 2)) for name in ("pre", "post"))
    assert strengths == pytest.approx(np.linalg.norm(after - before, axis=1) / np.linalg.norm(before, axis=1))
    weaker, dimmed = half_way(changed(trace, "generation/resid_post", (slice(None),)))
    assert weaker != strengths
    assert not np.allclose(light, dimmed)


def test_a_given_text_is_not_called_a_guess(traces: dict[int, Trace], given: Trace) -> None:
    def words(trace: Trace) -> str:
        found = rests("08", content("08", trace))[1]
        return " ".join(
            member.text for stage in found for member in drawn(stage) if isinstance(member, Label)
        )

    assert "guess counts" in words(traces[6])
    assert "output counts" in words(given)
    assert not re.search("guess|writes", words(given))


def test_a_templates_long_names_stand_clear_in_the_narrow_cut(traces: dict[int, Trace]) -> None:
    trace = traces[60]
    tokens = [
        replace(token, role="template") if token.role == "prompt" and place not in (30, 31) else token
        for place, token in enumerate(trace.tokens)
    ]
    said = content("08", replace(trace, tokens=tuple(tokens)))
    style = replace(Style(), frame=NARROW)
    (found,) = play("08", said, lambda scene: covered(scene.mobjects), style=style, story=False)[1]
    assert not found

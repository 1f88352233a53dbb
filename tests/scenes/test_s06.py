"""Loop 06: the whole prompt is read, and the answer ends right after it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from model_trace.trace import Trace
from scenes.frame import NARROW, WIDE, Frame
from scenes.parts.vector import shade
from scenes.style import Style
from tests.loops import content, play


def still(said: Any, frame: Frame = WIDE) -> Any:
    return play("06", said, lambda scene: None, story=False, style=replace(Style(), frame=frame))[0]


def last_sentence(said: Any) -> str:
    return " ".join(line.text for line in still(said).heading.sentences[-1].lines)


@pytest.mark.parametrize("size", [1, 6, 60])
@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_the_answer_stands_right_after_the_prompt(size: int, frame: Frame, traces: dict[int, Trace]) -> None:
    scene = still(content("06", traces[size]), frame)
    word, answer = scene.word, scene.answer
    if answer.get_y() == pytest.approx(word.get_y()):
        assert 0 < answer.get_left()[0] - word.get_right()[0] < word.height
    else:  # as the next line of a text
        assert answer.get_left()[0] == pytest.approx(scene.style.at(frame.margin, 0)[0])
        assert 0 < word.get_bottom()[1] - answer.get_top()[1] < word.height


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_a_way_leads_from_the_earlier_tokens_into_the_box(frame: Frame, traces: dict[int, Trace]) -> None:
    scene = still(content("06", traces[6]), frame)
    if frame is WIDE:
        assert len(scene.earlier) == traces[6].prompt_length - 1
    line, ways = scene.gathered
    assert len(ways) == len(scene.earlier)
    assert 0 < scene.box.get_bottom()[1] - line.get_top()[1] < scene.style.px(20)
    # it goes up beside the vector, not over it
    assert line[1].get_right()[0] < scene.entry.get_left()[0]


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_a_way_leads_from_the_result_to_every_score(frame: Frame, traces: dict[int, Trace]) -> None:
    said = content("06", traces[6])
    scene = still(said, frame)
    assert len(scene.leads) == len(said.scores) + 1
    assert said.others.number == said.vocabulary.number - len(said.scores)
    for way, name in zip(scene.leads, scene.bars.names, strict=True):
        assert 0 < name.get_left()[0] - way.get_right()[0] < scene.style.px(20)
        assert way.get_top()[1] == pytest.approx(name.get_y(), abs=scene.style.px(30))


def test_the_first_vector_keeps_its_colours(traces: dict[int, Trace]) -> None:
    def colours(scene: Any) -> list[Any]:
        stage = {id(part) for each in scene.mobjects for part in each.get_family()}
        return [(cell.get_fill_color(), cell.get_fill_opacity()) for cell in scene.entry if id(cell) in stage]

    end, question, *story = play("06", content("06", traces[6]), colours)[1]
    assert end and not question
    assert [each for each in story if each][-2:] == [end, end]


def test_one_token_has_none_before_it(traces: dict[int, Trace]) -> None:
    said = content("06", traces[6])
    scene = still(replace(said, prompt=said.prompt[-1:]))
    assert not len(scene.gathered)
    assert "before" not in " ".join(line.text for each in scene.heading.sentences for line in each.lines)


def test_the_highest_score_is_the_next_token_only_where_it_is(traces: dict[int, Trace]) -> None:
    said = content("06", traces[6])
    assert last_sentence(replace(said, first=True)) == "The highest score is the next token"
    assert last_sentence(replace(said, first=False)) == "The higher the score, the likelier it is"


def test_the_narrow_frames_prompt_ends_with_the_answer(traces: dict[int, Trace]) -> None:
    for size in (6, 60):
        scene = still(content("06", traces[size]), NARROW)
        assert scene.answer.get_y() == pytest.approx(scene.word.get_y())


@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_each_printed_number_becomes_a_cell_of_its_own_value(frame: Frame, traces: dict[int, Trace]) -> None:
    said = content("06", traces[6])
    scene = still(said, frame)
    colours = [cell.get_fill_color() for cell in scene.entry]
    largest = max(abs(value) for value in said.embedding.numbers[: len(colours)])
    for number, colour in zip(said.printed, colours, strict=False):
        assert colour == shade(number.number, largest, scene.style)

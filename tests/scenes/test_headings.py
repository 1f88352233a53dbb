"""Headings take a smaller type where their words are longer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from scenes.frame import NARROW
from scenes.parts.chamber import Chamber
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.style import Style

STYLE = Style()


@pytest.mark.parametrize(("words", "size"), [(3, STYLE.type.title), (8, STYLE.type.heading)])
def test_a_long_heading_steps_down(words: int, size: float) -> None:
    text = " ".join(["decoder"] * words)
    heading = Heading([text], STYLE)
    assert heading.height == pytest.approx(Label(text, size, STYLE.palette.text, weight="SEMIBOLD").height)
    assert heading.get_left()[0] == pytest.approx(STYLE.at(STYLE.margin, 0)[0])


def test_a_chambers_heading_stays_over_its_room() -> None:
    def size(heading: str) -> float:
        chamber = Chamber(heading, STYLE, width=1050, height=400, training="fine-tuning")
        return max(float(part.height) for part in chamber.get_family() if isinstance(part, Label))

    assert size("Feinabstimmung: Englisch-Deutsch") < size("Fine-tuning")


def test_a_heading_tells_its_sentences_one_at_a_time_in_one_size() -> None:
    long = "a sentence that takes smaller letters than the other one does"
    heading = Heading(["short", long], STYLE)
    assert heading.sentences[0].get_left()[0] == pytest.approx(heading.sentences[1].get_left()[0])
    assert heading.sentences[0].lines[0].height == pytest.approx(heading.sentences[1].lines[0].height)
    assert [*heading] == [heading.sentences[1]]
    assert not heading.says(1)
    assert len(heading.says(0)) == 2
    assert [*heading] == [heading.sentences[0]]
    assert heading.bottom <= heading.get_bottom()[1]


def test_a_heading_takes_as_many_lines_as_it_may() -> None:
    sentences = ["one two three four five six seven eight nine ten eleven twelve", "one"]
    narrow = replace(STYLE, frame=NARROW)
    heading = Heading(sentences, narrow, lines=2)
    assert [len(sentence.lines) for sentence in heading.sentences] == [2, 1]
    assert heading.sentences[0].width <= narrow.px(narrow.room)

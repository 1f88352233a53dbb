"""Nothing leaves the frame, covers another word or is too small, at every rest of every loop."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, replace
from itertools import pairwise
from typing import Any

import pytest
from manim import Mobject, Rectangle

from model_trace.trace import Trace
from scenes import facts
from scenes.catalogue import CATALOGUE, LOOPS
from scenes.loop import FigureScene
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.rounded import Rounded
from scenes.parts.token import TokenText
from scenes.style import Style
from scenes.traced_value import traced_values
from scenes.transcript import transcript
from scenes.wording import Wording
from tests.loops import PROMPTS, TEXT_LOOPS, content, entry, play
from tests.pseudo import Pseudo
from tests.scenes.boxes import box, covered, drawn, outside, too_small


def rests(
    number: str, said: Any, wording: Wording | None = None, *, story: bool = True
) -> tuple[FigureScene, list[list[Mobject]]]:
    """Play the loop without drawing it; what stands on stage at each rest."""
    return play(number, said, lambda scene: [part.copy() for part in scene.mobjects], wording, story=story)


LOOP_CASES = [
    *((number, size) for number in TEXT_LOOPS for size in (*PROMPTS, "given")),
    *((entry.number, entry.needs) for entry in LOOPS if entry.needs != "text"),
]
# other and longer words in place of English ones, and a traced model with a long name in place of GPT-3
_LONGER: dict[str, Wording] = {"German": Wording("de"), "longer words": Pseudo(), "longer name": Wording()}
NUMBERS = tuple(entry.number for entry in CATALOGUE)
CASES = [
    *LOOP_CASES,
    *(("f01", size) for size in (*PROMPTS, "given")),
    *((number, longer) for number in NUMBERS for longer in _LONGER),
]
# the ends of the shades' scale, in any language, which are no values
_SCALE = re.compile(r"^(0|100)\s?%$")
_NAME, _LABEL = "SmolLM2-135M-Instruct", "SmolLM2-135M-Instruct, 4-bit weights"


@pytest.fixture(scope="module")
def played(traces: dict[int, Trace], given: Trace, by_need: dict[str, Trace]) -> Any:
    kept: dict[Any, Any] = {}

    def once(number: str, size: Any) -> tuple[FigureScene, list[list[Mobject]]]:
        if (number, size) not in kept:
            if size in _LONGER:
                trace = by_need.get(entry(number).needs, traces[20])
                trace = replace(trace, model=replace(trace.model, name=_NAME, label=_LABEL))
            else:
                trace = {**traces, **by_need, "given": given}[size]
            subject = facts.traced(trace) if size == "longer name" else facts.GPT3
            said = content(number, trace, article=size in _LONGER and subject is facts.GPT3, subject=subject)
            # the longest words tell of the story too; all words of a story stand in its last picture
            story = size not in _LONGER or size == "longer words"
            kept[number, size] = rests(number, said, _LONGER.get(size), story=story)
        return kept[number, size]

    return once


@pytest.mark.parametrize(("number", "size"), CASES)
def test_all_is_inside_the_frame(number: str, size: Any, played: Any) -> None:
    for stage in played(number, size)[1]:
        assert not outside(stage)


@pytest.mark.parametrize(("number", "size"), CASES)
def test_no_word_covers_another(number: str, size: Any, played: Any) -> None:
    for stage in played(number, size)[1]:
        assert not covered(stage)


@pytest.mark.parametrize(("number", "size"), CASES)
def test_no_text_is_below_the_smallest_size(number: str, size: Any, played: Any) -> None:
    for stage in played(number, size)[1]:
        assert any(isinstance(member, Label) for member in drawn(stage))
        assert not too_small(stage)


@pytest.mark.parametrize(("number", "size"), CASES)
def test_every_measured_number_is_one_of_the_contents(number: str, size: Any, played: Any) -> None:
    """Recorded or published: the provenance, made of the same content, says where it comes from."""
    if size == "longer words":
        pytest.skip("its numbers are the English ones, its words are none")
    scene, stages = played(number, size)
    wording = _LONGER.get(size, Wording())
    values = (wording.printed(shown.value, shown.form) for _, shown in traced_values(scene.content))
    known = set(measured(filter(None, values), wording))
    assert known or number in ("f01", "f03")
    for stage in stages:
        family = [member for mobject in stage for member in mobject.get_family()]
        tokens = {part for text in family if isinstance(text, TokenText) for part in text}
        words = (member.text for member in drawn(stage) if isinstance(member, Label) and member not in tokens)
        assert set(measured(words, wording)) <= known


def measured(texts: Iterable[str], wording: Wording) -> Iterator[str]:
    """The numbers with a decimal or a percent sign: what is merely counted (steps, rows) has neither."""
    group, point = (r"\.", ",") if wording.language == "de" else (",", r"\.")
    for text in texts:
        yield from re.findall(rf"\d[\d{group}]*{point}\d+|\d+(?=\s?%)", _SCALE.sub("", text))


@pytest.mark.parametrize("number", NUMBERS)
def test_a_models_name_stands_inside_its_box_or_clear_above_it(number: str, played: Any) -> None:
    for stage in played(number, "longer name")[1]:
        boxes = [box(member, "box") for member in drawn(stage) if isinstance(member, Rounded)]
        tracks = [box(member, "track") for member in drawn(stage) if isinstance(member, Rectangle)]
        for member in drawn(stage):
            text = getattr(member, "text", "")
            # the name may take two lines
            if len(text) > 3 and (_NAME.startswith(text) or _NAME.endswith(text)):
                name = box(member, text)
                if any(around.contains(name) for around in boxes):
                    continue
                # on the box as on a shelf, over no more than its width
                on = [each for each in boxes if 0 <= name.bottom - each.top < 40]
                assert any(each.left <= name.left and name.right <= each.right for each in on), name
                assert not any(name.overlaps(track) for track in tracks), name


@pytest.mark.parametrize(("number", "size"), LOOP_CASES)
def test_the_pace_is_the_storyboards(number: str, size: Any, played: Any) -> None:
    scene = played(number, size)[0]
    pace = Style().pace
    ends = scene.beats[-1].end
    assert 6 <= ends <= 12, ends
    assert scene.beats[0].name == "clear"
    assert scene.beats[-1].name == "answer"
    assert scene.beats[-1].end - scene.beats[-1].start >= 1
    told = transcript(entry(number), scene.content, Wording(), [asdict(beat) for beat in scene.beats]).steps
    untold = {(beat.start, beat.end) for beat in scene.beats[1:-1] if beat.end > beat.start}
    assert {(step.start, step.end) for step in told} == untold
    assert [beat.start for beat in scene.beats] == sorted(beat.start for beat in scene.beats)
    for one, other in pairwise(scene.beats):
        assert one.end <= other.start + 1e-6
    for move in scene.moves[1:]:
        if move.kind == "rest":
            assert move.seconds >= pace.rest, move
        else:
            assert 0.05 <= move.seconds <= 0.8, move


@pytest.mark.parametrize("number", ["02", "05", "06", "08", "10"])
def test_our_own_words_are_whole_in_german(number: str, played: Any) -> None:
    for stage in played(number, "German")[1]:
        family = [member for mobject in stage for member in mobject.get_family()]
        for paragraph in (member for member in family if isinstance(member, Paragraph)):
            assert not paragraph.shortened, [line.text for line in paragraph.lines]

"""Nothing leaves the frame, covers another word or is too small, at every rest of every loop."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from itertools import combinations, pairwise
from typing import Any

import pytest
from manim import Mobject, RoundedRectangle, VMobject

from model_trace.trace import Trace
from scenes import CATALOGUE, LOOPS, facts
from scenes.loop import FigureScene
from scenes.parts.label import Label
from scenes.parts.token import TokenChip, TokenText
from scenes.shown import shown_values
from scenes.style import FRAME_HEIGHT_PX, FRAME_WIDTH_PX, UNITS_PER_PX, Style
from scenes.transcripts import transcript
from tests.loops import PROMPTS, TEXT_LOOPS, content, entry, play
from tests.pseudo import Pseudo
from wording import Wording


@dataclass(frozen=True)
class Box:
    """Where something stands, in pixels from the frame's middle, and what it is."""

    what: str
    left: float
    right: float
    bottom: float
    top: float

    def overlaps(self, other: Box) -> bool:
        """Whether the two share more than a hair's breadth (2 px) both ways."""
        across = min(self.right, other.right) - max(self.left, other.left)
        along = min(self.top, other.top) - max(self.bottom, other.bottom)
        return across > 2 and along > 2

    def contains(self, other: Box) -> bool:
        """Whether the other lies within this one."""
        across = self.left <= other.left and other.right <= self.right
        return across and self.bottom <= other.bottom and other.top <= self.top


def box(mobject: Mobject, what: str) -> Box:
    left, bottom = mobject.get_corner([-1, -1, 0])[:2] / UNITS_PER_PX
    right, top = mobject.get_corner([1, 1, 0])[:2] / UNITS_PER_PX
    return Box(what, left, right, bottom, top)


def seen(member: VMobject) -> bool:
    return bool(member.fill_opacity) or bool(member.stroke_width and member.stroke_opacity)


def drawn(mobjects: list[Mobject]) -> Iterator[VMobject]:
    for mobject in mobjects:
        for member in mobject.get_family():
            if isinstance(member, VMobject) and len(member.points) > 4 and seen(member):
                yield member


def chips(mobjects: list[Mobject]) -> list[RoundedRectangle]:
    return [
        member.box for mobject in mobjects for member in mobject.get_family() if isinstance(member, TokenChip)
    ]


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
_SCALE = re.compile(r"\b0 \w+ 100\s?%")
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
        for member in drawn(stage):
            found = box(member, type(member).__name__ + getattr(member, "text", ""))
            assert found.left >= -FRAME_WIDTH_PX / 2 and found.right <= FRAME_WIDTH_PX / 2, found
            assert found.bottom >= -FRAME_HEIGHT_PX / 2 and found.top <= FRAME_HEIGHT_PX / 2, found


@pytest.mark.parametrize(("number", "size"), CASES)
def test_no_word_covers_another(number: str, size: Any, played: Any) -> None:
    for stage in played(number, size)[1]:
        labels = [box(member, member.text) for member in drawn(stage) if isinstance(member, Label)]
        for one, other in combinations(labels, 2):
            assert not one.overlaps(other), (one, other)
        standing = [box(chip, "chip") for chip in chips(stage)]
        for one, other in combinations(standing, 2):
            assert not one.overlaps(other), (one, other)


@pytest.mark.parametrize(("number", "size"), CASES)
def test_no_text_is_below_the_smallest_size(number: str, size: Any, played: Any) -> None:
    for stage in played(number, size)[1]:
        labels = [member for member in drawn(stage) if isinstance(member, Label)]
        assert labels
        for label in labels:
            # a Label's box is its typographic one, cap line to descender
            least = 36 if label.text and label in _letters(stage) else 34
            assert label.height / UNITS_PER_PX >= least - 0.5, label.text


def _letters(stage: list[Mobject]) -> list[Mobject]:
    """What stands on chips: tokens may not be smaller than 36 px."""
    return [
        member
        for mobject in stage
        for chip in mobject.get_family()
        if isinstance(chip, TokenChip)
        for member in chip.letters.get_family()
    ]


@pytest.mark.parametrize(("number", "size"), CASES)
def test_every_measured_number_is_one_of_the_contents(number: str, size: Any, played: Any) -> None:
    """Recorded or published: the provenance, made of the same content, says where it comes from."""
    if size == "longer words":
        pytest.skip("its numbers are the English ones, its words are none")
    scene, stages = played(number, size)
    wording = _LONGER.get(size, Wording())
    values = (wording.printed(shown.value, shown.form) for _, shown in shown_values(scene.content))
    known = set(measured(filter(None, values), wording))
    assert known or number == "f01"
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
def test_a_models_name_stands_inside_its_box(number: str, played: Any) -> None:
    for stage in played(number, "longer name")[1]:
        boxes = [box(member, "box") for member in drawn(stage) if isinstance(member, RoundedRectangle)]
        for member in drawn(stage):
            text = getattr(member, "text", "")
            # the name may take two lines
            if len(text) > 3 and (_NAME.startswith(text) or _NAME.endswith(text)):
                name = box(member, text)
                assert any(around.contains(name) for around in boxes), name


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

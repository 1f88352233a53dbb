"""The narrow cut of a loop: all inside its frame, no word over another, none too small, the same beats."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from manim import Mobject

from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.frame import NARROW, WIDE
from scenes.loop import FigureScene
from scenes.style import Style
from scenes.wording import Wording
from tests.loops import PROMPTS, content, entry, play
from tests.pseudo import Pseudo
from tests.scenes.boxes import covered, crossed, outside, too_small

# the longest words are longer than the German ones, the shortest and the longest text more than those between
_FULL = (6, 20, "German")
CASES = [
    pytest.param(one.number, size, marks=[pytest.mark.full] if size in _FULL else [])
    for one in CATALOGUE
    for size in (
        *((*PROMPTS, "given") if one.needs == "text" else (one.needs,)),
        "German",
        "longer",
    )
]


def stages(scene: FigureScene) -> list[Mobject]:
    return [part.copy() for part in scene.mobjects]


@pytest.fixture(scope="module")
def said(traces: dict[int, Trace], given: Trace, by_need: dict[str, Trace]) -> Callable[[str, Any], Any]:
    """What a loop says of the recording of this size or kind, in other languages of one of its kind."""
    recorded = {**traces, **by_need, "given": given}

    def chosen(number: str, size: Any) -> Any:
        return content(number, recorded.get(size, by_need.get(entry(number).needs, traces[20])))

    return chosen


@pytest.mark.parametrize(("number", "size"), CASES)
def test_all_has_its_place(number: str, size: Any, said: Callable[[str, Any], Any]) -> None:
    wording = {"German": Wording("de"), "longer": Pseudo()}.get(size)
    _, found = play(number, said(number, size), stages, wording, style=replace(Style(), frame=NARROW))
    assert len(found) > 1 or entry(number).is_figure
    for stage in found:
        assert not outside(stage, NARROW)
        assert not covered(stage)
        assert not crossed(stage)
        assert not too_small(stage)


@pytest.mark.parametrize("number", [one.number for one in CATALOGUE if not one.is_figure])
def test_the_story_is_the_same(number: str, said: Callable[[str, Any], Any]) -> None:
    shown = said(number, entry(number).needs)
    wide, narrow = (
        play(number, shown, stages, style=replace(Style(), frame=frame))[0] for frame in (WIDE, NARROW)
    )
    assert [beat.name for beat in narrow.beats] == [beat.name for beat in wide.beats]

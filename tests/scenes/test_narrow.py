"""The narrow cut of a loop: all inside its frame, no word over another, none too small, the same beats."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from manim import Mobject

from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.frame import NARROW
from scenes.loop import FigureScene
from scenes.style import Style
from scenes.wording import Wording
from tests.loops import PROMPTS, content, entry, play
from tests.pseudo import Pseudo
from tests.scenes.boxes import covered, crossed, outside, too_small

CASES = [
    (one.number, size)
    for one in CATALOGUE
    for size in (
        *((*PROMPTS, "given") if one.needs == "text" else (one.needs,)),
        "German",
        "longer",
    )
]


def stages(scene: FigureScene) -> list[Mobject]:
    return [part.copy() for part in scene.mobjects]


@pytest.mark.parametrize(("number", "size"), CASES)
def test_all_has_its_place(
    number: str, size: Any, traces: dict[int, Trace], given: Trace, by_need: dict[str, Trace]
) -> None:
    recorded = {**traces, **by_need, "given": given}
    said = content(number, recorded.get(size, by_need.get(entry(number).needs, traces[20])))
    style = replace(Style(), frame=NARROW)
    wording = {"German": Wording("de"), "longer": Pseudo()}.get(size)
    narrow, found = play(number, said, stages, wording, style=style)
    assert len(found) > 1 or entry(number).is_figure
    for stage in found:
        assert not outside(stage, NARROW)
        assert not covered(stage)
        assert not crossed(stage)
        assert not too_small(stage)
    wide, _ = play(number, said, stages, wording)
    assert [beat.name for beat in narrow.beats] == [beat.name for beat in wide.beats]

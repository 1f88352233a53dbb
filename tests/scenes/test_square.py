"""What says that it finds room in a square does, whatever the text: nothing leaves it or covers another."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from manim import Mobject

from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.frame import NARROW, SQUARE, WIDE
from scenes.loop import FigureScene
from scenes.style import Style
from tests.loops import PROMPTS, content, entry, play
from tests.pseudo import Pseudo
from tests.scenes.boxes import covered, outside

CASES = [
    (each.number, size)
    for each in CATALOGUE
    if SQUARE.name in each.shapes
    for size in ((*PROMPTS, "longer") if each.needs == "text" else (each.needs, "longer"))
]


@pytest.mark.parametrize(("number", "size"), CASES)
def test_all_is_inside_a_square_and_covers_nothing(
    number: str, size: Any, traces: dict[int, Trace], by_need: dict[str, Trace]
) -> None:
    said = content(number, by_need.get(entry(number).needs, traces.get(size, traces[20])))
    style, wording = replace(Style(), frame=SQUARE), Pseudo() if size == "longer" else None
    _, stages = play(number, said, standing, wording, style=style)
    for stage in stages:
        assert not outside(stage, SQUARE)
        assert not covered(stage)


def standing(scene: FigureScene) -> list[Mobject]:
    return [part.copy() for part in scene.mobjects]


def test_everything_is_wide_and_narrow() -> None:
    assert all({WIDE.name, NARROW.name} <= set(each.shapes) for each in CATALOGUE)

"""Loop 05: how many places there are, and which of them are taken."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from manim import VMobject

from model_trace.trace import Trace
from scenes.frame import NARROW, WIDE, Frame
from scenes.parts.label import Label
from scenes.parts.token import TokenChip
from scenes.parts.track_grid import TrackGrid
from scenes.style import Style
from scenes.traced_value import Fact, TracedValue
from tests.loops import content, play
from tests.scenes.boxes import drawn

STYLE = Style()
POINTS = 16  # of a cell's path


def grid(places: int) -> TrackGrid:
    value = TracedValue(places, "integer", Fact("places", ""))
    return TrackGrid(value, STYLE, width=STYLE.room, height=380)


def cells(rows: Any) -> int:
    return sum(len(row.points) for row in rows) // POINTS


@pytest.mark.parametrize("tracks", [64, 1000, 1024, 2048])
def test_each_place_has_its_cell(tracks: int) -> None:
    whole = grid(tracks)
    assert whole.step == 1
    assert cells(whole) == cells(whole.rest(0)) == tracks
    assert whole.tracks_but(0) == tracks
    assert whole.width <= STYLE.px(STYLE.room) + 1e-6
    assert whole.fall <= 1.5 * whole.pitch + 1e-6


@pytest.mark.parametrize(("tracks", "step"), [(4096, 2), (8192, 4), (131_072, 64)])
def test_a_token_takes_its_part_of_a_cell_that_stands_for_several(tracks: int, step: int) -> None:
    whole = grid(tracks)
    assert whole.step == step
    assert cells(whole) * step == tracks
    given, written = whole.taken(["#00ff00"] * (step + 1) + ["#ff0000"])
    assert cells([given]) == 2
    cell = whole[0].width / whole.columns
    assert cell * 0.8 / step < written.width < cell / step  # between two cells there is a gap
    assert written.get_left()[0] == pytest.approx(given.get_right()[0])


@pytest.mark.parametrize(("tracks", "text"), [(2048, 9), (2048, 64), (2048, 2047), (2048, 2048), (64, 9)])
def test_the_rest_are_all_places_but_those_of_the_text(tracks: int, text: int) -> None:
    whole = grid(tracks)
    rest = whole.rest(text)
    assert cells(rest) == tracks - text
    rows = text // whole.columns
    assert len(rest) == len(whole) - rows
    assert whole.tracks_but(len(rest)) == rows * whole.columns


def test_the_rest_of_a_cell_that_stands_for_several_is_filled_too() -> None:
    whole = grid(8192)
    rest, (given,) = whole.rest(5), whole.taken(["#00ff00"] * 5)
    assert cells(rest) == 2047
    assert rest.get_left()[0] == pytest.approx(whole.get_left()[0])  # of the rows below
    first = min(float(point[0]) for point in rest[0].points)
    assert first == pytest.approx(given.get_right()[0])


def test_the_text_takes_the_first_places_and_then_all_are_full(traces: dict[int, Trace]) -> None:
    said = content("05", traces[6])
    palette = STYLE.palette
    kinds = [palette.input_edge, palette.output_edge, palette.output_fill]

    def stage(scene: Any) -> tuple[str, str, list[int]]:
        """The heading, what is counted, and how many cells the prompt, the next token, what follows take."""
        parts = list(drawn(scene.mobjects))
        (counted,) = (part.text for part in parts if isinstance(part, Label) and "taken" in part.text)
        filled = [part for part in parts if type(part) is VMobject and part.fill_opacity]
        taken = [cells([each for each in filled if colour(each) == kind]) for kind in kinds]
        return " ".join(line.text for line in scene.heading[0]), counted, taken

    found = play("05", said, stage)[1]
    prompt = len(said.prompt)
    end = (
        "Full: not one more token fits in",
        "2,048 of 2,048 places taken",
        [prompt, 1, 2048 - prompt - 1],
    )
    assert found == [
        end,
        ("GPT-3 has room for 2,048 tokens", "0 of 2,048 places taken", [0, 0, 0]),
        ("The next token needs a place, too", f"{prompt + 1} of 2,048 places taken", [prompt, 1, 0]),
        end,
    ]


@pytest.mark.parametrize("size", [1, 6, 60])
@pytest.mark.parametrize("frame", [WIDE, NARROW], ids=lambda frame: frame.name)
def test_each_large_place_bears_its_number_until_its_token_comes(
    size: int, frame: Frame, traces: dict[int, Trace]
) -> None:
    style = replace(Style(), frame=frame)
    scene, found = play("05", content("05", traces[size]), numbered, style=style)
    count = len(scene.cells)
    assert [len(each) for each in found] == [0, count, 0, 0]
    assert found[1][:2] == ["1", "2"]
    assert found[1][-1] == str(len(scene.content.prompt) + 1)
    chips = [chip for chip in scene.inputs if isinstance(chip, TokenChip)]
    for cell, chip in zip(scene.cells, chips, strict=True):
        assert cell.get_left()[0] < chip.get_left()[0] < chip.get_right()[0] < cell.get_right()[0]


def numbered(scene: Any) -> list[str]:
    """The numbers on the places that are still free."""
    on_stage = {id(part) for part in drawn(scene.mobjects)}
    return [number.text for number in scene.numbers if number is not None and id(number) in on_stage]


def test_the_token_that_is_too_many_stays_outside(traces: dict[int, Trace]) -> None:
    scene = play("05", content("05", traces[6]), lambda scene: None, story=False)[0]
    assert scene.left_over.get_bottom()[1] > scene.box.get_top()[1]


def colour(part: VMobject) -> str:
    return str(part.get_fill_color().to_hex()).upper()

"""Loop 05: how many tracks there are, and which of them are taken."""

from __future__ import annotations

from typing import Any

import pytest
from manim import VMobject

from model_trace.trace import Trace
from scenes.parts.label import Label
from scenes.parts.track_grid import TrackGrid
from scenes.style import Style
from scenes.traced_value import Fact, TracedValue
from tests.loops import content, play
from tests.scenes.boxes import drawn

STYLE = Style()
POINTS = 16  # of a cell's path


def grid(tracks: int) -> TrackGrid:
    value = TracedValue(tracks, "integer", Fact("tracks", ""))
    return TrackGrid(value, STYLE, width=STYLE.room, height=380)


def cells(rows: Any) -> int:
    return sum(len(row.points) for row in rows) // POINTS


@pytest.mark.parametrize("tracks", [64, 1000, 1024, 2048])
def test_each_track_has_its_cell(tracks: int) -> None:
    whole = grid(tracks)
    assert whole.step == 1
    assert cells(whole) == cells(whole.full()) == tracks
    assert whole.tracks_of(len(whole)) == tracks
    assert whole.width <= STYLE.px(STYLE.room) + 1e-6
    assert whole.fall <= 1.5 * whole.pitch + 1e-6


@pytest.mark.parametrize(("tracks", "step"), [(4096, 2), (8192, 4), (131_072, 64)])
def test_a_token_takes_its_part_of_a_cell_that_stands_for_several(tracks: int, step: int) -> None:
    whole = grid(tracks)
    assert whole.step == step
    assert cells(whole) * step == tracks
    given, written = whole.taken(["#00ff00"] * (step + 1) + ["#ff0000"])
    assert cells([given]) == 2
    assert written.width == pytest.approx(whole.pitch / step)
    assert written.get_left()[0] == pytest.approx(given.get_right()[0])


def test_the_tracks_are_full_then_empty_and_then_hold_the_text(traces: dict[int, Trace]) -> None:
    said = content("05", traces[6])
    palette = STYLE.palette
    kinds = [palette.special_edge, palette.input_edge, palette.output_edge]

    def stage(scene: Any) -> tuple[str, list[int]]:
        """What is counted, and how many cells are filled by no token, a given one, and a written one."""
        parts = list(drawn(scene.mobjects))
        (counted,) = (part.text for part in parts if isinstance(part, Label) and "taken" in part.text)
        filled = [part for part in parts if type(part) is VMobject and part.fill_opacity]
        return counted, [cells([each for each in filled if colour(each) == kind]) for kind in kinds]

    found = play("05", said, stage)[1]
    prompt = len(said.prompt)
    end = (f"{prompt + 1} of 2,048 tracks taken", [0, prompt, 1])
    assert found == [
        end,
        ("0 of 2,048 tracks taken", [0, 0, 0]),
        ("2,048 of 2,048 tracks taken", [2048, 0, 0]),
        end,
    ]


def colour(part: VMobject) -> str:
    return str(part.get_fill_color().to_hex()).upper()

"""The picture that a loop begins and ends with is encoded once."""

from __future__ import annotations

import io
from functools import partial
from pathlib import Path
from typing import Any, cast

import av
import numpy as np
import pytest
from manim import RIGHT, Circle, Scene, Square, VGroup, tempconfig

from tests.loops import SMALL
from traced_loops.rendering.camera import LoopRenderer
from traced_loops.rendering.codecs import CODECS
from traced_loops.rendering.encoder import LoopWriter


class ThereAndBack(Scene):
    """Discs on a square; ``again``: after the picture has come back, one of them leaves once more."""

    again = False

    def construct(self) -> None:
        discs = VGroup(*(Circle(radius=0.1 * size, fill_opacity=1) for size in range(1, 15)))
        self.add(Square(3, fill_opacity=1), discs.arrange(RIGHT, buff=0.1).scale(0.6))
        self.wait(0.5)
        for _ in range(2 if self.again else 1):
            discs[3].shift(2 * RIGHT)
            self.wait(0.5)
            discs[3].shift(-2 * RIGHT)
            self.wait(0.5)


def drawn(tmp_path: Path, codec: str, *, again: bool, opaque: bool = True) -> bytes:
    settings: dict[str, Any] = {
        "verbosity": "ERROR",
        "pixel_width": SMALL.width,
        "pixel_height": SMALL.height,
        "frame_rate": SMALL.fps,
        "format": "webm",
        "media_dir": str(tmp_path),
        "disable_caching": True,
        "progress_bar": "none",
    }
    with tempconfig(settings):
        writes = partial(LoopWriter, codec=CODECS[codec], tags={}, opaque=opaque)
        renderer = LoopRenderer(file_writer_class=cast("type[LoopWriter]", writes))
        scene = ThereAndBack(renderer=renderer)
        scene.again = again
        scene.render()
    written: bytes = renderer.file_writer.file.getvalue()
    return written


def pictures(video: bytes) -> list[Any]:
    with av.open(io.BytesIO(video), "r") as file:
        return [frame.to_ndarray(format="rgb24").astype(int) for frame in file.decode(video=0)]


@pytest.mark.parametrize("codec", ["vp9", "lossless"])
def test_the_answer_is_the_first_picture_and_costs_nothing(codec: str, tmp_path: Path) -> None:
    video = drawn(tmp_path, codec, again=False)
    first, away, *answer = pictures(video)
    assert np.abs(away - first).max() > 100
    assert answer and all(np.array_equal(first, picture) for picture in answer)
    with av.open(io.BytesIO(video), "r") as file:
        sizes = [packet.size for packet in file.demux(video=0) if packet.size]
    assert sizes[-1] < 40 and sizes[-2] < 40, sizes


@pytest.mark.parametrize(("codec", "opaque"), [("vp9", True), ("vp9", False), ("av1", True)])
def test_what_follows_the_answer_is_shown_too(codec: str, opaque: bool, tmp_path: Path) -> None:
    shown = pictures(drawn(tmp_path, codec, again=True, opaque=opaque))
    first, away, back, again, *answer = shown
    for one, other in ((first, back), (away, again), (first, answer[-1])):
        assert np.abs(one - other).mean() < 0.5
    assert np.abs(first - again).max() > 100

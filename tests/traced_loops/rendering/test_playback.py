"""A browser shows a loop for as long as it was planned, though its frames are of many lengths."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from model_trace.recording import generation
from model_trace.trace import Trace
from scenes.catalogue import LOOPS
from tests.conftest import Open
from tests.loops import SMALL, content, entry, job
from traced_loops.jobs.making import make

NUMBERS = [pytest.param(one.number, marks=() if one.number == "05" else pytest.mark.full) for one in LOOPS]

# Plays a video to its end, faster than real time; how long it says it is, and where it was when it ended, in
# seconds of the video.
PLAY = """
source => new Promise((resolve, reject) => {
  const video = document.createElement("video");
  video.onended = () => resolve([video.duration, video.currentTime]);
  video.onerror = () => reject(video.error.message);
  video.muted = true;
  video.playbackRate = 4;
  video.src = source;
  document.body.append(video);
  video.play();
})
"""


@pytest.mark.parametrize("number", NUMBERS)
def test_a_loop_ends_when_its_plan_does(
    number: str, embedded: Any, by_need: dict[str, Trace], open_page: Open
) -> None:
    needs = entry(number).needs
    trace = by_need.get(needs) or generation.record(embedded, "The capital of France is")
    drawn = make(job(number, content(number, trace)))
    source = f"data:video/webm;base64,{base64.b64encode(drawn.files['webm']).decode()}"
    duration, ended = open_page("about:blank").evaluate(PLAY, source)
    frame, planned = 1 / SMALL.fps, drawn.frames / SMALL.fps
    assert drawn.beats[-1]["end"] == pytest.approx(planned, abs=frame)
    assert duration == pytest.approx(planned, abs=frame)
    assert ended == pytest.approx(planned, abs=frame)

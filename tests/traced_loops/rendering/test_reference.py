"""The fast way shows what the slow way shows: every loop, every frame, losslessly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from model_trace.trace import Trace
from scenes.catalogue import LOOPS
from tests.loops import content, entry, frames, job
from traced_loops.jobs.making import make


@pytest.fixture(scope="module")
def france(embedded: Any) -> Trace:
    from model_trace.recording import generation

    return generation.record(embedded, "The capital of France is")


@pytest.mark.parametrize("number", [entry.number for entry in LOOPS])
def test_nothing_is_lost_to_speed(
    number: str, france: Trace, by_need: dict[str, Trace], tmp_path: Path
) -> None:
    said = content(number, by_need.get(entry(number).needs, france))
    fast, slow = tmp_path / "fast.webm", tmp_path / "slow.webm"
    lossless = replace(job(number, said), codec="lossless")
    fast.write_bytes(make(lossless).files["webm"])
    slow.write_bytes(make(replace(lossless, reference=True)).files["webm"])
    ours, theirs = frames(fast), frames(slow)
    assert len(ours) == len(theirs)
    still = 0
    for before, one, other in zip([theirs[0], *theirs], ours, theirs, strict=False):
        error = one.astype(float) - other
        if np.array_equal(before, other):
            still += 1
            assert np.abs(error).max() <= 1
        assert (error**2).mean() <= 255**2 / 10**4.5  # 45 dB
    assert len(theirs) / 10 < still < len(theirs)
    # the slow way spares nothing: each of its frames is in the file
    with av.open(str(slow)) as container:
        assert sum(packet.size > 0 for packet in container.demux(video=0)) == len(theirs)


def test_av1_shows_the_same(france: Trace, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    one = job("07", content("07", france))
    shown = {}
    for codec in ("vp9", "av1"):
        file = tmp_path / f"{codec}.webm"
        drawn = make(replace(one, codec=codec, also=("mp4",)))
        assert drawn.files["mp4"]
        file.write_bytes(drawn.files["webm"])
        with av.open(str(file)) as container:
            assert codec in {"libdav1d": "av1"}.get(name := container.streams.video[0].codec.name, name)
        shown[codec] = frames(file)
    assert len(shown["vp9"]) == len(shown["av1"])
    assert max(np.abs(a.astype(int) - b).mean() for a, b in zip(*shown.values(), strict=True)) <= 3
    # an encoder that prints would break the lines of progress
    assert capfd.readouterr() == ("", "")

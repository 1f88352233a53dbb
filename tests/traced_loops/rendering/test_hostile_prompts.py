"""Texts that break pictures, drawn and encoded as a run does it."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import av
import imageio.v3 as iio
import numpy as np
import pytest

from scenes.chosen_content import choose_content
from tests.loops import entry, frames, job
from traced_loops.jobs.making import make
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import Quality

if TYPE_CHECKING:
    from model_trace.models.checkpoints import Checkpoint

PROMPTS = {
    "01": "a\0b \x1b[31m red\x7f \u202e turned \u2066 \ufeff \uffff",
    "04": "Family 👩‍👩‍👧‍👦 flags 🇩🇪🇫🇷 👍🏽 ☃\ufe0f",
    "05": "=" * 10_000,
    "06": "नमस्ते क्षत्रिय दुनिया",
    "07": "中文直骨的「语言」模型。日本語です。한국어",
    "08": "\t  leading\ttabs \n\n and\r\n   ",
    "f01": "مرحبا بالعالم <b>שָׁלוֹם</b> &amp; {{}} <script>alert(1)</script>",
}


@pytest.mark.parametrize("number", PROMPTS)
def test_it_becomes_a_loop_and_its_tags_tell_it(number: str, embedded: Checkpoint, tmp_path: Path) -> None:
    from model_trace.recording import generation

    trace = generation.record(embedded, PROMPTS[number], max_new_tokens=3)
    chosen = choose_content(entry(number), trace, article=False)
    assert chosen.tags["prompt"] == PROMPTS[number].replace("\0", "\ufffd")
    wanted = replace(
        job(number, None, Quality(426, 240, 5)),
        content=chosen.content,
        tags=chosen.tags,
        origin=chosen.origin,
    )
    drawn = make(wanted)
    outputs.publish(wanted, drawn, tmp_path)
    assert outputs.is_current(wanted, tmp_path)
    assert iio.imread(io.BytesIO(drawn.files["png"])).std() > 10
    if entry(number).is_figure:
        return
    video = tmp_path / f"{entry(number).stem}.webm"
    first, *_, last = (frame.astype(int) for frame in frames(video))
    assert np.abs(first - last).mean() <= 1
    with av.open(str(video)) as container:
        told = {name.lower(): value for name, value in container.metadata.items()}
    assert told["prompt"] == chosen.tags["prompt"]

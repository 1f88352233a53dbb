"""How much a reader has to load: the loops of the article's own texts at full size."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenes.catalogue import LOOPS
from traced_loops.jobs.making import make
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.run import jobs_for
from traced_loops.rendering import formats

# bytes; measured: 713, 481, 276 and 497 thousand
LARGEST = {"webm": 900_000, "mp4": 600_000, "webp": 400_000, "gif": 650_000}


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_the_articles_ten_loops_are_small_enough_for_a_page(tmp_path: Path) -> None:
    drawing = DrawingOptions(output=tmp_path)
    jobs = [job for each in jobs_for(LOOPS, RecordingOptions(), drawing).values() for job in each]
    sizes: dict[str, list[int]] = {ending: [] for ending in LARGEST}
    for job in jobs:
        video = make(job).files["webm"]
        sizes["webm"].append(len(video))
        for ending in ("mp4", "webp", "gif"):
            sizes[ending].append(len(formats.convert(video, ending, "libvpx-vp9")))
    assert len(jobs) == 10
    too_large = {ending: sizes[ending] for ending, most in LARGEST.items() if max(sizes[ending]) > most}
    assert too_large == {}
    assert sum(sizes["webm"]) <= 6_000_000

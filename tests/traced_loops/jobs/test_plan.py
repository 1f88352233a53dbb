"""A plan says what a run would do, and does none of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.command import make
from tests.loops import entry
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.run import plan


def test_a_plan_names_what_is_lacking_and_writes_nothing(kept: Path, tmp_path: Path) -> None:
    loop, output, cache = [entry("06")], tmp_path / "out", tmp_path / "cache"
    drawing = DrawingOptions(trace=kept, quality="l", fps=1, output=output, cache=cache)
    before = plan(loop, RecordingOptions(), drawing, with_page=True)
    assert before.records == before.keeps == ()
    assert before.draws == (str(output / f"{loop[0].stem}.webm"),)
    assert before.pages == (str(output),) and before.cache == str(cache)
    assert not output.exists()

    options = ("--quality", "l", "--fps", "1", "--cache", cache, "--output", output)
    make("videos", "6", "--trace", kept, *options)
    after = plan(loop, RecordingOptions(), drawing)
    assert (after.draws, after.keeps, after.pages) == ((), before.draws, ())
    forced = plan(loop, RecordingOptions(), replace(drawing, force=True))
    assert (forced.draws, forced.keeps) == (before.draws, ())


def test_a_plan_names_each_recording_that_is_not_kept(tmp_path: Path) -> None:
    drawing = DrawingOptions(output=tmp_path / "out", cache=tmp_path / "cache")
    entries = [entry(number) for number in ("02", "04", "10")]
    named = plan(entries, RecordingOptions(prompt="Never recorded"), drawing).records
    assert named[:2] == ("recording “Never recorded”", "training on “Never recorded”")
    assert named[2].startswith("fine-tuning on ") and len(named) == 3

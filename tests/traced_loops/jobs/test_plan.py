"""A plan says what a run would do, and does none of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.command import make
from tests.loops import entry
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.plan import plan


def test_a_plan_tells_what_is_drawn_already_unless_by_force(kept: Path, tmp_path: Path) -> None:
    loop, output, cache = [entry("06")], tmp_path / "out", tmp_path / "cache"
    drawing = DrawingOptions(trace=kept, quality="l", fps=1, output=output, cache=cache)
    video = output / f"{loop[0].stem}.webm"
    assert list(plan(loop, RecordingOptions(), drawing)) == [f"keep    {kept}", f"draw    {video}"]
    assert not output.exists() and not cache.exists()

    options = ("--quality", "l", "--fps", "1", "--cache", cache, "--output", output)
    make("videos", "6", "--trace", kept, *options)
    assert list(plan(loop, RecordingOptions(), drawing))[-1] == f"keep    {video}"
    assert list(plan(loop, RecordingOptions(), replace(drawing, force=True)))[-1] == f"draw    {video}"


def test_a_plan_names_each_recording_that_is_not_kept(tmp_path: Path) -> None:
    drawing = DrawingOptions(output=tmp_path / "out", cache=tmp_path / "cache")
    entries = [entry(number) for number in ("02", "04", "10")]
    told = list(plan(entries, RecordingOptions(prompt="Never recorded"), drawing))
    assert told[0] == "record  a training on 'Never recorded' and what the model writes after it, for 02"
    assert told[1] == "record  'Never recorded', for 04"
    assert told[2].startswith("record  a fine-tuning on ") and told[2].endswith(", for 10")
    assert [line.partition(" ")[0] for line in told[3:]] == ["draw"] * 3

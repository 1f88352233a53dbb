"""Shapes from the option to the files: folders, sizes, the list, the cache, and what has no room."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import av
import pytest
from PIL import Image

import traced_loops as tl
from model_trace.store import store
from model_trace.user_files import UserFileError
from scenes.chosen_content import ChosenContent
from tests.command import run
from tests.folders import NUMBERS, fill, list_anew, listed
from tests.loops import content, entry
from tests.loops import job as job_of
from traced_loops.article.page import write_page
from traced_loops.jobs.layout import folders, jobs_of
from traced_loops.jobs.options import DrawingOptions, RecordingOptions, Shape
from traced_loops.jobs.rows import read_rows
from traced_loops.rendering.figures import draw_figure
from traced_loops.rendering.jobs import QUALITIES
from traced_loops.storage.manifest_schema import Manifest

STEM = entry("04").stem
BOTH: tuple[Shape, Shape] = ("wide", "narrow")


def test_the_first_of_each_is_flat() -> None:
    out = Path("out")
    drawing = DrawingOptions(theme=("light", "dark"), shape=BOTH, output=out)
    assert [place.folder for place in folders(drawing)] == [
        out, out / "narrow", out / "dark", out / "dark/narrow",
    ]  # fmt: skip
    drawing = DrawingOptions(language=("en", "de"), shape=("narrow", "square"), output=out)
    assert [(place.folder, place.shape) for place in folders(drawing)] == [
        (out / "en", "narrow"), (out / "en/square", "square"),
        (out / "de", "narrow"), (out / "de/square", "square"),
    ]  # fmt: skip
    assert [place.folder for place in folders(DrawingOptions(output=out))] == [out]


@pytest.mark.parametrize("quality", QUALITIES)
def test_every_quality_scales_every_shape_to_even_sizes(quality: str) -> None:
    drawing = DrawingOptions(quality=quality, shape=(*BOTH, "square"))  # type: ignore[arg-type]
    jobs = jobs_of({entry("04"): ChosenContent("{}", {}, {})}, drawing)
    wide, narrow, square = (each.quality for (each,) in jobs.values())
    assert (wide.width, wide.height) == (QUALITIES[quality].width, QUALITIES[quality].height)
    assert narrow.width == square.width == square.height == wide.height
    assert narrow.height == narrow.width * 5 / 4
    assert not {side % 2 for each in (wide, narrow, square) for side in (each.width, each.height)} - {0}
    # what is shown is chosen once, and drawn for each
    assert len({each.content for (each,) in jobs.values()}) == 1
    assert len({each.digest for (each,) in jobs.values()}) == 3


def test_two_shapes_are_drawn_listed_and_kept(kept: Path, tmp_path: Path) -> None:
    shapes = ("--shape", "wide", "narrow", "--also", "mp4", "--cache", tmp_path / "cache")
    draw = ("videos", "04", "--trace", kept, *shapes, "--quality", "l", "--fps", "2")
    out = tmp_path / "out"
    done = run(*draw, "-o", out)
    assert done.returncode == 0, done.stderr
    for folder, shape, size in ((out, "wide", [854, 480]), (out / "narrow", "narrow", [480, 600])):
        (loop,) = listed(folder)["loops"]
        assert (loop["shape"], loop["size"], loop["poster"]) == (shape, size, f"{STEM}.poster.webp")
        assert loop["poster"] in loop["media"]
        said = json.loads((folder / f"{STEM}.json").read_text(encoding="utf-8"))
        assert (said["shape"], said["size"]) == (shape, size)
        poster = folder / loop["poster"]
        assert poster.stat().st_size <= 40_000
        assert Image.open(poster).size == tuple(size)
        mp4 = folder / f"{STEM}.mp4"
        with av.open(str(mp4)) as container:
            stream = container.streams.video[0]
            assert (stream.codec_context.name, stream.codec_context.pix_fmt) == ("h264", "yuv420p")
            assert [stream.width, stream.height] == size
        assert mp4.read_bytes().index(b"moov") < mp4.read_bytes().index(b"mdat"), (
            "it begins before all is there"
        )
    wide, narrow = (json.loads((out / name / f"{STEM}.json").read_text()) for name in ("", "narrow"))
    for value in (*wide["values"], *narrow["values"]):  # in each it stands elsewhere
        for where in ("box", "boxes", "cells"):
            value.pop(where, None)
    assert wide["values"] == narrow["values"], "what is shown was chosen once"
    assert {place.name for place in out.iterdir() if place.is_dir()} == {"narrow"}

    planned = run(*draw, "-o", out, "--dry-run").stdout
    assert f"keep    {out}/{STEM}.webm\n" in planned
    assert f"keep    {out}/narrow/{STEM}.webm\n" in planned
    # elsewhere it is the cache that knows them apart
    assert run(*draw, "-o", tmp_path / "again").returncode == 0
    for name in (f"{STEM}.webm", f"narrow/{STEM}.webm", f"narrow/{STEM}.poster.webp"):
        assert (tmp_path / "again" / name).read_bytes() == (out / name).read_bytes()


def test_all_makes_both_and_everything_else_wide(kept: Path, tmp_path: Path) -> None:
    def planned(command: str, *options: str, variable: str = "") -> str:
        told = run(
            command, "--prompt", "One", "--dry-run", "-o", "out", *options, cwd=tmp_path,
            XDG_CACHE_HOME=str(tmp_path / "cache"), TRACED_LOOPS_SHAPE=variable,
        )  # fmt: skip
        assert told.returncode == 0, told.stderr
        return told.stdout

    assert f"out/narrow/{STEM}.webm" in planned("all")
    assert "narrow" not in planned("all", "--shape", "wide")
    assert "narrow" not in planned("videos")
    assert "narrow" not in planned("figures")
    assert f"out/narrow/{STEM}.webm" in planned("videos", variable="wide,narrow")
    (tmp_path / "traced-loops.toml").write_text('shape = ["wide", "narrow"]\n')
    assert f"out/narrow/{STEM}.webm" in planned("videos")


def test_a_shape_without_room_is_refused_by_name(kept: Path, tmp_path: Path) -> None:
    refused = [each for each in ("02", "04") if "square" not in entry(each).shapes]
    assert refused, "choose loops without one"
    for command in (("videos", *refused), ("videos", *refused, "--dry-run")):
        done = run(*command, "--trace", kept, "--shape", "wide", "square", "-o", tmp_path / "out")
        assert done.returncode == 2
        assert done.stderr.startswith(f"error: --shape square: loops {', '.join(refused)} have no room in it")
        assert done.stderr.count("\n") == 1
        assert "choose wide or narrow" in done.stderr
    assert not (tmp_path / "out").exists()
    assert run("videos", "04", "--shape", "tall", "-o", tmp_path / "out").returncode == 2


def test_a_row_has_a_shape_of_its_own(tmp_path: Path) -> None:
    table = tmp_path / "a.csv"
    table.write_text('prompt,shape\na,narrow\nb,"wide, narrow"\nc,\n')
    rows = read_rows(table, RecordingOptions(), DrawingOptions())
    assert [row.drawing.shapes for row in rows] == [("narrow",), ("wide", "narrow"), ("wide",)]
    table.write_text("prompt,shape,loops\na,square,04\nb,tall,04\n")
    with pytest.raises(UserFileError) as refused:
        read_rows(table, RecordingOptions(), DrawingOptions())
    first, second = str(refused.value).splitlines()
    assert "row 1, shape square: loop 04 has no room in it" in first
    assert "row 2, shape" in second


def test_the_library_draws_a_shape(kept: Path) -> None:
    loop = tl.draw(kept, "04", shape="narrow", quality="l")
    assert Image.open(io.BytesIO(loop.still)).size == (480, 600)
    assert loop.provenance["shape"] == "narrow"
    with pytest.raises(ValueError, match="shape='tall': choose one of wide, narrow, square"):
        tl.draw(kept, "04", shape="tall")  # type: ignore[call-overload]
    with pytest.raises(ValueError, match=r"^shape square: loop 04 has no room in it"):
        tl.draw(kept, "04", shape="square")


def test_a_list_that_names_no_shape_is_of_wide_ones(tmp_path: Path) -> None:
    """As versions before shapes wrote it: read, with its seal whole, and its page made."""
    folder = fill(tmp_path / "out")
    manifest = listed(folder)
    for item in (*manifest["loops"], *manifest["figures"]):
        assert item.pop("shape") == "wide"
        assert "poster" not in item
    list_anew(folder, manifest)
    read = Manifest.model_validate_json((folder / "manifest.json").read_bytes())
    assert read.is_as_written
    assert "shape" not in json.loads(read.to_bytes())["loops"][0]
    fill(folder / "narrow", shape="narrow", size=[4, 5])
    html = write_page(folder).read_text(encoding="utf-8")
    assert f'<source src="narrow/{STEM}.webm" media="(max-width: 599px)"' in html
    assert f'src="{STEM}.png"' in html, "without a poster its still"


def test_a_folder_of_narrow_ones_takes_wide_ones_for_large_windows(tmp_path: Path) -> None:
    folder = fill(tmp_path / "out", shape="narrow", size=[4, 5])
    fill(folder / "wide")
    html = write_page(folder).read_text(encoding="utf-8")
    assert html.count('media="(min-width: 600px)"') == 2 * len(NUMBERS) - 1


def test_a_figure_has_at_least_its_frames_pixels(kept: Path) -> None:
    drawing = job_of("f01", content("f01", store.open_trace(kept)))
    assert draw_figure(replace(drawing, shape="narrow")).size == (1080, 1350)

"""Real renders, read back: one loop at 240p each."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import imageio.v3 as iio
import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from model_trace.trace import Trace
from scenes.catalogue import LOOPS
from scenes.style import Style
from scenes.transcript import Cue, Transcript
from tests.loops import SMALL, content, frames, job, make_files
from traced_loops.jobs.making import make
from traced_loops.rendering import outputs
from traced_loops.rendering.descriptions import webvtt
from traced_loops.rendering.jobs import QUALITIES, Drawn, Job
from traced_loops.storage import addresses

NUMBERS = [entry.number for entry in LOOPS]


@pytest.fixture(scope="module")
def france(embedded: Any) -> Trace:
    from model_trace.recording import generation

    return generation.record(embedded, "The capital of France is")


@pytest.fixture(scope="module")
def rendered(
    france: Trace, by_need: dict[str, Trace], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Job, Path, Drawn]]:
    """Every loop, drawn once for all tests of this file."""
    folder = tmp_path_factory.mktemp("loops")
    made = {}
    for entry in LOOPS:
        number = entry.number
        one = job(number, content(number, by_need.get(entry.needs, france)))
        video = folder / f"{number}.webm"
        drawn = make(one)
        video.write_bytes(drawn.files["webm"])
        made[number] = (one, video, drawn)
    return made


@pytest.mark.parametrize("number", NUMBERS)
def test_the_first_frame_is_the_last(number: str, rendered: Any) -> None:
    _, video, drawn = rendered[number]
    decoded = frames(video)
    assert len(decoded) == drawn.frames
    difference = np.abs(decoded[0].astype(int) - decoded[-1].astype(int))
    assert difference.mean() <= 1.0
    # in brightness: the halved resolution of colour costs fine cells several times as much at 240p
    luma = np.array([0.2126, 0.7152, 0.0722])
    assert np.abs((decoded[-1] - still(drawn).astype(float)) @ luma).mean() <= 1.5


@pytest.mark.parametrize("number", NUMBERS)
def test_something_is_drawn_and_moves(number: str, rendered: Any) -> None:
    decoded = frames(rendered[number][1])
    assert decoded[0].std() > 10
    assert max(np.abs(a.astype(int) - decoded[0]).mean() for a in decoded) > 1


@pytest.mark.parametrize("number", NUMBERS)
def test_the_video_is_what_browsers_loop(number: str, rendered: Any) -> None:
    _, video, drawn = rendered[number]
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        assert container.format.name.split(",")[0] in ("matroska", "webm")
        assert stream.codec_context.name.startswith(("vp9", "libvpx-vp9"))
        assert stream.codec_context.pix_fmt == "yuv420p"
        assert (stream.width, stream.height) == (SMALL.width, SMALL.height)
        seconds = drawn.frames / SMALL.fps
        assert container.duration is not None
        assert container.duration / 1e6 == pytest.approx(seconds, abs=1 / SMALL.fps)
        assert 6 <= seconds <= 12


def test_colours_come_through(rendered: Any) -> None:
    """The decoded white is white: range and matrix are written as they were converted."""
    decoded = frames(rendered["07"][1])
    assert decoded[0][2, 2].min() >= 253
    first = still(rendered["07"][2])
    assert np.abs(np.median(decoded[-1].astype(int) - first, axis=(0, 1))).max() <= 2


def test_two_runs_give_the_same_bytes(rendered: Any) -> None:
    one, video, _ = rendered["07"]
    assert make(one).files["webm"] == video.read_bytes()


def test_the_largest_loop_is_small_enough_for_a_page(france: Trace) -> None:
    whole = replace(job("07", content("07", france)), quality=QUALITIES["h"])
    assert len(make(whole).files["webm"]) <= 900_000


def test_files_appear_whole_and_name_their_sources(france: Trace, rendered: Any, tmp_path: Path) -> None:
    one = replace(rendered["04"][0], origin={"trace": france.digest})
    addresses.prepare(tmp_path)
    assert not outputs.is_current(one, tmp_path)
    assert make_files([one], tmp_path) == {}
    stem = one.entry.stem
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        *(f"{stem}.{e}" for e in ("json", "png", "poster.webp", "vtt", "webm")),
        "manifest.json",
    ]
    assert outputs.is_current(one, tmp_path)
    assert not outputs.is_current(replace(one, theme="dark"), tmp_path)

    said = json.loads((tmp_path / f"{stem}.json").read_text())
    printed = {value["path"]: value for value in said["values"]}
    chance = printed["steps[0].candidates[0].probability"]
    source = chance["from"]["sources"][0]
    recorded = france.values(source["tensor"], tuple(source["index"]))
    assert chance["value"] == pytest.approx(float(recorded), abs=1e-9)
    assert chance["printed"] == f"{float(recorded) * 100:.1f}%"
    picture = iio.imread(tmp_path / f"{stem}.png")
    assert picture.shape == (SMALL.height, SMALL.width, 3)
    assert np.abs(picture.astype(int) - frames(tmp_path / f"{stem}.webm")[0]).mean() <= 3

    told = said["transcript"]["steps"]
    cues = subtitles(tmp_path / f"{stem}.vtt")
    assert [text for text, _, _ in cues] == [step["text"] for step in told]
    for (_, start, end), step in zip(cues, told, strict=True):
        assert (start, end) == pytest.approx((step["start"], step["end"]), abs=0.001)

    (tmp_path / f"{stem}.vtt").write_bytes(b"cut short")
    assert not outputs.is_current(one, tmp_path)


def subtitles(file: Path) -> list[tuple[str, float, float]]:
    """Each cue's text, start and end, as ffmpeg reads them."""
    cues = []
    with av.open(str(file)) as container:
        for packet in container.demux(subtitles=0):
            text = "".join(part.dialogue.decode() for part in packet.decode())
            if text:
                start, length = (float(time * packet.time_base) for time in (packet.pts, packet.duration))
                cues.append((text, start, start + length))
    return cues


def test_no_text_breaks_out_of_its_cue(tmp_path: Path) -> None:
    hostile = "a --> b <b>&amp;\n\n00:00.000 --> 00:09.000\nmore"
    file = tmp_path / "hostile.vtt"
    file.write_text(webvtt(Transcript("", (Cue(hostile, 1.0, 3725.5), Cue("end", 3725.5, 3726.0))), "en"))
    (first, start, end), (last, _, _) = subtitles(file)
    assert first == "a --> b <b>&amp; 00:00.000 --> 00:09.000 more"
    assert (start, end) == (1.0, 3725.5)
    assert last == "end"


def test_other_formats_are_made_of_the_finished_loop(rendered: Any, tmp_path: Path) -> None:
    plain = rendered["01"][0]
    stem = plain.entry.stem
    assert make_files([plain], tmp_path) == {}
    drawn = (tmp_path / f"{stem}.webm").stat().st_mtime_ns
    wanted = replace(plain, also=("mp4", "webp", "gif"))
    assert not outputs.is_current(wanted, tmp_path)
    assert make_files([wanted], tmp_path) == {}
    assert outputs.is_current(wanted, tmp_path)
    assert (tmp_path / f"{stem}.webm").stat().st_mtime_ns == drawn
    first = frames(tmp_path / f"{stem}.webm")[0].astype(int)
    mp4 = tmp_path / f"{stem}.mp4"
    assert mp4.read_bytes().index(b"moov") < mp4.read_bytes().index(b"mdat")
    with av.open(str(mp4)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.video[0].codec_context.pix_fmt == "yuv420p"
    assert np.abs(frames(mp4)[0].astype(int) - first[: frames(mp4)[0].shape[0]]).mean() < 4
    for ending in ("webp", "gif"):
        with Image.open(tmp_path / f"{stem}.{ending}") as moving:
            assert (moving.width, moving.info.get("loop")) == (min(640, first.shape[1]), 0)
            assert moving.n_frames > 5
            small = np.asarray(moving.convert("RGB").resize(first.shape[1::-1]), int)
        assert np.abs(small - first).mean() < 6
    (tmp_path / f"{stem}.gif").write_bytes(b"GIF89a cut short")
    assert not outputs.is_current(wanted, tmp_path)


def test_a_manifest_lists_what_is_there(rendered: Any, tmp_path: Path) -> None:
    one = rendered["01"][0]
    make_files([one], tmp_path)
    outputs.write_manifest([one.entry], tmp_path)
    (listed,) = json.loads((tmp_path / "manifest.json").read_text())["loops"]
    assert (tmp_path / listed["video"]).exists()
    assert (tmp_path / listed["still"]).exists()
    assert listed["seconds"] == pytest.approx(len(frames(tmp_path / listed["video"])) / SMALL.fps)


def test_a_loop_that_fails_leaves_nothing_and_stops_no_other(rendered: Any, tmp_path: Path) -> None:
    good, broken = rendered["01"][0], replace(rendered["04"][0], content="{}")
    assert list(make_files([broken, good], tmp_path, workers=2)) == ["04"]
    assert outputs.is_current(good, tmp_path)
    assert not list(tmp_path.glob("04*"))
    assert not list(tmp_path.glob(".partial*"))


def test_what_an_interrupted_run_left_is_cleared(tmp_path: Path) -> None:
    left = tmp_path / ".partial-999999999-1"
    left.mkdir()
    (left / "half.webm").touch()
    addresses.prepare(tmp_path)
    assert not left.exists()


def test_a_folder_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(addresses.OutputError, match="cannot write to"):
        addresses.prepare(tmp_path / "file")


def test_a_transparent_loop_carries_its_alpha(france: Trace, tmp_path: Path) -> None:
    one = job("04", content("04", france), theme="transparent")
    assert make_files([one], tmp_path) == {}
    picture = iio.imread(tmp_path / f"{one.entry.stem}.png").astype(int)
    assert picture.shape == (SMALL.height, SMALL.width, 4)
    assert picture[2, 2, 3] == 0 and picture[..., 3].max() == 255
    video = tmp_path / f"{one.entry.stem}.webm"
    decoded = alpha_frames(video)
    for frame in (decoded[0], decoded[-1]):
        assert np.abs(frame[..., 3] - picture[..., 3]).mean() < 1
        assert np.abs(on(255, frame) - on(255, picture)).mean() < 3
        # on another ground too: the colours are not mixed with white
        assert np.abs(on(200, frame) - on(200, picture)).mean() < 3
    # and the alpha moves with the story
    assert max(np.abs(frame[..., 3] - picture[..., 3]).mean() for frame in decoded) > 3


def test_without_a_background_the_picture_is_the_light_one_on_white(france: Trace) -> None:
    said = content("f01", france)
    drawn = {theme: make(job("f01", said, theme=theme)) for theme in ("light", "transparent")}
    assert np.abs(on(255, still(drawn["transparent"])) - still(drawn["light"])).max() <= 3
    painted = {theme: b"<rect" in made.files["svg"] for theme, made in drawn.items()}
    assert painted == {"light": True, "transparent": False}


def test_an_svg_has_the_pictures_colours(france: Trace) -> None:
    """Manim's camera swaps red and blue, for its pixels' byte order."""
    vectors = make(job("f01", content("f01", france))).files["svg"].decode()
    named = re.findall(r"rgb\(([\d.]+)%, ?([\d.]+)%, ?([\d.]+)%\)", vectors)
    used = {tuple(round(float(part) * 2.55) for part in parts) for parts in named}
    for color in (Style().palette.input_fill, Style().palette.label_fill):
        assert tuple(bytes.fromhex(color[1:])) in used


def alpha_frames(video: Path) -> list[npt.NDArray[np.int64]]:
    """Every frame [height, width, 4]; of FFmpeg's decoders only libvpx reads alpha."""
    decoder = av.CodecContext.create("libvpx-vp9", "r")
    with av.open(str(video)) as container:
        packets = [packet for packet in container.demux(video=0) if packet.size]
        assert container.streams.video[0].metadata["ALPHA_MODE"] == "1"
        decoded = [frame for packet in packets for frame in decoder.decode(packet)]
    assert len(decoded) == len(packets)
    assert {frame.format.name for frame in decoded} == {"yuva420p"}
    return [frame.to_ndarray(format="rgba").astype(np.int64) for frame in decoded]


def still(drawn: Drawn) -> npt.NDArray[np.int64]:
    """Its still [height, width, 3 or 4]."""
    return np.asarray(iio.imread(drawn.files["png"]), np.int64)


def on(ground: int, pixels: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """The picture [height, width, 4] on a grey ground."""
    alpha = pixels[..., 3:] / 255
    return np.asarray(pixels[..., :3] * alpha + ground * (1 - alpha))

"""Other formats of a finished loop, for places that play no WebM."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ffmpeg
import imageio_ffmpeg

# Both loop for ever and are shown where articles are narrow.
_WIDTH = 640
_FPS = 15


def convert(video: bytes, ending: str, decoder: str) -> bytes:
    """Make ``video``, a WebM read by ffmpeg's ``decoder``, anew as ``mp4``, ``webp`` or ``gif``.

    Frame 0 is the same.

    H.264 in yuv420p with its index in front, at full size; animated WebP and GIF at most 640 pixels wide.

    Raises:
        RuntimeError: the encoder's own words, if it fails.
    """
    with tempfile.TemporaryDirectory(prefix="traced-loops-") as folder:
        source = Path(folder) / "loop.webm"
        source.write_bytes(video)
        return _converted(source, ending, decoder).read_bytes()


def _converted(video: Path, ending: str, decoder: str) -> Path:
    target = video.with_suffix(f".{ending}")
    source = ffmpeg.input(str(video), vcodec=decoder)
    options: Mapping[str, Any] = {}
    match ending:
        case "mp4":
            options = {
                "vcodec": "libx264",
                "pix_fmt": "yuv420p",
                "crf": 22,
                "preset": "medium",
                "movflags": "+faststart",
                "threads": 1,  # its number changes the bytes
            }
            # H.264 halves the resolution of colour, so both sides are even
            stream = source.filter("scale", "trunc(iw/2)*2", "trunc(ih/2)*2")
        case "webp":
            options = {"vcodec": "libwebp_anim", "quality": 80, "loop": 0}
            stream = _small(source)
        case "gif":
            # the palette is made of all frames: one of the first alone would lack the story's colours
            parts = _small(source).split()
            stream = ffmpeg.filter([parts[0], parts[1].filter("palettegen")], "paletteuse", dither="none")
            options = {"loop": 0}
        case _:
            raise ValueError(f"no such format: {ending}")
    output = stream.output(str(target), map_metadata=0, fflags="+bitexact", **options)
    try:
        output.run(cmd=imageio_ffmpeg.get_ffmpeg_exe(), overwrite_output=True, quiet=True)
    except ffmpeg.Error as error:
        last = error.stderr.decode(errors="replace").strip().splitlines()[-1]
        raise RuntimeError(f"{ending}: {last}") from error
    return target


def _small(source: Any) -> Any:
    return source.filter("fps", _FPS).filter("scale", f"min({_WIDTH},iw)", -2, flags="lanczos")

"""One loop to draw: small JSON in, files out. Needs neither the model nor the trace."""

from __future__ import annotations

import hashlib
import importlib
import importlib.metadata
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from scenes import Entry

_HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Quality:
    """Size in pixels and frames per second."""

    width: int
    height: int
    fps: int


QUALITIES: Mapping[str, Quality] = {
    "l": Quality(854, 480, 15),
    "m": Quality(1280, 720, 30),
    "h": Quality(1920, 1080, 30),
    "p": Quality(2560, 1440, 30),
    "k": Quality(3840, 2160, 30),
}

# What a loop can be converted to once it is drawn.
FORMATS = ("mp4", "webp", "gif")


@dataclass(frozen=True)
class Job:
    """What one loop is made of: ``content`` as JSON text, and the choices of how it is drawn.

    ``origin`` says where the content comes from (model, texts, trace digest); it goes into the
    provenance, not into the picture. ``also`` are further formats to convert a loop to, of ``FORMATS``.
    """

    entry: Entry
    content: str
    theme: str
    language: str
    quality: Quality
    tags: Mapping[str, str] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()

    @property
    def digest(self) -> str:
        """SHA-256 of all that the drawing depends on: the job, our code, the drawing packages' versions."""
        text = TypeAdapter(Job).dump_json(replace(self, also=())).decode()
        return hashlib.sha256(f"{text}\n{_code_digest()}".encode()).hexdigest()


@dataclass(frozen=True)
class Drawn:
    """A drawn loop: its frames per second are the job's; frame 0 [height, width, 4]; when each beat runs."""

    frames: int
    still: npt.NDArray[np.uint8]
    beats: tuple[Mapping[str, Any], ...]
    moves: tuple[Mapping[str, Any], ...]


@cache
def _code_digest() -> str:
    """What draws: our scenes, words and encoder, and the packages they stand on."""
    digest = hashlib.sha256()
    files = [
        path for room in ("scenes", "wording", "production") for path in (_HERE / room).rglob("*.[p][yo]")
    ]
    for file in sorted(files):
        digest.update(str(file.relative_to(_HERE)).encode() + file.read_bytes())
    for package in ("manim", "manimpango", "av", "numpy", "fontpkg-ibm-plex-sans", "fontpkg-ibm-plex-mono"):
        digest.update(f"{package}=={importlib.metadata.version(package)}".encode())
    return digest.hexdigest()


def content_of(job: Job) -> Any:
    """The job's content as the loop's own dataclass."""
    module = importlib.import_module(job.entry.module)
    return TypeAdapter(module.Content).validate_json(job.content)


def scene_of(job: Job) -> Any:
    """The job's scene class, bound to its content, style and language."""
    from scenes.style import THEMES
    from wording import Wording

    module = importlib.import_module(job.entry.module)
    return getattr(module, job.entry.scene).bind(content_of(job), THEMES[job.theme], Wording(job.language))


def draw(job: Job, target: Path) -> Drawn:
    """Draw the loop and encode it to ``target``."""
    # Manim reads its settings while it is imported, and takes a second for it
    from manim import tempconfig
    from manim.renderer.cairo_renderer import CairoRenderer

    from production.camera import LoopCamera
    from production.encoder import LoopWriter

    bound = scene_of(job)
    with tempfile.TemporaryDirectory(prefix="traced-loops-") as media, tempconfig(settings(job, media)):
        # Manim asks of a class only to be called
        writes = partial(LoopWriter, target=target, tags=job.tags, opaque=bound.style.opaque)
        renderer = CairoRenderer(file_writer_class=cast("type[LoopWriter]", writes), camera_class=LoopCamera)
        scene = bound(renderer=renderer)
        scene.render()
        writer = renderer.file_writer
    return Drawn(
        frames=writer.frames,
        still=writer.still,
        beats=tuple(asdict(beat) for beat in scene.beats),
        moves=tuple(asdict(move) for move in scene.moves),
    )


def settings(job: Job, media: str) -> dict[str, Any]:
    """Manim's settings for the job; what it writes by itself goes to the folder ``media``."""
    quality = job.quality
    return {
        "verbosity": "ERROR",  # first: the settings after it are checked aloud
        "pixel_width": quality.width,
        "pixel_height": quality.height,
        "frame_rate": quality.fps,
        # 854 x 480 is not quite 16:9: the frame stays, so that a draft has the layout of the real thing
        "frame_height": 8.0,
        "frame_width": 8.0 * 16 / 9,
        "format": "webm",
        "media_dir": media,
        "disable_caching": True,
        "progress_bar": "none",
        "background_opacity": 1.0,  # a scene sets its own background
    }

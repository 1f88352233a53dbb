"""One loop to draw, and the drawn loop: small JSON in, files out. Needs neither the model nor the trace."""

from __future__ import annotations

import hashlib
import importlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from scenes.entry import Entry
from scenes.frame import FRAMES, WIDE
from traced_loops import code_digest


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


def quality_of(letter: str, shape: str, fps: int | None = None) -> Quality:
    """The size of a shape at one of ``QUALITIES``: its shorter side is as long as that of a wide picture."""
    wide, frame = QUALITIES[letter], FRAMES[shape]
    width, height = wide.width, wide.height
    if frame is not WIDE:
        # even, as video formats that halve the resolution of colour need it
        width, height = height, round(height * frame.height / frame.width / 2) * 2
    return Quality(width, height, fps or wide.fps)


# What a loop can be converted to once it is drawn.
FORMATS = ("mp4", "webp", "gif")


@dataclass(frozen=True)
class Job:
    """What one loop is made of: ``content`` as JSON text, and the choices of how it is drawn.

    ``origin`` says where the content comes from (model, texts, trace digest); it goes into the
    provenance, not into the picture. ``also`` are further formats to convert a loop to, of ``FORMATS``.
    ``codec`` is of ``CODECS``, ``shape`` of ``FRAMES``; for ``reference`` a loop is drawn the slow way, to
    compare with.
    """

    entry: Entry
    content: str
    theme: str
    language: str
    quality: Quality
    tags: Mapping[str, str] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    codec: str = "vp9"
    reference: bool = False
    shape: str = "wide"

    @cached_property
    def digest(self) -> str:
        """SHA-256 of what the picture depends on: the job, the code that draws it, the packages' versions.

        The words in it are not known before it is drawn: ``Drawn.words`` has them.
        """
        text = json.dumps(asdict(replace(self, origin={}, also=())))
        drawing = (
            "traced_loops.rendering.figures" if self.entry.is_figure else "traced_loops.rendering.drawing"
        )
        return hashlib.sha256(
            f"{text}\n{code_digest.drawing_digest(f'{self.entry.package}.scene', drawing)}".encode()
        ).hexdigest()

    @property
    def formats(self) -> tuple[str, ...]:
        """The endings of the files to convert the drawn loop to; a figure is not converted."""
        return () if self.entry.is_figure else self.also


@dataclass(frozen=True)
class Drawn:
    """A drawn loop or figure as it travels: its files by ending, and what a reader of them wants to know.

    ``size`` is width and height; ``beats`` say when each idea runs; ``words`` are the messages its drawing
    asked for, and what they were in its language; ``boxes`` say where in the still its values stand, see
    ``scenes.marks.boxes``.
    """

    files: Mapping[str, bytes]
    frames: int
    size: tuple[int, int]
    beats: tuple[Mapping[str, Any], ...]
    words: Mapping[str, str]
    boxes: Mapping[str, Mapping[str, Any]]


def content_of(job: Job) -> Any:
    """The job's content as the loop's own dataclass."""
    module = importlib.import_module(f"{job.entry.package}.content")
    return TypeAdapter(module.Content).validate_json(job.content)

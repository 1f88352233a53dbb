"""Options that contradict each other or cannot be met, by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from model_trace.request import ModelChoice, Request, check_text
from model_trace.trace import TraceError
from scenes.entry import Entry
from scenes.frame import FRAMES
from scenes.wording import languages
from traced_loops.jobs.options import DrawingOptions, RecordingOptions


class Problem(NamedTuple):
    """An option, the value that is wrong ("" if it is the option itself), and what to do about it."""

    option: str
    value: str
    advice: str

    def __str__(self) -> str:
        return f"{self.option} {self.value}".rstrip() + f": {self.advice}"


def of_drawing(drawing: DrawingOptions) -> Iterator[Problem]:
    """What cannot be drawn, and what may be asked for instead."""
    known = languages()
    for language in drawing.language:
        if language not in known:
            yield Problem("language", language, f"choose {' or '.join(known)}")
    for option in ("language", "theme"):
        if not getattr(drawing, option):
            yield Problem(option, "", "is empty: name at least one")
    for option, largest in (("fps", 120), ("jobs", None)):
        value = getattr(drawing, option)
        if value is not None and not 1 <= value <= (largest or value):
            yield Problem(
                option, str(value), f"type a whole number from 1{f' to {largest}' if largest else ''}"
            )
    if "transparent" in drawing.theme and drawing.codec == "av1":
        yield Problem("codec", "av1", "cannot be transparent: choose vp9 or lossless")
    if "transparent" in drawing.theme and "mp4" in drawing.also:
        yield Problem("also", "mp4", "cannot be transparent: choose webp or gif")


def of_shapes(entries: Sequence[Entry], drawing: DrawingOptions) -> Iterator[Problem]:
    """Shapes in which some of these loops do not find room."""
    for shape in drawing.shapes:
        lacking = [entry.number for entry in entries if shape not in entry.shapes]
        if lacking:
            others = [name for name in FRAMES if all(name in entry.shapes for entry in entries)]
            instead = f" {' or '.join(others)}" if others else " another shape"
            named = f"loop {lacking[0]} has" if len(lacking) == 1 else f"loops {', '.join(lacking)} have"
            yield Problem("shape", shape, f"{named} no room in it: choose{instead}")


def of_recording(recording: RecordingOptions) -> Iterator[Problem]:
    """What no model can be asked, and texts that exclude each other."""
    if recording.completion is not None and recording.prompt is None:
        yield Problem("completion", "", "continues a --prompt: give both")
    if recording.texts is not None and recording.prompt is not None:
        yield Problem("texts", "", "gives each loop its text: leave out --prompt")
    for option in ("prompt", "completion", "temperature", "top_p", "max_new_tokens", "seed"):
        value = getattr(recording, option)
        request_for: dict[str, Any] = {"prompt": "any", option: value}
        try:
            if value is not None:
                Request(**request_for).check()
        except TraceError as error:
            yield Problem(option.replace("_", "-"), "", str(error))
    try:
        check_text(recording.description or "", "description")
    except TraceError as error:
        yield Problem("description", "", str(error))
    for option in ("device", "dtype"):
        try:
            ModelChoice(**{option: getattr(recording, option)}).check()
        except TraceError as error:
            yield Problem(option, "", str(error))

"""Options that contradict each other or cannot be met, by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from model_trace.request import ModelChoice, Request, check_text
from model_trace.trace import TraceError
from scenes.choice import SUBJECTS
from scenes.style import THEMES
from scenes.wording import catalogue_name, languages
from traced_loops.cli.options import Drawing, Recording
from traced_loops.rendering.codecs import CODECS
from traced_loops.rendering.jobs import FORMATS, QUALITIES


class Problem(NamedTuple):
    """An option, the value that is wrong ("" if it is the option itself), and what to do about it."""

    option: str
    value: str
    advice: str

    def __str__(self) -> str:
        return f"{self.option} {self.value}".rstrip() + f": {self.advice}"


def several(values: str) -> tuple[str, ...]:
    """The values of an option that takes several."""
    return tuple(dict.fromkeys(values.replace(",", " ").split()))


def several_languages(drawing: Drawing) -> tuple[str, ...]:
    """The languages to draw in, each as its catalogue is named."""
    return tuple(dict.fromkeys(map(catalogue_name, several(drawing.language))))


def of_drawing(drawing: Drawing) -> Iterator[Problem]:
    """What cannot be drawn, and what may be asked for instead."""
    for option, values, allowed in (
        ("quality", (drawing.quality,), tuple(QUALITIES)),
        ("theme", several(drawing.theme), tuple(THEMES)),
        ("language", several_languages(drawing), languages()),
        ("subject", (SUBJECTS[0] if drawing.subject is None else drawing.subject,), SUBJECTS),
        ("codec", (drawing.codec,), tuple(CODECS)),
        ("also", ("", *several(drawing.also)), ("", *FORMATS)),
    ):
        advice = f"choose {' or '.join(filter(None, allowed))}"
        for value in values or ("is empty",):
            if value not in allowed:
                yield Problem(option, value, advice)
    if "transparent" in several(drawing.theme) and drawing.codec == "av1":
        yield Problem("codec", "av1", "cannot be transparent: choose vp9 or lossless")
    if "transparent" in several(drawing.theme) and "mp4" in several(drawing.also):
        yield Problem("also", "mp4", "cannot be transparent: choose webp or gif")


def of_recording(recording: Recording) -> Iterator[Problem]:
    """What no model can be asked, and texts that exclude each other."""
    if recording.completion is not None and recording.prompt is None:
        yield Problem("completion", "", "continues a --prompt: give both")
    if recording.texts is not None and recording.prompt is not None:
        yield Problem("texts", "", "gives each loop its text: leave out --prompt")
    for option in ("prompt", "completion", "temperature", "top_p", "max_new_tokens", "seed"):
        value = getattr(recording, option)
        wish: dict[str, Any] = {"prompt": "any", option: value}
        try:
            if value is not None:
                Request(**wish).check()
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

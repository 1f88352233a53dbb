"""Loops made small for tests: recordings of the embedded model, jobs at 240p, decoded frames."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from pydantic import TypeAdapter

from model_trace.trace import Trace
from production.jobs import Job, Quality
from scenes import CATALOGUE, Entry
from texts import code_prompt

CODE = code_prompt("a red button that says stop")

SMALL = Quality(426, 240, 10)

# one token, a few, a line, more than fits
PROMPTS = {
    1: "Hi",
    6: "The capital of France is called",
    20: "Once upon a time there was a small robot who wanted to learn how people find their words so",
    60: "Once upon a time there was a small robot who wanted to learn how people find the right words. "
    "It read every book in the library, it listened to the radio all night long, and it wrote down what "
    "it heard on small yellow cards. In the spring it began to answer the letters of children who had asked",
}


def entry(number: str) -> Entry:
    """The catalogue's loop of this number."""
    return next(entry for entry in CATALOGUE if entry.number == number)


def content(number: str, trace: Trace, **wishes: Any) -> Any:
    """What the loop says of the trace."""
    return importlib.import_module(entry(number).module).content(trace, **wishes)


TEXT_LOOPS = tuple(entry.number for entry in CATALOGUE if entry.needs == "text" and not entry.is_figure)


def job(number: str, content: Any, quality: Quality = SMALL, theme: str = "light") -> Job:
    """The job that draws this content."""
    text = TypeAdapter(type(content)).dump_json(content).decode()
    return Job(entry(number), text, theme, "en", quality)


def frames(video: Path) -> list[npt.NDArray[np.uint8]]:
    """Every decoded frame [height, width, 3]."""
    with av.open(str(video)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]

"""Loops made small for tests: recordings of the embedded model, jobs at 240p, decoded frames."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import av
import numpy as np
import numpy.typing as npt
from manim import tempconfig
from manim.renderer.cairo_renderer import CairoRenderer
from pydantic import TypeAdapter

from model_trace.progress import silent
from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.entry import Entry
from scenes.loop import FigureScene
from scenes.style import Style
from scenes.wording import Wording
from traced_loops.jobs.executors import processes
from traced_loops.jobs.making import CachePolicy, Order, pack
from traced_loops.jobs.texts import code_prompt
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import Job, Quality

T = TypeVar("T")

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
    return importlib.import_module(f"{entry(number).package}.content").content(trace, **wishes)


TEXT_LOOPS = tuple(entry.number for entry in CATALOGUE if entry.needs == "text" and not entry.is_figure)


def job(number: str, content: Any, quality: Quality = SMALL, theme: str = "light") -> Job:
    """The job that draws this content."""
    text = TypeAdapter(type(content)).dump_json(content).decode()
    return Job(entry(number), text, theme, "en", quality)


def play(
    number: str,
    said: Any,
    at_rest: Callable[[Any], T],
    wording: Wording | None = None,
    *,
    story: bool = True,
    style: Style | None = None,
    height: int = SMALL.height,
) -> tuple[Any, list[T]]:
    """Play a loop or figure without making a video; without its ``story``, show the finished picture only.

    The style's frame is the picture's shape, wide unless another is asked for; ``height`` are the pixels of
    a wide one.

    Returns the scene and what ``at_rest`` says of it at each rest.
    """
    one = entry(number)
    loop: Any = getattr(importlib.import_module(f"{one.package}.scene"), one.scene)
    found: list[T] = []

    class Watched(loop):  # type: ignore[misc]
        def construct(self) -> None:
            (super().construct if story else partial(FigureScene.construct, self))()

        def rest(self, seconds: float) -> None:
            found.append(at_rest(self))
            if story:
                super().rest(seconds)

    style = style or Style()
    across, down = style.frame.units
    with tempconfig(
        {
            "verbosity": "ERROR",
            "progress_bar": "none",
            "dry_run": True,
            "frame_rate": SMALL.fps,
            "pixel_width": round(height / 8 * across),
            "pixel_height": round(height / 8 * down),
            "frame_width": across,
            "frame_height": down,
        }
    ):
        scene = Watched.bind(said, style, wording or Wording())(renderer=CairoRenderer(skip_animations=True))
        scene.render()
    return scene, found


def stills(number: str, said: Any) -> list[npt.NDArray[np.int16]]:
    """The picture [height, width, 3] at each rest of a loop; a figure's one picture."""

    def picture(scene: Any) -> npt.NDArray[np.int16]:
        scene.camera.reset()
        scene.camera.capture_mobjects(scene.mobjects)
        seen: npt.NDArray[np.uint8] = scene.camera.pixel_array
        return seen[..., :3].astype(np.int16)

    return play(number, said, picture)[1]


def changed(trace: Trace, tensor: str, index: tuple[int | slice, ...]) -> Trace:
    """A copy of the trace in which what stands at ``index`` of ``tensor`` is something else.

    A token id becomes another that the trace can spell, a probability its opposite, another number half
    of it; ``tokens`` counts as a tensor, as it does in a ``Source``.
    """
    if tensor == "tokens":
        tokens = list(trace.tokens)
        (place,) = index
        assert isinstance(place, int)
        tokens[place] = replace(tokens[place], text="changed", bytes=b"changed")
        return replace(trace, tokens=tuple(tokens))
    values = trace.values(tensor).copy()
    before = values[index].copy()
    if tensor.endswith("_ids"):
        values[index] = next(number for number in trace.pieces if number not in np.ravel(before))
    elif "probabilit" in tensor:
        values[index] = 1 - before
    else:
        values[index] = before / 2
    assert not np.array_equal(values[index], before)
    return replace(trace, tensors={**trace.tensors, tensor: values})


def make_files(jobs: Sequence[Job], folder: Path, workers: int = 1) -> Any:
    """Make the jobs' files in ``folder``, as a run without a cache does; the errors by loop number."""
    errors: dict[str, BaseException] = {}
    with processes(workers) as executor:
        orders = [Order(job, folder, job.entry.stem, CachePolicy(folder / "none", 0)) for job in jobs]
        futures = [executor.submit(pack, order, outputs.kept(order.job, folder), silent) for order in orders]
        for order, future in zip(orders, futures, strict=True):
            try:
                outputs.put(order.job.entry, future.result(), folder)
            except Exception as error:
                errors[order.job.entry.number] = error
    return errors


def frames(video: Path) -> list[npt.NDArray[np.uint8]]:
    """Every frame [height, width, 3] as a viewer sees it: a decoded one is shown until the next begins."""
    with av.open(str(video)) as container:
        rate = container.streams.video[0].average_rate
        shown: list[npt.NDArray[np.uint8]] = []
        for frame in container.decode(video=0):
            assert frame.time is not None and rate
            begins = round(frame.time * rate)
            shown += shown[-1:] * (begins - len(shown))
            shown.append(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
    return shown

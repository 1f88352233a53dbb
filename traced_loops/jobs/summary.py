"""What a recording holds, in lines to read. Needs neither torch nor Manim."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from model_trace.store import store
from model_trace.trace import Generation, Part, Temperatures, Trace, TrainingRun
from scenes.catalogue import CATALOGUE
from scenes.chosen_content import serves

_LONGEST = 70  # characters of a text that are shown


def summary(path: Path) -> Iterator[str]:
    """Yield the lines: text, model, size, tensors with shapes, and the loops that can be drawn.

    Raises:
        TraceError: the folder is no recording, or is damaged.
    """
    traces = {place: store.open_trace(place) for place in (path, *store.inner(path))}
    outer = traces[path]
    size = sum(file.stat().st_size for file in path.rglob("*") if file.is_file())
    drawable = [entry.number for entry in CATALOGUE if any(serves(entry, trace) for trace in traces.values())]
    yield f"{path}: {size / 1e6:,.1f} MB"
    yield f"  model   {outer.model.name}, {outer.model.layers} layers, {outer.model.parameters:,} parameters"
    yield f"  loops   {' '.join(drawable) or 'none'}"
    for place, trace in traces.items():
        yield from ("", place.name) if len(traces) > 1 else ("",)
        yield from (f"  {line}" for part in trace.parts for line in _described(part))
        yield f"  tokens  {len(trace.tokens)}"
        yield from _tensors(trace)


def _described(part: Part) -> Iterator[str]:
    match part:
        case Generation(prompt=prompt, completion=completion):
            yield f"prompt  {_short(prompt)}"
            if completion is not None:
                yield f"given   {_short(completion)}"
        case TrainingRun(text=text):
            yield f"training on  {_short(text)}"
        case Temperatures(prompt=prompt, temperatures=temperatures):
            yield f"prompt  {_short(prompt)}"
            yield f"temperatures  {', '.join(f'{each:g}' for each in temperatures)}"
        case _:
            yield f"fine-tuning on  {len(part.pairs)} pairs of words"


def _tensors(trace: Trace) -> Iterator[str]:
    width = max(map(len, trace.tensors), default=0)
    for name, tensor in sorted(trace.tensors.items()):
        yield f"  {name:<{width}}  {tensor.dtype.name:<8} {list(tensor.shape)}"
    for name, why in trace.unavailable.items():
        yield f"  {name:<{width}}  not recorded: {why}"


def _short(text: str) -> str:
    """The text on one line, cut where it is long."""
    line = repr(text)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"

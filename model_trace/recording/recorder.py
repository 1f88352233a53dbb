"""Hooks that copy each decoder layer's tensors into buffers made beforehand, row by row."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from model_trace.errors import TraceError
from model_trace.models.hook_points import HookPoint, first_tensor, main_output
from model_trace.models.module_map import FROM_ATTENTION, ModuleMap
from model_trace.models.recording_attention import recording_attention
from model_trace.recording.spec import PER_LAYER, RecordingSpec

# The residual stream once: depth 0 is what layer 0 is given, depth l what layer l - 1 answers.
STREAM = "stream"


class Recorder:
    """Copies what a model computes, for one text of at most ``capacity`` forwarded tokens.

    Within ``attached()``, call ``begin(n)`` before each forward of the next ``n`` tokens. Buffers are made
    at the first forward, when the shapes are known; each later forward copies its new rows alone.
    ``patterns`` are the rows of the attention patterns to keep, None for all.
    """

    def __init__(
        self,
        model: Any,
        module_map: ModuleMap,
        wanted: Sequence[str],
        capacity: int,
        patterns: range | None = None,
    ) -> None:
        self._model = model
        self._anatomy = module_map
        self._wanted = frozenset(wanted) - module_map.unavailable.keys()
        self._capacity = capacity
        self._patterns = range(capacity) if patterns is None else patterns
        self._in_rows = patterns is not None
        self._row = 0
        self._rows = 0
        self._buffers: dict[str, Tensor] = {}
        self._views: dict[str, tuple[Tensor, ...]] = {}

    def begin(self, rows: int) -> None:
        """Announce that the next forward is of ``rows`` tokens."""
        self._row += self._rows
        self._rows = rows
        # One slice per tensor and forward, not one per layer: slicing costs as much as copying a row.
        self._views = {name: self._slices(name, buffer) for name, buffer in self._buffers.items()}

    @contextmanager
    def attached(self) -> Iterator[None]:
        """While this lasts, the model's forwards are recorded."""
        with ExitStack() as stack:
            for module, end, keep in self._places():
                stack.callback(_hook(module, end, keep).remove)
            if self._watched:
                stack.enter_context(recording_attention(self._model, self._witness()))
            yield

    @property
    def asks(self) -> dict[str, bool]:
        """What the model must be asked for with each forward: patterns, where they cannot be watched."""
        reported = self._anatomy.reports_patterns and "attn_pattern" in self._wanted
        return {"output_attentions": True} if reported else {}

    def take(self, answer: Any) -> None:
        """Keep what is in the model's answer alone: logits [1, rows, vocabulary], and the patterns
        [1, heads, rows, seen] that it reported, layer by layer."""
        if "logits" in self._wanted:
            self._keeper("logits", 0, 1)(answer.logits)
        for index, pattern in enumerate(answer.attentions if self.asks else ()):
            self._keep_pattern(index, len(answer.attentions), pattern)

    def finish(self) -> None:
        """Cut the buffers to what was forwarded; no further forward can follow."""
        self._capacity = self._row + self._rows
        self._patterns = range(self._patterns.start, min(self._patterns.stop, self._capacity))
        for name, buffer in self._buffers.items():
            sizes = {1: self._capacity}
            if name == "attn_pattern":
                sizes = {2: len(self._patterns), 3: self._capacity}
            self._buffers[name] = _cut(buffer, sizes)
        self._views = {}

    def stream(self) -> Tensor:
        """The residual stream, [layers + 1, forwarded, d_model]."""
        return self._buffers[STREAM]

    def results(self, spec: RecordingSpec) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
        """The spec's tensors as numpy arrays, in the buffers' memory where these are stored as they are;
        and the reasons for those that are not there.

        Raises:
            TraceError: a value does not fit the spec's dtype.
        """
        arrays: dict[str, npt.NDArray[Any]] = {}
        missing: dict[str, str] = {}
        for name in spec.tensors:
            buffer = self._named(name)
            if buffer is None:
                missing[name] = self._anatomy.unavailable[name]
                continue
            if name not in PER_LAYER:
                buffer = buffer[0]
            elif spec.layers is not None:
                buffer = buffer[list(spec.layers)]
            if name == "attn_pattern" and self._in_rows:
                arrays["attn_positions"] = np.asarray(self._patterns, dtype=np.int32)
                missing[name] = "it would be large; attn_pattern_rows holds its rows at attn_positions"
                name = "attn_pattern_rows"
            arrays[name] = stored(name, buffer.numpy(), spec.dtype)
        return arrays, missing

    def _named(self, name: str) -> Tensor | None:
        if name in ("resid_pre", "resid_post") and self._anatomy.connected:
            stream = self._buffers[STREAM]
            return stream[:-1] if name == "resid_pre" else stream[1:]
        if name == "resid_post":
            return self._buffers[STREAM][1:]
        return self._buffers.get(name)

    @property
    def _watched(self) -> frozenset[str]:
        """What attention itself shows."""
        return frozenset() if self._anatomy.reports_patterns else self._wanted & set(FROM_ATTENTION)

    def _places(self) -> Iterator[tuple[nn.Module, str, Callable[[Tensor], None]]]:
        module_map = self._anatomy
        depth = len(module_map.layers)
        if "embed" in self._wanted:
            yield module_map.embedding, "output", self._keeper("embed", 0, 1)
        if "final_norm" in self._wanted:
            assert module_map.final_norm is not None
            yield module_map.final_norm, "output", self._keeper("final_norm", 0, 1)
        stream = bool(self._wanted & {"resid_pre", "resid_post", STREAM})
        for index, layer in enumerate(module_map.layers):
            if stream and index == 0:
                yield layer.block, "input", self._keeper(STREAM, 0, depth + 1)
            if stream:
                yield layer.block, "output", self._keeper(STREAM, index + 1, depth + 1)
            if "resid_pre" in self._wanted and not module_map.connected:
                yield layer.block, "input", self._keeper("resid_pre", index, depth)
            for name in sorted(self._wanted & layer.hook_points.keys()):
                tap: HookPoint = layer.hook_points[name]
                yield tap.module, tap.end, self._keeper(name, index, depth)

    def _keeper(self, name: str, index: int, depth: int) -> Callable[[Tensor], None]:
        def keep(value: Tensor) -> None:
            views = self._views.get(name)
            if views is None:
                views = self._open(name, depth, (value.shape[-1],), value)
            views[index].copy_(value)

        return keep

    def _witness(self) -> Callable[[nn.Module, dict[str, Tensor]], None]:
        layers = self._anatomy.layers
        places = {layer.attention: index for index, layer in enumerate(layers) if layer.attention is not None}
        wanted = sorted(self._watched)

        def witness(module: nn.Module, tensors: dict[str, Tensor]) -> None:
            index = places[module]
            for name in wanted:
                value = tensors[name]
                if name == "attn_pattern":
                    self._keep_pattern(index, len(layers), value)
                    continue
                if name != "z":
                    # Keys and values come with those of all earlier tokens; the new ones are the last.
                    value = value[:, :, -self._rows :].transpose(1, 2)
                views = self._views.get(name)
                if views is None:
                    views = self._open(name, len(layers), tuple(value.shape[2:]), value)
                views[index].copy_(value)

        return witness

    def _keep_pattern(self, index: int, depth: int, pattern: Tensor) -> None:
        kept = self._kept_rows
        if not kept:
            return
        views = self._views.get("attn_pattern")
        if views is None:
            views = self._open("attn_pattern", depth, (pattern.shape[1],), pattern)
        seen = pattern.shape[-1]
        view = views[index]
        rows = pattern[0, :, kept.start - self._row : kept.stop - self._row]
        # A sliding window's cache holds the last tokens alone; what it dropped was attended to with 0.
        (view if view.shape[-1] == seen else view[..., -seen:]).copy_(rows)

    @property
    def _kept_rows(self) -> range:
        """The rows of this forward's patterns that are kept."""
        kept = self._patterns
        return range(max(kept.start, self._row), min(kept.stop, self._row + self._rows))

    def _open(self, name: str, depth: int, shape: tuple[int, ...], like: Tensor) -> tuple[Tensor, ...]:
        rows = self._capacity
        full = (depth, rows, *shape)
        if name == "attn_pattern":
            full = (depth, *shape, len(self._patterns), rows)
        # numpy has no bfloat16; float32 holds its values exactly.
        dtype = torch.float32 if like.dtype == torch.bfloat16 else like.dtype
        # By numpy, whose zeros take no memory until something is written there.
        make = np.zeros if name == "attn_pattern" else np.empty
        self._buffers[name] = torch.from_numpy(make(full, str(dtype).removeprefix("torch.")))
        self._views[name] = self._slices(name, self._buffers[name])
        return self._views[name]

    def _slices(self, name: str, buffer: Tensor) -> tuple[Tensor, ...]:
        end = self._row + self._rows
        if name == "attn_pattern":
            kept, first = self._kept_rows, self._patterns.start
            return buffer[:, :, kept.start - first : kept.stop - first, :end].unbind(0) if kept else ()
        # With the batch's axis of one, as the model has it.
        return buffer[:, None, self._row : end].unbind(0)


def _cut(buffer: Tensor, sizes: Mapping[int, int]) -> Tensor:
    """The first entries of a buffer, ``sizes`` by axis, moved together in its own memory: patterns are the
    largest part of a recording, and a copy would double them."""
    values = buffer.numpy()
    shape = tuple(sizes.get(axis, size) for axis, size in enumerate(values.shape))
    if shape == values.shape:
        return buffer
    first = min(sizes)
    flat, size = values.reshape(-1), math.prod(shape[first:])
    part = tuple(slice(each) for each in shape[first:])
    places = list(np.ndindex(shape[:first]))
    for place, index in enumerate(places):
        # Each moves towards the front, over what has been moved already.
        flat[place * size : (place + 1) * size] = values[index][part].reshape(-1)
    return torch.from_numpy(flat[: len(places) * size].reshape(shape))


def _hook(module: nn.Module, end: str, keep: Callable[[Tensor], None]) -> Any:
    if end == "output":

        def after(module: nn.Module, args: Any, output: Any) -> None:
            keep(main_output(output))

        return module.register_forward_hook(after)

    def before(module: nn.Module, args: Any, kwargs: Any) -> None:
        value = first_tensor(args, kwargs)
        assert value is not None
        keep(value)

    return module.register_forward_pre_hook(before, with_kwargs=True)


def stored(name: str, values: npt.NDArray[Any], dtype: str) -> npt.NDArray[Any]:
    """The values in the spec's dtype, contiguous.

    Raises:
        TraceError: float16 cannot hold one of them.
    """
    with np.errstate(over="ignore"):
        narrowed = np.ascontiguousarray(values, dtype=np.dtype(dtype))
    if dtype == "float16" and not np.isfinite(narrowed).all() and np.isfinite(values).all():
        raise TraceError(f"{name} reaches {np.abs(values).max():.0f}, beyond float16: record it as float32")
    return narrowed

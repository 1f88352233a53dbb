"""Read a trace by the names of its tensors, from its folder. Needs no torch."""

from __future__ import annotations

import difflib
import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, overload

import numpy as np

from model_trace.recording.spec import ALL
from model_trace.store import store, tensor_checks
from model_trace.trace import Token, Trace, TraceError
from model_trace.views import Candidate, TensorView, TopTokens, axes_and_sizes

# TransformerLens's names of what is recorded (Nanda and Bloom 2022), within a block or without one.
_LENS = {
    "hook_embed": "embed",
    "hook_resid_pre": "resid_pre",
    "hook_resid_mid": "resid_mid",
    "hook_resid_post": "resid_post",
    "hook_attn_out": "attn_out",
    "hook_mlp_out": "mlp_out",
    "attn.hook_rot_q": "q",
    "attn.hook_rot_k": "k",
    "attn.hook_v": "v",
    "attn.hook_z": "z",
    "attn.hook_pattern": "attn_pattern",
    "mlp.hook_post": "mlp_act",
}
_BLOCK = re.compile(r"blocks\.(\d+)\.(.+)")
# What the letters of ``tensor_checks`` stand for.
_DIMS = {
    "L": "layer", "F": "position", "D": "d_model", "E": "d_embed", "V": "vocabulary", "W": "d_mlp",
    "A": "head", "G": "key_value_head", "Q": "d_head", "Z": "d_value", "B": "row", "K": "candidate",
    "Y+1": "depth", "X": "lens_position", "S": "update", "S+1": "step", "P": "parameter", "N": "sample",
    "M": "matrix", "M+1": "histogram", "I": "bin", "I+1": "edge", "R": "row", "C": "column",
    "Height": "row", "Width": "column", "H": "word", "1": "model", "2": "side",
    "T": "temperature", "U": "draw",
}  # fmt: skip
_TEXT_WIDTH = 60  # characters of a text in a repr


class _Place(NamedTuple):
    """Where a tensor is: the trace that holds it, its name there, and whether that is of another text."""

    trace: Trace
    name: str
    apart: bool = False


@dataclass(frozen=True, repr=False, kw_only=True)
class SavedTrace(Trace):
    """A trace in a folder, read by the names of its tensors; ``inside`` are the traces that lie in it.

    ``trace["resid_post"]`` is a tensor and ``trace["resid_post", 3]`` its layer 3, counted from 0;
    TransformerLens's names do too, ``trace["blocks.3.hook_resid_post"]``. Where several parts record
    something of one name, it is called by its whole one: ``trace["training/loss"]``. See ``Trace`` for the
    tensors there are.
    """

    path: Path = field(compare=False)
    inside: Mapping[str, SavedTrace] = field(default_factory=dict, compare=False)

    @classmethod
    def open(cls, path: Path) -> SavedTrace:
        """Open the trace at ``path`` and those inside it; tensors stay on disk until they are used.

        Raises:
            TraceError: it is not a trace, or damaged.
        """
        made = store.open_trace(path)
        inside = {folder.stem: cls.open(folder) for folder in store.inner(path)}
        return cls(
            **{each.name: getattr(made, each.name) for each in fields(Trace)}, path=path, inside=inside
        )

    def save(self, path: Path | str, *, force: bool = False) -> SavedTrace:
        """Write the trace, and those inside it, to the folder ``path``, and return it opened from there.

        Raises:
            TraceError: something is there already that ``force`` does not replace, or the disk refuses.
        """
        path = Path(path).expanduser()
        if path.exists() and not force:
            raise TraceError(f"{path} is there already: give another name, or force=True")
        store.save(self, path, self.inside)
        return SavedTrace.open(path)

    @overload
    def __getitem__(self, key: str) -> TensorView: ...
    @overload
    def __getitem__(self, key: tuple[str, int]) -> TensorView: ...
    def __getitem__(self, key: str | tuple[str, int]) -> TensorView:
        """The tensor of a name, or its layer: ``trace["resid_post"]``, ``trace["resid_post", 3]``.

        Raises:
            TraceError: there is none of that name, or no such layer; the message lists those near it.
        """
        match key:
            case str():
                name, layer = _without_block(key)
            case (str() as name, int() as layer):
                pass
            case _:
                raise TraceError(
                    f'{key!r} is not a tensor: write trace["resid_post"] or trace["resid_post", layer]'
                )
        whole = self._whole_name(name)
        place = self._places[whole]
        tensor = place.trace.tensors[place.name]
        dims = _dims(place, len(tensor.shape))
        if layer is None:
            return TensorView(whole, tensor, dims)
        kept = _kept(place.trace)
        row = _row(name, kept, dims, layer + self.model.layers if layer < 0 else layer)
        return TensorView(f"{whole}, layer {kept[row]},", tensor, dims, row)

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and len(self._candidates(_without_block(name)[0])) == 1

    def __iter__(self) -> Iterator[str]:
        return iter(self._short)

    def _ipython_key_completions_(self) -> list[str]:
        return list(self._short)

    @property
    def text(self) -> str:
        """The text: the prompt and what follows it, without what tokenizer or template add."""
        return _text(self.tokens)

    def top(self, position: int | None = None, k: int = 5) -> TopTokens:
        """The ``k`` tokens that the model finds most probable after ``tokens[position]``.

        Without a position it is the prompt's last token: what the model answers first. Negative ones count
        from the last token that the model was given.

        Raises:
            TraceError: the trace records no text, or neither so many tokens nor so many candidates.
        """
        ids, probabilities = (self.tensor(f"generation/top_{name}") for name in ("ids", "probabilities"))
        positions, kept = ids.shape
        if position is None:
            position = self.prompt_length - 1
        place = position + positions if position < 0 else position
        if not 0 <= place < positions:
            raise TraceError(f"there is no position {position}: choose one from 0 to {positions - 1}")
        if not 1 <= k <= kept:
            raise TraceError(f"the trace keeps the {kept} most probable tokens, not {k}: give 1 to {kept}")
        candidates = [
            Candidate(rank, float(probability), self.pieces[int(id)].decode("utf-8", "replace"), int(id))
            for rank, (id, probability) in enumerate(
                zip(ids[place, :k], probabilities[place, :k], strict=True), start=1
            )
        ]
        return TopTokens(candidates, f"after {self.tokens[place].text!r}, position {place}")

    def to_xarray(self, part: str | None = None) -> Any:
        """The tensors of one part as an ``xarray.Dataset``, with layers and tokens as coordinates.

        ``part`` is the first word of their whole names: "generation", the default where there is one,
        "training", "untrained", "trained", "fine_tuning". All of them are read.

        Raises:
            TraceError: xarray is not installed, or the trace has no such part.
        """
        try:
            import xarray
        except ImportError as error:
            raise TraceError("to_xarray needs xarray: pip install xarray") from error
        parts = list(dict.fromkeys(name.partition("/")[0] for name in self._places))
        if part is None:
            part = "generation" if "generation" in parts else parts[0]
        if part not in parts:
            raise TraceError(f"the trace has no part {part!r}: choose {' or '.join(parts)}")
        views = {name.partition("/")[2]: self[name] for name in self._places if name.startswith(f"{part}/")}
        arrays = {name: (view.dims, np.asarray(view)) for name, view in views.items()}
        sizes = {
            dim: size for view in views.values() for dim, size in zip(view.dims, view.shape, strict=True)
        }
        owner = next(place.trace for name, place in self._places.items() if name.startswith(f"{part}/"))
        coordinates: dict[str, Any] = {}
        if "layer" in sizes:
            coordinates["layer"] = list(_kept(owner))
        if "position" in sizes:
            texts = [token.text for token in owner.tokens[: sizes["position"]]]
            coordinates["token"] = ("position", texts)
        attributes = {"model": self.model.label, "text": _text(owner.tokens)}
        return xarray.Dataset(arrays, coordinates, attributes)

    def __repr__(self) -> str:
        names = list(self._short)
        shown = ", ".join(names[:6]) + (", …" if len(names) > 6 else "")
        lines = [
            f"Trace of {self.model.label}",
            f"  text     {_shortened(self.text)!r}, {len(self.tokens)} tokens",
            f"  tensors  {len(names)}: {shown}",
        ]
        if self.inside:
            lines.append(f"  inside   {', '.join(self.inside)}")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        texts = [token.text for token in self.tokens if token.role not in ("special", "template")]
        given = [token.text for token in self.tokens if token.role == "prompt"]
        if any(token.surface is None for token in self.tokens):
            before, after = "".join(given), "".join(texts[len(given) :])
        else:
            before = _text([token for token in self.tokens if token.role == "prompt"])
            after = self.text[len(before) :]
        rows = "".join(
            f"<tr><td><code>{html.escape(name)}</code></td><td>{html.escape(axes_and_sizes(view))}</td>"
            f"<td>{view.dtype}</td></tr>"
            for name, view in ((name, self[name]) for name in self._short)
        )
        return (
            f"<p>Trace of {html.escape(self.model.label)}, {len(self.tokens)} tokens</p>"
            f'<blockquote dir="auto" style="white-space: pre-wrap">{html.escape(before)}'
            f"<b>{html.escape(after)}</b></blockquote>"
            f"<details><summary>{len(self._short)} tensors</summary>"
            f"<table><tbody>{rows}</tbody></table></details>"
        )

    @cached_property
    def _places(self) -> Mapping[str, _Place]:
        """Where each tensor is, by its whole name.

        Those of another text's generation inside are under the name of its folder: ``code/resid_post``.
        """
        found = {name: _Place(self, name) for name in self.tensors}
        ours = {name.partition("/")[0] for name in found}
        for folder, trace in self.inside.items():
            for name, place in trace._places.items():
                prefix, _, rest = name.partition("/")
                if prefix in ours:
                    found[f"{folder}/{rest}"] = place._replace(apart=True)
                else:
                    found[name] = place
        return found

    @cached_property
    def _short(self) -> Sequence[str]:
        """Each tensor's name as short as it can be."""
        short = (name.partition("/")[2] for name in self._places)
        return [
            rest if self._candidates(rest) == [whole] else whole
            for whole, rest in zip(self._places, short, strict=True)
        ]

    def _candidates(self, name: str) -> list[str]:
        """The whole names that ``name`` may mean: its own, or those of the parts that end in it."""
        if name in self._places:
            return [name]
        return [
            whole
            for whole, place in self._places.items()
            if whole.partition("/")[2] == name and not place.apart
        ]

    def _whole_name(self, name: str) -> str:
        match self._candidates(name):
            case [whole]:
                return whole
            case [_, *_] as several:
                raise TraceError(f"several parts record {name}: choose {' or '.join(several)}")
        if name in self.unavailable:
            raise TraceError(f"{name} is not in this trace ({self.unavailable[name]}): choose another tensor")
        if name in ALL:
            raise TraceError(f"{name} is not in this trace: record it with everything=True")
        known = self._places if "/" in name else self._short
        near = difflib.get_close_matches(name[:80], known, cutoff=0.5)
        known_names = near or self._short
        raise TraceError(f"{name[:80]!r} is not a tensor of this trace: choose {' or '.join(known_names)}")


def _without_block(name: str) -> tuple[str, int | None]:
    """The name and the layer that one of TransformerLens's names means; any other as it is."""
    block = _BLOCK.fullmatch(name)
    if block is None:
        return _LENS.get(name, name), None
    if block[2] in ("attn.hook_q", "attn.hook_k"):
        after = f"{name[:-1]}rot_{name[-1]}"
        raise TraceError(f"{name} is not recorded: take {after}, which follows the rotary positions")
    return _LENS.get(block[2], name), int(block[1]) if block[2] in _LENS else None


def _dims(place: _Place, count: int) -> tuple[str, ...]:
    """The names of a tensor's axes."""
    letters = tensor_checks.axes(place.trace).get(place.name)
    if letters is None:
        return tuple(f"axis_{number}" for number in range(count))
    dims = [_DIMS.get(letter, letter) for letter in letters]
    if place.name.partition("/")[2] in ("attn_pattern", "attn_pattern_rows"):
        dims[-1] = "key_position"
    return tuple(dims)


def _kept(trace: Trace) -> Sequence[int]:
    """The numbers of the layers that the trace keeps."""
    spec = trace.provenance.get("spec")
    layers = spec.get("layers") if isinstance(spec, Mapping) else None
    return range(trace.model.layers) if layers is None else layers


def _row(name: str, kept: Sequence[int], dims: Sequence[str], layer: int) -> int:
    """The row of a layer in a tensor, which may not keep all."""
    if dims[:1] != ("layer",):
        raise TraceError(f"{name} has no layers, its axes are {', '.join(dims)}: write its name alone")
    if layer not in kept:
        whole = list(kept) == list(range(len(kept)))
        known = f"0 to {kept[-1]}" if whole else ", ".join(map(str, kept))
        raise TraceError(f"{name} has no layer {layer}: choose one of {known}")
    return kept.index(layer)


def _text(tokens: Sequence[Token]) -> str:
    """The text that tokens stand for, as ``Trace`` has it."""
    tokens = [token for token in tokens if token.role not in ("special", "template")]
    if any(token.surface is None for token in tokens):
        return b"".join(token.bytes for token in tokens).decode("utf-8", "replace")
    return "".join(token.surface or "" for token in tokens)


def _shortened(text: str) -> str:
    return text if len(text) <= _TEXT_WIDTH else f"{text[: _TEXT_WIDTH - 1]}…"

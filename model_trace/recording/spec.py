"""What a recording keeps: which tensors, which layers, how precisely. Needs no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from model_trace.errors import TraceError
from model_trace.schema import from_json

STREAM = ("embed", "resid_pre", "resid_mid", "resid_post", "final_norm")
ATTENTION = ("q", "k", "v", "attn_pattern", "z", "attn_out")
MLP = ("mlp_act", "mlp_out")
PER_LAYER = ("resid_pre", "resid_mid", "resid_post", *ATTENTION, *MLP)
ALL = (*STREAM, *ATTENTION, *MLP, "logits")
DEFAULT = (*STREAM, "attn_pattern")
# Of all layers and heads together, in float32: unless larger ones are asked for, only rows are kept beyond.
WHOLE_PATTERNS_BYTES = 256 * 2**20


@dataclass(frozen=True)
class RecordingSpec:
    """Which tensors a recording keeps.

    ``tensors``: names out of ``ALL``. The distribution of every forward (``top_ids``, ``entropy`` …) is
    always kept. ``layers``: indices of the decoder layers to keep, None for all. ``dtype``: how the
    tensors of the stream, attention, MLP and logits are stored; probabilities are float32 always.
    ``candidates``: how many tokens of each distribution are kept by name. ``lens``: at which forwards
    the logit lens looks: "written" is the last prompt position and all later ones.

    ``pattern_rows``: how much of ``attn_pattern`` is kept, which grows with the square of the text.
    "whole": all of it. A number: only so many rows from the last prompt position on, where loops look, as
    ``attn_pattern_rows``. "automatic": whole up to ``WHOLE_PATTERNS_BYTES``, else as many rows as that holds.
    """

    tensors: tuple[str, ...] = DEFAULT
    layers: tuple[int, ...] | None = None
    dtype: Literal["float32", "float16"] = "float32"
    candidates: int = 10
    lens: Literal["written", "all", "none"] = "written"
    pattern_rows: int | Literal["automatic", "whole"] = "automatic"

    def __post_init__(self) -> None:
        unknown = [name for name in self.tensors if name not in ALL]
        if unknown:
            raise TraceError(f"no tensor is called {unknown[0]!r}: choose from {', '.join(ALL)}")
        if self.dtype not in ("float32", "float16"):
            raise TraceError(f"there is no recording in {self.dtype!r}: choose float32 or float16")
        if self.lens not in ("written", "all", "none"):
            raise TraceError(f"the lens cannot look at {self.lens!r} positions: choose written, all or none")
        rows = self.pattern_rows
        if rows not in ("automatic", "whole") and (type(rows) is not int or rows < 1):
            raise TraceError(f"the pattern's rows cannot be {rows!r}: choose automatic, whole or a number")
        if self.candidates < 1:
            raise TraceError(f"a recording cannot keep {self.candidates} candidates: give at least 1")
        if self.layers is not None and (not self.layers or list(self.layers) != sorted(set(self.layers))):
            raise TraceError("a recording's layers are wrong: give at least one, each once and ascending")

    @classmethod
    def default(cls) -> RecordingSpec:
        """Residual stream, attention patterns, final norm; the logit lens; float32."""
        return cls()

    def resolved(self, layers: int, heads: int, forwarded: int) -> RecordingSpec:
        """The spec for a text of so many forwards, with "automatic" decided."""
        if self.pattern_rows != "automatic":
            return self
        row = layers * heads * forwarded * 4
        whole = row * forwarded <= WHOLE_PATTERNS_BYTES
        return replace(self, pattern_rows="whole" if whole else max(1, WHOLE_PATTERNS_BYTES // row))

    @classmethod
    def everything(cls) -> RecordingSpec:
        """All that the hooks can see, patterns whole, float32."""
        return cls(tensors=ALL, pattern_rows="whole")

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> RecordingSpec:
        """The spec that ``to_json`` wrote; fields left out take their default, but patterns are whole.

        Raises:
            TraceError: a field is unknown or its value is not allowed.
        """
        unknown = set(values) - set(cls.__dataclass_fields__)
        if unknown:
            raise TraceError(
                f"a recording's spec has no field {sorted(unknown)[0]!r}: update traced-loops, or remove it"
            )
        # Before rows could be kept, patterns were whole.
        fields = cls().to_json() | {"pattern_rows": "whole"} | dict(values)
        try:
            return from_json(cls, fields, "spec")
        except TraceError:
            raise
        except ValueError as error:
            raise TraceError(f"a recording's {error}") from error

    def to_json(self) -> dict[str, Any]:
        """Plain lists, strings and numbers, in a fixed order."""
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

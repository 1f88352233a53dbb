"""Values on screen, each with where it comes from: a tensor and index, or a published source."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from model_trace.trace import Trace, TraceError

Form = Literal["percent", "integer", "decimal", "significant", "count", "dollars", "text", "bytes", "colour"]
Index = tuple[int | tuple[int, ...], ...]


@dataclass(frozen=True)
class Source:
    """Where in a trace: a tensor and an index of one entry per leading axis, a position or a list of them.

    ``tokens`` and ``pieces`` count as tensors too: the text of a token, by its place or by its id. So does
    what the trace's parts say of it, by its names: ``model.layers``; ``fine_tuning.answers.before``, with
    the place of the answer as the index.
    """

    tensor: str
    index: Index


@dataclass(frozen=True)
class Recorded:
    """Comes from a trace: ``formula`` (one of ``FORMULAS``) of what stands at ``sources``."""

    sources: tuple[Source, ...]
    formula: str = "value"


@dataclass(frozen=True)
class Fact:
    """A published figure: its name in ``facts.py`` and its source."""

    name: str
    source: str


@dataclass(frozen=True)
class TracedValue:
    """One value on screen: what it is, how it is printed or drawn, and where it comes from.

    A token that shares characters with its neighbours has them in its text as a whole; ``own`` are then the
    first byte of the text's UTF-8 that is the token's own, and the one after the last. The form "bytes" is
    that of a token whose bytes make no characters, not even with its neighbours: it is printed in hex.
    """

    value: float | int | str | tuple[float, ...]
    form: Form
    origin: Recorded | Fact
    own: tuple[int, int] | None = None

    @property
    def number(self) -> float:
        """The value as a number.

        Raises:
            TypeError: it is a text or a list.
        """
        if isinstance(self.value, str | tuple):
            raise TypeError(f"not a single number: {self.value!r}")
        return float(self.value)

    @property
    def numbers(self) -> tuple[float, ...]:
        """The value as a list of numbers.

        Raises:
            TypeError: it is not a list.
        """
        if not isinstance(self.value, tuple):
            raise TypeError(f"not a list of numbers: {self.value!r}")
        return self.value

    @property
    def text(self) -> str:
        """The value as text."""
        return str(self.value)


Values = npt.NDArray[np.float64]


def _value(values: tuple[Values, ...]) -> Values:
    return values[0]


def _relative_update(values: tuple[Values, ...]) -> Values:
    """Relative change of a vector's length by a layer; 1 where it had none before."""
    before, after = values
    change, length = (np.linalg.norm(each, axis=-1) for each in (after - before, before))
    relative: Values = np.where(length == 0, np.sign(change), change / np.where(length == 0, 1, length))
    return relative


def _rest(values: tuple[Values, ...]) -> Values:
    """Probability of all other tokens."""
    return np.asarray(1 - sum(value.sum() for value in values))


def _mean(values: tuple[Values, ...]) -> Values:
    mean: Values = np.mean(values, axis=0)
    return mean


def _largest(values: tuple[Values, ...]) -> Values:
    """Largest absolute value."""
    return np.asarray(np.abs(values[0]).max())


def _times_smaller(values: tuple[Values, ...]) -> Values:
    """How many times the first's largest absolute value is that of the last."""
    first, last = (np.abs(each).max() for each in values)
    if not last:
        raise TraceError("nothing changed in what was recorded: record another text")
    return np.asarray(first / last)


def _place(values: tuple[Values, ...]) -> Values:
    """The place of the last among the first, the largest first."""
    everything, one = values
    return np.asarray(float(1 + (everything > one).sum()))


def _median(values: tuple[Values, ...]) -> Values:
    """Median of the absolute values."""
    return np.asarray(np.median(np.abs(values[0])))


def _number_of(values: tuple[Values, ...]) -> Values:
    return np.asarray(float(values[0].size))


def _others(values: tuple[Values, ...]) -> Values:
    """How many of so many there are besides the values that follow."""
    return np.asarray(float(values[0]) - sum(value.size for value in values[1:]))


def _logit(values: tuple[Values, ...]) -> Values:
    """The logit of a token by how much less likely it is than another one, whose logit is the first value."""
    logit, probability, own = values
    if not own:
        raise TraceError("a token's probability is 0 in the recording: record another text")
    return np.asarray(logit + np.log(own / probability))


RELATIVE_UPDATE = "norm(after - before) / norm(before)"
REST = "1 - sum"
MEAN = "mean"
LARGEST = "max(abs(value))"
TIMES_SMALLER = "max(abs(first)) / max(abs(last))"
PLACE = "1 + count(first > last)"
MEDIAN = "median of abs(value)"
LOGIT = "logit + log(own probability / its probability)"
NUMBER_OF = "number of values"
OTHERS = "first - number of the others"
FORMULAS: Mapping[str, Callable[[tuple[Values, ...]], Values]] = {
    "value": _value,
    RELATIVE_UPDATE: _relative_update,
    REST: _rest,
    MEAN: _mean,
    LARGEST: _largest,
    TIMES_SMALLER: _times_smaller,
    PLACE: _place,
    MEDIAN: _median,
    LOGIT: _logit,
    NUMBER_OF: _number_of,
    OTHERS: _others,
}


def compute(trace: Trace, origin: Recorded) -> Values:
    """Compute the value that ``origin`` names from the trace, in float64."""
    return FORMULAS[origin.formula](tuple(_pick(trace, source) for source in origin.sources))


def _pick(trace: Trace, source: Source) -> Values:
    if "." in source.tensor:
        return np.asarray(_said(trace, source), np.float64)
    kept = trace.kept_layers
    shape = trace.tensor(source.tensor).shape if kept < trace.model.layers else ()
    # Of a tensor with a row for each kept layer; the lens has one for each depth.
    if len(shape) > 2 and shape[0] == kept and source.tensor.startswith("generation/"):
        raise TraceError(
            f"the recording keeps {kept} of the model's {trace.model.layers} layers: record all of them"
        )
    index = tuple(list(i) if isinstance(i, tuple) else i for i in source.index)
    return trace.values(source.tensor, index).astype(np.float64)


def _said(trace: Trace, source: Source) -> Any:
    """Look up ``source`` in the trace's parts by its names and places."""
    value: Any = trace
    places = iter(source.index)
    for name in source.tensor.split("."):
        value = getattr(value, name)
        if isinstance(value, tuple):
            value = np.array(value, object)[next(places)]
    return value


def quoted(trace: Trace, tensor: str, *index: int) -> TracedValue:
    """Return a text from the trace's parts as a ``TracedValue``."""
    source = Source(tensor, index)
    return TracedValue(str(_said(trace, source)), "text", Recorded((source,)))


def recorded(trace: Trace, form: Form, *sources: Source, formula: str = "value") -> TracedValue:
    """Return the recorded value at ``sources`` (or ``formula`` of them) as a ``TracedValue``."""
    origin = Recorded(sources, formula)
    value = compute(trace, origin)
    if value.ndim:
        return TracedValue(tuple(float(v) for v in value.ravel()), form, origin)
    return TracedValue(int(value) if form in ("integer", "count") else float(value), form, origin)


def traced_values(content: object, path: str = "") -> Iterator[tuple[str, TracedValue]]:
    """Yield each ``TracedValue`` of a content with its path: ``steps[0].candidates[1].probability``."""
    if isinstance(content, TracedValue):
        yield path, content
    elif isinstance(content, tuple):
        for place, item in enumerate(content):
            yield from traced_values(item, f"{path}[{place}]")
    elif is_dataclass(content):
        for field in fields(content):
            yield from traced_values(getattr(content, field.name), f"{path}.{field.name}".lstrip("."))

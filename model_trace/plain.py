"""The trace's types as JSON has them, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from model_trace.trace import FineTuning, Generation, Part, TrainingRun

# What a trace can be a recording of, by its key in trace.json.
PARTS: dict[str, type[Part]] = {"generation": Generation, "training": TrainingRun, "fine_tuning": FineTuning}

T = TypeVar("T")


def plain(value: Any) -> Any:
    """Dataclasses as dicts, tuples as lists, bytes in hex."""
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return value.hex() if isinstance(value, bytes) else value


def build(kind: type[T], values: Mapping[str, Any]) -> T:
    """A dataclass from the fields it knows: a later minor addition does not shut older readers out.

    Raises:
        KeyError, TypeError, ValueError: ``values`` is not what ``plain`` made of one.
    """
    hints = get_type_hints(kind)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    return kind(**{name: _value(hints[name], values[name]) for name in names})


def _value(hint: Any, value: Any) -> Any:
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise TypeError(f"{value!r} is no list")
        return tuple(_value(get_args(hint)[0], each) for each in value)
    if hint is bytes:
        return bytes.fromhex(value)
    if isinstance(hint, type) and not isinstance(hint, UnionType) and is_dataclass(hint):
        return build(hint, value)
    return value

"""Convert the trace's types to plain JSON values and back."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from model_trace.trace import FineTuning, Generation, Part, Temperatures, TrainingRun

# What a trace can be a recording of, by its key in trace.json.
PARTS: dict[str, type[Part]] = {
    "generation": Generation,
    "training": TrainingRun,
    "fine_tuning": FineTuning,
    "temperatures": Temperatures,
}

# Texts as long as the user's; all others are names, tokens and the like, which are drawn and printed whole.
WHOLE_TEXTS = (
    "generation.prompt",
    "generation.completion",
    "training.prompt",
    "training.completion",
    "temperatures.prompt",
)
LONGEST_TEXT = 4096
LONGEST_NAME = 1024  # of what a model's card says

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Convert to JSON values: dataclasses to dicts, tuples to lists, bytes to hex."""
    if is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, tuple):
        return [to_json(each) for each in value]
    return value.hex() if isinstance(value, bytes) else value


def from_json(kind: type[T], values: Any, where: str = "") -> T:
    """Build a dataclass from JSON values; fields it does not know are ignored.

    ``where`` names it in errors.

    Raises:
        ValueError: ``values`` is not what ``to_json`` made of one.
    """
    if not isinstance(values, Mapping):
        raise ValueError(f"{where} is no object")
    hints = _hints(cast("Any", kind))
    missing = [name for name in hints if name not in values]
    if missing:
        raise ValueError(f"{where}.{missing[0]} is missing")
    return kind(**{name: _value(hint, values[name], f"{where}.{name}") for name, hint in hints.items()})


def check_length(text: str, where: str, most: int = LONGEST_TEXT) -> None:
    """Raise an error if a text is too long: drawing it would take hours.

    Raises:
        ValueError: naming its place.
    """
    if where.startswith("model.") and where != "model.source":
        most = LONGEST_NAME
    if len(text) > most and where not in WHOLE_TEXTS:
        raise ValueError(f"{where} is {len(text)} characters long, more than {most}")


@cache
def _hints(kind: Any) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}


def _value(hint: Any, value: Any, where: str) -> Any:
    origin = get_origin(hint)
    if origin is tuple:
        if not isinstance(value, list):
            raise ValueError(f"{where} is no list")
        return tuple(_value(get_args(hint)[0], each, f"{where}[{i}]") for i, each in enumerate(value))
    if origin in (UnionType, Union):
        if value is None and NoneType in get_args(hint):
            return None
        *others, last = (each for each in get_args(hint) if each is not NoneType)
        for inner in others:
            with suppress(ValueError):
                return _value(inner, value, where)
        return _value(last, value, where)
    if is_dataclass(hint):
        return from_json(cast("type[Any]", hint), value, where)
    if isinstance(value, str):
        check_length(value, where, 2 * LONGEST_TEXT if hint is bytes else LONGEST_TEXT)
    if hint is bytes and isinstance(value, str):
        return bytes.fromhex(value)
    allowed = get_args(hint) if origin is Literal else None
    # A whole float may be written as an integer; True is none.
    kinds = (int, float) if hint is float else (str if allowed else hint,)
    # Whole numbers are of 64 bits; a longer one would break what is reckoned from it.
    beyond = type(value) is int and not -(2**63) <= value < 2**64
    if type(value) not in kinds or (allowed and value not in allowed) or beyond:
        raise ValueError(f"{where} cannot be {value!r}")
    return value

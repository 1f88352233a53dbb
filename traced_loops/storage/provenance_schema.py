"""A provenance file as data, as far as it is read again; checked before any of it is believed."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from annotated_types import Len
from pydantic import ConfigDict, Field, model_validator

from traced_loops.storage import value_text
from traced_loops.storage.manifest_schema import (
    Beat,
    Count,
    FileName,
    Language,
    Model,
    Seconds,
    Sha256,
    Shape,
    Size,
    Text,
    Theme,
)

_MOST_BOXES = 100_000

Number = int | float
Part = Annotated[Number, Field(ge=0, le=1)]
Box = Annotated[list[Part], Len(4, 4)]  # left, top, width and height in parts of the frame
Words = Annotated[Text, Field(min_length=1, max_length=10_000)]
Place = Annotated[int, Field(ge=0, le=2**63)]


class _Lenient(Model):
    """A part of which only some keys are needed."""

    model_config = ConfigDict(extra="ignore")


class Step(_Lenient):
    """What a loop shows for a while, in seconds."""

    text: Text
    start: Seconds
    end: Seconds


class Transcript(_Lenient):
    """A loop in words."""

    paragraph: Text
    steps: list[Step]
    finding: str = ""


class ModelCard(_Lenient):
    """The traced model, as a page speaks of it."""

    name: Text
    label: Text
    layers: Count
    context_window: Count
    parameters: Count
    licence: Text = ""


class Generation(_Lenient):
    """What the model continued."""

    prompt: Text


class Training(_Lenient):
    """What the model was trained on."""

    text: Text


class Recording(_Lenient):
    """The run whose tensors are shown; a page needs its ``model``."""

    trace: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")] = ""  # its digest; one never saved has none
    model: ModelCard | None = None
    generation: Generation | None = None
    training: Training | None = None
    temperatures: Generation | None = None


class Source(_Lenient):
    """A tensor of the recording, and a place in it."""

    tensor: Annotated[Text, Field(min_length=1, max_length=200)]
    index: Annotated[list[Place | Annotated[list[Place], Len(0, 10_000)]], Len(0, 8)]


class Origin(_Lenient):
    """What a value was read from, or computed of by ``formula``."""

    sources: Annotated[list[Source], Len(1, 1000)]
    formula: Annotated[Text, Field(min_length=1, max_length=200)]


class Value(_Lenient):
    """A value on screen; of a published figure ``fact`` is its name.

    Where it stands in the still: one ``box``, several ``boxes``, or ``cells``, one for each number of a list,
    None of one that is not drawn.
    """

    path: Words
    value: Number | Annotated[Text, Field(max_length=100_000)] | Annotated[list[Number], Len(0, 10_000)]
    printed: Annotated[Text, Field(max_length=100_000)] | None = None
    said: Words | None = None
    origin: Annotated[Origin | None, Field(alias="from")] = None
    fact: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    box: Box | None = None
    boxes: Annotated[list[Box], Len(1, 100)] | None = None
    cells: Annotated[list[Box | None], Len(1, 10_000)] | None = None

    @property
    def sentence(self) -> str:
        """What it is, in a sentence; in a file from before there were any, as it is printed."""
        return self.said or self.printed or self.path

    @property
    def raw(self) -> str:
        """The value itself, as text."""
        return value_text.raw(self.value)

    @property
    def recorded_at(self) -> str:
        """The tensors and places that it was read from; "" of a published figure."""
        if self.origin is None:
            return ""
        return value_text.source(
            ((each.tensor, each.index) for each in self.origin.sources), self.origin.formula
        )

    @property
    def shown_at(self) -> list[list[Number]]:
        """Every place in the still where it stands."""
        return [box for box in self.cells or self.boxes or [self.box] if box]

    @property
    def where(self) -> dict[str, Any]:
        """Where in the still it stands, as it is written."""
        kept = {"box": self.box, "boxes": self.boxes, "cells": self.cells}
        return {name: held for name, held in kept.items() if held is not None}

    @model_validator(mode="after")
    def _of_a_fact_is_a_number(self) -> Self:
        if self.fact is not None and not (isinstance(self.value, Number) and abs(self.value) <= 1e30):
            raise ValueError(f"{str(self.value)[:40]!r} is no published figure")
        return self

    @model_validator(mode="after")
    def _stands_within_the_frame(self) -> Self:
        if sum(each is not None for each in (self.box, self.boxes, self.cells)) > 1:
            raise ValueError("it has more than one of box, boxes and cells")
        if self.cells is not None and not (
            isinstance(self.value, list) and len(self.cells) == len(self.value)
        ):
            raise ValueError("its cells are not one for each number of a list")
        for left, top, width, height in self.shown_at:
            # each part is rounded by itself
            if max(left + width, top + height) > 1.0002:
                raise ValueError("a box of it leads out of the frame")
        return self


class MadeOf(_Lenient):
    """By these a later run knows whether anything has changed."""

    picture: str
    picture_words: dict[str, str]
    provenance: str
    provenance_words: dict[str, str]


class Provenance(_Lenient):
    """What is read again of a picture's provenance file; ``provenance.schema.json`` says all it holds."""

    called = "provenance file"
    schema_version: Literal[1, 2, 3]
    loop: Annotated[str, Field(pattern="^f?[0-9]{2}$")]
    idea: Text
    subject: Annotated[Text, Field(min_length=1)]
    media: Annotated[dict[FileName, Sha256], Field(min_length=2)]
    language: Language
    theme: Theme
    shape: Shape = "wide"  # files of before do not name it
    size: Size
    frames: Annotated[int, Field(ge=1, le=10**7)]
    frames_per_second: Annotated[int, Field(ge=1, le=1000)]
    beats: list[Beat]
    transcript: Transcript
    recording: Recording
    values: Annotated[list[Value], Len(0, 10_000)]
    facts: dict[Text, Text]
    licence: Text = ""
    made_of: MadeOf

    @model_validator(mode="after")
    def _knows_its_facts(self) -> Self:
        for value in self.values:
            if value.fact is not None and value.fact not in self.facts:
                raise ValueError(f"facts lacks {value.fact[:40]!r}")
        return self

    @model_validator(mode="after")
    def _says_its_values(self) -> Self:
        if self.schema_version >= 3 and any(value.said is None for value in self.values):
            raise ValueError("a value lacks said")
        if sum(len(value.shown_at) for value in self.values) > _MOST_BOXES:
            raise ValueError(f"values have more than {_MOST_BOXES} boxes")
        return self

    def source_of(self, value: Value) -> str:
        """Where a value comes from: tensors and places in them, or its publication."""
        return value.recorded_at if value.fact is None else self.facts[value.fact]

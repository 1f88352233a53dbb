"""A provenance file as data, as far as it is read again; checked before any of it is believed."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import ConfigDict, Field, model_validator

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

    model: ModelCard | None = None
    generation: Generation | None = None
    training: Training | None = None
    temperatures: Generation | None = None


class Value(_Lenient):
    """A value on screen; of a published figure ``fact`` is its name."""

    value: Any
    fact: Annotated[str, Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _of_a_fact_is_a_number(self) -> Self:
        number = isinstance(self.value, int | float) and not isinstance(self.value, bool)
        if self.fact is not None and not (number and abs(self.value) <= 1e30):
            raise ValueError(f"{str(self.value)[:40]!r} is no published figure")
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
    schema_version: Literal[1, 2]
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
    values: list[Value]
    facts: dict[Text, Text]
    licence: Text = ""
    made_of: MadeOf

    @model_validator(mode="after")
    def _knows_its_facts(self) -> Self:
        for value in self.values:
            if value.fact is not None and value.fact not in self.facts:
                raise ValueError(f"facts lacks {value.fact[:40]!r}")
        return self

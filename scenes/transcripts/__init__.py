"""The loops and figures in words, one file each: what it shows and, beat by beat, how that comes about.

Made from the same content as the picture, and printed by the same wording, so both name the same tokens
and numbers. No Manim.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scenes.entry import Entry
from scenes.wording import Wording


@dataclass(frozen=True)
class Words:
    """A picture in words: ``paragraph`` tells the finished one, ``beats`` its story by the beats' names.

    A beat that tells of several at once (steps that run fast) takes the words of those before it too.
    """

    paragraph: str
    beats: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cue:
    """What is told while a beat runs, from ``start`` to ``end`` in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Transcript:
    """A loop in words, with times; a figure has no steps."""

    paragraph: str
    steps: tuple[Cue, ...]


def module_of(entry: Entry) -> str:
    """The module that has the words of this loop or figure."""
    return f"{entry.package}.transcript"


def transcript(
    entry: Entry, content: Any, wording: Wording, beats: Sequence[Mapping[str, Any]]
) -> Transcript:
    """The words of this content, with the times of its ``beats`` (each a name, a start and an end).

    Raises:
        ValueError: there are words for a beat that never runs.
    """
    words: Words = importlib.import_module(module_of(entry)).words(content, wording)
    names, texts = list(words.beats), list(words.beats.values())
    steps, told = [], 0
    for beat in beats:
        if beat["name"] in names[told:]:
            end = names.index(beat["name"]) + 1
            steps.append(Cue(" ".join(texts[told:end]), beat["start"], beat["end"]))
            told = end
    if told < len(names):
        raise ValueError(f"loop {entry.number} has words for {names[told]!r}, which is none of its beats")
    return Transcript(words.paragraph, tuple(steps))

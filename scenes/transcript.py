"""Transcripts: a loop or figure in words, what it shows and, beat by beat, how that comes about.

Each folder's ``transcript.py`` writes one from the same content as the picture, with the same wording, so
both name the same tokens and numbers. No Manim.
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
    """A transcript without times: ``paragraph`` describes the finished picture, ``beats`` the story by beat.

    A beat in which several run fast takes the words of those before it too. ``finding`` is what these
    values show, for the line below the picture; empty where they show nothing of the kind.
    """

    paragraph: str
    beats: Mapping[str, str] = field(default_factory=dict)
    finding: str = ""


@dataclass(frozen=True)
class Cue:
    """The words of one beat, shown from ``start`` to ``end`` in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Transcript:
    """A transcript with times; a figure has no steps."""

    paragraph: str
    steps: tuple[Cue, ...]
    finding: str = ""


def module_of(entry: Entry) -> str:
    """Return the import name of the module that writes the words of a loop or figure."""
    return f"{entry.package}.transcript"


def transcript(
    entry: Entry, content: Any, wording: Wording, beats: Sequence[Mapping[str, Any]]
) -> Transcript:
    """Return the transcript of this content, timed by its ``beats`` (each a name, a start and an end).

    Raises:
        ValueError: there are words for a beat that never runs.
    """
    words: Words = importlib.import_module(module_of(entry)).words(content, wording)
    names, texts = list(words.beats), list(words.beats.values())
    steps: list[Cue] = []
    used = 0
    for beat in beats:
        if beat["name"] in names[used:]:
            end = names.index(beat["name"]) + 1
            steps.append(Cue(" ".join(texts[used:end]), beat["start"], beat["end"]))
            used = end
    if used < len(names):
        raise ValueError(f"loop {entry.number} has words for {names[used]!r}, which is none of its beats")
    return Transcript(words.paragraph, tuple(steps), words.finding)

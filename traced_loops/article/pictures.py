"""The loops and figures of an output folder, as its manifest and provenance files tell them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from traced_loops.storage.places import Place

OTHER_THEME = {"light": "dark", "dark": "light"}
VIDEO_TYPES = {".webm": "video/webm", ".mp4": "video/mp4"}

# what a text must not bring into a page: control characters, halves of a character, and marks that turn the
# direction of what stands around them
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class PageError(ValueError):
    """No page can be made of the folder; the message is one line that says why."""


@dataclass(frozen=True)
class Step:
    """What a loop shows for a while, from ``start`` to ``end`` in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Transcript:
    """A loop in words: what it shows, and how it gets there."""

    paragraph: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Picture:
    """A loop or a figure. Paths are relative to the folder; ``other`` holds those of the other theme's files.

    ``videos`` (none for a figure) are the same loop in the formats there are. ``prompt`` is the text that was
    run through the model, None where it was trained on many.
    """

    number: str
    stem: str
    theme: str
    language: str
    width: int
    height: int
    still: str
    videos: tuple[str, ...]
    captions: str | None
    provenance: str
    transcript: Transcript | None
    subject: str
    card: Mapping[str, Any]
    prompt: str | None
    facts: Mapping[str, tuple[float, str]]
    other: Mapping[str, str]

    @property
    def anchor(self) -> str:
        """The id of its place in the article; a figure itself has none, so it may be shown twice."""
        return f"{'loop' if self.videos else 'figure'}-{self.number}"

    @property
    def model(self) -> str:
        """The traced model as a reader should know it."""
        return printable(str(self.card["label"]))

    @property
    def is_its_own_subject(self) -> bool:
        """Whether the picture speaks of the traced model, not of one it stands in for."""
        name = printable(str(self.card["name"]))
        return name == self.subject or (
            self.subject.endswith("…") and name.startswith(self.subject.removesuffix("…"))
        )


def printable(text: str) -> str:
    """``text`` with everything replaced that could break a page or turn its direction."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def read_pictures(folder: Place) -> tuple[Picture, ...]:
    """Every loop and figure of the folder's manifest whose files are there, in its order.

    Its subfolder ``dark`` (or ``light``) may hold the same pictures in the other theme.

    Raises:
        PageError: there is no manifest, nothing of it is there, or a file is not what it should be.
    """
    listed = _listed(folder)
    if not listed:
        raise PageError(f"{folder}: none of the loops in manifest.json is there")
    theme = str(listed[0]["theme"])
    if theme not in OTHER_THEME:
        raise PageError(f"{folder}: the loops are {theme}; a page takes light or dark ones")
    beside = folder / OTHER_THEME[theme]
    others: set[str] = set()
    if (beside / "manifest.json").exists():
        others = {_stem(item) for item in _listed(beside) if item["theme"] == beside.name}
    pictures = []
    for item in listed:
        try:
            pictures.append(_picture(folder, item, beside if _stem(item) in others else None))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise PageError(f"{folder / item['provenance']} is not a provenance file: {error!r}") from error
    return tuple(pictures)


def _listed(folder: Place) -> list[dict[str, Any]]:
    """The manifest's loops and figures whose files are there."""
    file = folder / "manifest.json"
    try:
        manifest = json.loads(file.read_text(encoding="utf-8"))
        items = [*manifest["loops"], *manifest.get("figures", [])]
        return [item for item in items if all((folder / name).is_file() for name in _files(item))]
    except FileNotFoundError as error:
        raise PageError(f"{folder} has no manifest.json: draw some loops into it first") from error
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise PageError(f"{file} is not a manifest: {error!r}") from error


def _files(item: Mapping[str, Any]) -> tuple[str, ...]:
    media = (item["video"], item["still"]) if "video" in item else (item["image"],)
    return (*media, item["provenance"])


def _stem(item: Mapping[str, Any]) -> str:
    return Path(item["provenance"]).stem


def _picture(folder: Place, item: Mapping[str, Any], beside: Place | None) -> Picture:
    said = json.loads((folder / item["provenance"]).read_text(encoding="utf-8"))
    stem = _stem(item)
    still = item.get("still") or item["image"]
    formats = [f"{stem}{ending}" for ending in VIDEO_TYPES] if "video" in item else []
    videos = tuple(name for name in formats if (folder / name).is_file())
    recording = said["recording"]
    captions = f"{stem}.vtt"
    width, height = item["size"]
    other = {}
    if beside is not None:
        files = (still, *videos, captions)
        other = {name: f"{beside.name}/{name}" for name in files if (beside / name).is_file()}
    return Picture(
        number=item.get("loop") or item["figure"],
        stem=stem,
        theme=item["theme"],
        language=item["language"],
        width=int(width),
        height=int(height),
        still=still,
        videos=videos,
        captions=captions if (folder / captions).is_file() else None,
        provenance=item["provenance"],
        transcript=_transcript(said.get("transcript")),
        subject=printable(str(said.get("subject", "GPT-3"))),
        card=recording["model"],
        prompt=_prompt(recording),
        facts={
            value["fact"].partition(".")[2]: (float(value["value"]), said["facts"][value["fact"]])
            for value in said["values"]
            if "fact" in value
        },
        other=other,
    )


def _transcript(said: Mapping[str, Any] | None) -> Transcript | None:
    if said is None:
        return None
    steps = (Step(printable(step["text"]), step["start"], step["end"]) for step in said["steps"])
    return Transcript(printable(said["paragraph"]), tuple(steps))


def _prompt(recording: Mapping[str, Any]) -> str | None:
    """The text of the run, on one line."""
    text = recording.get("generation", {}).get("prompt") or recording.get("training", {}).get("text")
    return printable(" ".join(text.split())) if text else None

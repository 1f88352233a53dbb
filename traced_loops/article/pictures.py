"""The loops and figures of an output folder, as its manifest and provenance files tell them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from model_trace.errors import UserError
from scenes.wording import languages
from traced_loops.article.story import STORY
from traced_loops.storage import inside, provenance_schema
from traced_loops.storage.addresses import Address, OutputError
from traced_loops.storage.manifest_schema import MANIFEST, Figure, Loop, Manifest
from traced_loops.storage.ownership import read_listing, read_provenance
from traced_loops.storage.provenance_schema import ModelCard, Recording

OTHER_THEME = {"light": "dark", "dark": "light"}
VIDEO_TYPES = {".webm": "video/webm", ".mp4": "video/mp4"}

# what a text must not bring into a page: control characters, halves of a character, and marks that turn the
# direction of what stands around them
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


class PageError(UserError):
    """No page can be made of the folder."""


@dataclass(frozen=True)
class Cue:
    """What a loop shows for a while, from ``start`` to ``end`` in seconds."""

    text: str
    start: float
    end: float


@dataclass(frozen=True)
class Transcript:
    """A loop in words: what it shows, how it gets there, and what its values show, if that can be said."""

    paragraph: str
    steps: tuple[Cue, ...]
    finding: str


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
    card: ModelCard
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
        return printable(self.card.label)

    @property
    def is_its_own_subject(self) -> bool:
        """Whether the picture speaks of the traced model, not of one it stands in for."""
        name = printable(self.card.name)
        return name == self.subject or (
            self.subject.endswith("…") and name.startswith(self.subject.removesuffix("…"))
        )


def printable(text: str) -> str:
    """``text`` with everything replaced that could break a page or turn its direction."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def read_pictures(folder: Address) -> tuple[Picture, ...]:
    """Every loop and figure of the folder's manifest whose files are there, in its order.

    Its subfolder ``dark`` (or ``light``) may hold the same pictures in the other theme.

    Raises:
        PageError: there is no manifest, nothing of it is there, or a file is not what it should be.
    """
    listed = _listed(folder)
    if not listed:
        raise PageError(f"{folder}: none of the loops in {MANIFEST} is there: draw them again")
    theme = listed[0].theme
    if theme not in OTHER_THEME:
        raise PageError(f"{folder}: the loops are {theme}: draw light or dark ones for a page")
    beside = folder / OTHER_THEME[theme]
    others: set[str] = set()
    try:
        if isinstance(folder, Path) and isinstance(beside, Path):
            inside.check_inside(folder, beside)
        if (beside / MANIFEST).exists():
            others = {item.stem for item in _listed(beside) if item.theme == beside.name}
        return tuple(_picture(folder, item, beside if item.stem in others else None) for item in listed)
    except OutputError as error:
        raise PageError(str(error)) from error
    except OSError as error:
        raise PageError(f"{folder} cannot be read ({error.strerror or error}): check the folder") from error


def is_there(folder: Address, name: str) -> bool:
    """Whether the folder holds a file of this name.

    Raises:
        PageError: it leads out of the folder, or is no plain file.
    """
    if not isinstance(folder, Path):
        return (folder / name).is_file()
    try:
        if inside.is_inside(folder, name):
            return True
    except OSError:
        return False
    raise PageError(f"{folder / name} leads out of its folder, or is not a file: move it away")


def _listed(folder: Address) -> list[Loop | Figure]:
    """The manifest's loops and figures whose files are there."""
    try:
        manifest = read_listing(folder, Manifest)
    except FileNotFoundError as error:
        raise PageError(f"{folder} has no {MANIFEST}: draw some loops into it first") from error
    except OutputError as error:
        raise PageError(str(error)) from error
    except OSError as error:
        raise PageError(
            f"{folder / MANIFEST} cannot be read ({error.strerror or error}): check the folder"
        ) from error
    keyed: list[tuple[str, str, Loop | Figure]]
    keyed = [(f"loops.{place}", loop.loop, loop) for place, loop in enumerate(manifest.loops)]
    keyed += [(f"figures.{place}", figure.figure, figure) for place, figure in enumerate(manifest.figures)]
    for key, number, item in keyed:
        where = f"{folder / MANIFEST}: {key}"
        if number not in STORY:
            raise PageError(f"{where} is {number}, which the page does not know: update traced-loops")
        if item.language not in languages():
            raise PageError(f"{where}.language is {item.language}: choose {' or '.join(languages())}")
    return [item for _, _, item in keyed if all(is_there(folder, name) for name in _files(item))]


def _files(item: Loop | Figure) -> tuple[str, ...]:
    media = (item.video, item.still) if isinstance(item, Loop) else (item.image,)
    return (*media, item.provenance)


def _picture(folder: Address, item: Loop | Figure, beside: Address | None) -> Picture:
    said = read_provenance(folder, item.provenance)
    number = item.loop if isinstance(item, Loop) else item.figure
    if said.loop != number:
        raise PageError(
            f"{folder / item.provenance} is of loop {said.loop}, not {number}: draw the loop again"
        )
    if said.recording.model is None:
        raise PageError(f"{folder / item.provenance} lacks recording.model: draw the loop again")
    still = item.still if isinstance(item, Loop) else item.image
    formats = [f"{item.stem}{ending}" for ending in VIDEO_TYPES] if isinstance(item, Loop) else []
    videos = tuple(name for name in formats if is_there(folder, name))
    captions = f"{item.stem}.vtt"
    width, height = item.size
    other = {}
    if beside is not None:
        files = (still, *videos, captions)
        other = {name: f"{beside.name}/{name}" for name in files if is_there(beside, name)}
    return Picture(
        number=number,
        stem=item.stem,
        theme=item.theme,
        language=item.language,
        width=width,
        height=height,
        still=still,
        videos=videos,
        captions=captions if is_there(folder, captions) else None,
        provenance=item.provenance,
        transcript=_transcript(said.transcript),
        subject=printable(said.subject),
        card=said.recording.model,
        prompt=_prompt(said.recording),
        facts={
            value.fact.partition(".")[2]: (float(value.value), printable(said.facts[value.fact]))
            for value in said.values
            if value.fact is not None
        },
        other=other,
    )


def _transcript(said: provenance_schema.Transcript) -> Transcript:
    steps = (Cue(printable(step.text), step.start, step.end) for step in said.steps)
    return Transcript(printable(said.paragraph), tuple(steps), printable(said.finding))


def _prompt(recording: Recording) -> str | None:
    """The text of the run, on one line."""
    text = None
    if recording.generation is not None:
        text = recording.generation.prompt
    if not text and recording.temperatures is not None:
        text = recording.temperatures.prompt
    if not text and recording.training is not None:
        text = recording.training.text
    return printable(" ".join(text.split())) if text else None

"""The loops and figures of an output folder, as its manifest and provenance files tell them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from model_trace.errors import UserError
from scenes.wording import languages
from traced_loops.article.story import STORY
from traced_loops.article.values import Row, rows
from traced_loops.storage import inside, provenance_schema
from traced_loops.storage.addresses import Address, OutputError
from traced_loops.storage.manifest_schema import MANIFEST, Figure, Loop, Manifest
from traced_loops.storage.ownership import read_listing, read_provenance
from traced_loops.storage.provenance_schema import ModelCard, Provenance, Recording

OTHER_THEME = {"light": "dark", "dark": "light"}
# What a page shows in place of a shape where the window is of the other kind, and when.
OTHER_SHAPE = {"wide": ("narrow", "(max-width: 599px)"), "narrow": ("wide", "(min-width: 600px)")}
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
class Cut:
    """A loop or a figure in one theme and shape; paths are relative to the output folder.

    ``media`` is the media query of the readers that it is for, "" for all. ``poster`` is seen until the video
    has come; a figure's is the figure itself. ``videos`` (none for a figure) are the same loop in the formats
    there are.
    """

    media: str
    folder: str
    theme: str
    shape: str
    width: int
    height: int
    poster: str
    videos: tuple[str, ...]
    captions: str | None

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of all its files."""
        return (self.poster, *self.videos, *([self.captions] if self.captions else []))


@dataclass(frozen=True)
class Picture:
    """A loop or a figure, in the ``cuts`` there are: a page shows the first whose media query holds.

    The last one is for all. ``still`` is its whole picture, as large as it was drawn. ``prompt`` is the text
    that was run through the model, None where it was trained on many. ``trace`` is the digest of the
    recording that its ``values`` are from. ``licence`` is the picture's own, "" if its file names none.
    """

    number: str
    stem: str
    language: str
    cuts: tuple[Cut, ...]
    still: str
    provenance: str
    transcript: Transcript | None
    subject: str
    card: ModelCard
    prompt: str | None
    facts: Mapping[str, tuple[float, str]]
    trace: str
    values: tuple[Row, ...]
    seconds: float
    licence: str

    @property
    def cut(self) -> Cut:
        """The cut for all readers, in the folder itself."""
        return self.cuts[-1]

    @property
    def videos(self) -> tuple[str, ...]:
        """The video in the formats there are; none of a figure."""
        return self.cut.videos

    @property
    def anchor(self) -> str:
        """The id of its place in the article; a figure itself has none, so it may be shown twice."""
        return f"{'loop' if self.videos else 'figure'}-{self.number}"

    @property
    def is_inspectable(self) -> bool:
        """Whether it is known where its values stand."""
        return any(row.boxes or row.cells for row in self.values)

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

    Its subfolders ``dark`` (or ``light``), ``narrow`` (or ``wide``) and ``dark/narrow`` may hold the same
    pictures in the other theme and shape.

    Raises:
        PageError: there is no manifest, nothing of it is there, or a file is not what it should be.
    """
    listed = _listed(folder)
    if not listed:
        raise PageError(f"{folder}: none of the loops in {MANIFEST} is there: draw them again")
    theme = listed[0].theme
    if theme not in OTHER_THEME:
        raise PageError(f"{folder}: the loops are {theme}: draw light or dark ones for a page")
    try:
        # the browser takes the first whose media query holds: what asks for more comes first
        others = [*_others(folder, theme, listed[0].shape or "wide")][::-1]
        return tuple(_picture(folder, item, others) for item in listed)
    except OutputError as error:
        raise PageError(str(error)) from error
    except OSError as error:
        raise PageError(f"{folder} cannot be read ({error.strerror or error}): check the folder") from error


@dataclass(frozen=True)
class _Beside:
    """A folder with the same pictures in another theme or shape: its path, media query, pictures by stem."""

    path: str
    media: str
    pictures: Mapping[str, Loop | Figure]


def _others(folder: Address, theme: str, shape: str) -> Iterator[_Beside]:
    """The folders beside one of this theme and shape; what differs in both comes last."""
    other_theme = OTHER_THEME[theme]
    themes = [(theme, ""), (other_theme, f"(prefers-color-scheme: {other_theme})")]
    shapes = [(shape, ""), *([OTHER_SHAPE[shape]] if shape in OTHER_SHAPE else [])]
    for (each_theme, colours), (each_shape, width) in product(themes, shapes):
        path = "/".join(name for name, media in ((each_theme, colours), (each_shape, width)) if media)
        if not path:
            continue
        beside = folder / path
        if isinstance(folder, Path) and isinstance(beside, Path):
            inside.check_inside(folder, beside)
        if (beside / MANIFEST).exists():
            pictures = {
                item.stem: item
                for item in _listed(beside)
                if (item.theme, item.shape or "wide") == (each_theme, each_shape)
            }
            yield _Beside(path, " and ".join(filter(None, (width, colours))), pictures)


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


def _picture(folder: Address, item: Loop | Figure, others: Iterable[_Beside]) -> Picture:
    said = read_provenance(folder, item.provenance)
    number = item.loop if isinstance(item, Loop) else item.figure
    if said.loop != number:
        raise PageError(
            f"{folder / item.provenance} is of loop {said.loop}, not {number}: draw the loop again"
        )
    if said.recording.model is None:
        raise PageError(f"{folder / item.provenance} lacks recording.model: draw the loop again")
    same = {
        other.path: told
        for other in others
        if item.stem in other.pictures
        and (told := read_provenance(folder / other.path, item.provenance))
        and _tells_the_same(said, told)
    }
    cuts = [
        _cut(folder, other.path, other.media, other.pictures[item.stem])
        for other in others
        if other.path in same
    ]
    return Picture(
        number=number,
        stem=item.stem,
        language=item.language,
        cuts=(*cuts, _cut(folder, "", "", item)),
        still=item.still if isinstance(item, Loop) else item.image,
        provenance=item.provenance,
        transcript=_transcript(said.transcript),
        subject=printable(said.subject),
        card=said.recording.model,
        prompt=_prompt(said.recording),
        facts={
            value.fact.partition(".")[2]: (float(value.value), printable(said.facts[value.fact]))
            for value in said.values
            if value.fact is not None and isinstance(value.value, int | float)
        },
        trace=said.recording.trace,
        values=tuple(
            replace(row, said=printable(row.said), raw=printable(row.raw), source=printable(row.source))
            for row in rows(said, same.values())
        ),
        seconds=said.frames / said.frames_per_second,
        licence=printable(said.licence),
    )


def _tells_the_same(said: Provenance, other: Provenance) -> bool:
    """Whether the other picture is of the same run, and not one that an earlier command left there."""
    same_text = other.recording.model_copy(update={"trace": said.recording.trace})
    return (same_text, other.language) == (said.recording, said.language)


def _cut(folder: Address, path: str, media: str, item: Loop | Figure) -> Cut:
    def there(*names: str) -> tuple[str, ...]:
        paths = (f"{path}/{name}" if path else name for name in names)
        return tuple(each for each in paths if is_there(folder, each))

    still = item.still if isinstance(item, Loop) else item.image
    # one of before posters were made has none
    light = item.poster if isinstance(item, Loop) and item.poster else still
    formats = [f"{item.stem}{ending}" for ending in VIDEO_TYPES] if isinstance(item, Loop) else []
    width, height = item.size
    return Cut(
        media=media,
        folder=path,
        theme=item.theme,
        shape=item.shape or "wide",
        width=width,
        height=height,
        poster=there(light, still)[0],
        videos=there(*formats),
        captions=next(iter(there(f"{item.stem}.vtt")), None),
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

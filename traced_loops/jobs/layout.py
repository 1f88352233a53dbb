"""A set: the loops of one text in its languages, themes and shapes, their folders and their pages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import NamedTuple

from scenes.chosen_content import ChosenContent
from scenes.entry import Entry
from scenes.wording import Wording
from traced_loops.jobs.options import DrawingOptions
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import Job, quality_of
from traced_loops.storage import addresses, inside
from traced_loops.storage.addresses import Address


class Place(NamedTuple):
    """A folder of pictures, and what is the same of all of them."""

    folder: Address
    language: str
    theme: str
    shape: str


def jobs_of(choices: Mapping[Entry, ChosenContent], drawing: DrawingOptions) -> dict[Address, list[Job]]:
    """The jobs that draw what was chosen, by the folder their files go to.

    One language goes straight into the output folder, each of several into a folder of its name; a second
    theme goes into a folder inside, and a second shape into a folder inside that of its theme.
    """
    jobs: dict[Address, list[Job]] = {}
    for folder, language, theme, shape in folders(drawing):
        quality = quality_of(drawing.quality, shape, drawing.fps)
        jobs[folder] = [
            Job(
                entry,
                choice.content,
                theme,
                language,
                quality,
                tags={"title": Wording(language)(entry.idea), **choice.tags, "language": language},
                origin=choice.origin,
                also=drawing.also,
                codec=drawing.codec,
                reference=drawing.reference,
                shape=shape,
            )
            for entry, choice in choices.items()
        ]
    return jobs


def check_folders(entries: Sequence[Entry], drawing: DrawingOptions, with_page: bool) -> None:
    """See that what the run is going to write replaces nobody's files, before anything is made.

    Raises:
        OutputError: a file is there that is not ours, and not to be replaced by ``--force``.
    """
    paged = pages(drawing) if with_page else []
    for folder, *_ in folders(drawing):
        if isinstance(folder, Path) and isinstance(drawing.output, Path):
            inside.check_inside(drawing.output, folder)
        outputs.check(entries, folder, drawing.also, force=drawing.force)
        if folder in paged:
            # imported where it is needed: only who asks for a page needs it
            from traced_loops.article.files import PAGE_FILES

            outputs.check_names(PAGE_FILES, folder, force=drawing.force)


def pages(drawing: DrawingOptions) -> list[Address]:
    """The folders that take a page: one for each language. It shows no transparent loops."""
    if "transparent" in drawing.theme:
        return []
    return [_folder(drawing, language) for language in drawing.language]


def complete(
    made: Mapping[Address, Sequence[Entry]], with_page: Iterable[Address] = (), *, force: bool = False
) -> list[Address]:
    """List in each folder what was made there, and write the pages of those ``with_page``; returns them.

    A page shows one run. Without one, what earlier runs made is listed beside it.

    Another run may be writing to the same folders: lists and pages are of one moment, its before or after.

    Raises:
        OutputError: a list or page is there that is not ours, and not to be replaced by ``force``.
    """
    paged = [folder for folder in with_page if made.get(folder)]
    with addresses.alone(*made):
        for folder, entries in made.items():
            outputs.write_manifest(entries, folder, earlier=not paged, force=force)
        if not paged:
            return []
        # imported where it is needed: it takes the templates with it
        from traced_loops.article.page import write_page

        return [write_page(folder, force=force) for folder in paged]


def folders(drawing: DrawingOptions) -> Iterator[Place]:
    """Each folder of pictures with their language, theme and shape."""
    for language, theme, shape in product(drawing.language, drawing.theme, drawing.shapes):
        folder = _folder(drawing, language)
        for each, first in ((theme, drawing.theme[0]), (shape, drawing.shapes[0])):
            folder = folder if each == first else folder / each
        yield Place(folder, language, theme, shape)


def _folder(drawing: DrawingOptions, language: str) -> Address:
    return drawing.output / language if len(drawing.language) > 1 else drawing.output

"""A set: the loops of one text in its languages and themes, the folders they lie in, and their pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

from scenes.choice import Choice
from scenes.entry import Entry
from scenes.wording import Wording
from traced_loops.cli.checks import several
from traced_loops.cli.options import Drawing
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import QUALITIES, Job
from traced_loops.storage import places
from traced_loops.storage.places import Place


def jobs_of(choices: Mapping[Entry, Choice], drawing: Drawing) -> dict[Place, list[Job]]:
    """The jobs that draw what was chosen, by the folder their files go to.

    One language goes straight into the output folder, each of several into a folder of its name; a second
    theme goes into a folder inside.
    """
    quality = QUALITIES[drawing.quality]
    quality = replace(quality, fps=drawing.fps or quality.fps)
    themes = several(drawing.theme)
    jobs: dict[Place, list[Job]] = {}
    for language, theme in product(several(drawing.language), themes):
        folder = _folder(drawing, language)
        jobs[folder if theme == themes[0] else folder / theme] = [
            Job(
                entry,
                choice.content,
                theme,
                language,
                quality,
                tags={"title": Wording(language)(entry.idea), **choice.tags, "language": language},
                origin=choice.origin,
                also=several(drawing.also),
                codec=drawing.codec,
                reference=drawing.reference,
            )
            for entry, choice in choices.items()
        ]
    return jobs


def pages(drawing: Drawing) -> list[Place]:
    """The folders that take a page: one for each language. It shows no transparent loops."""
    if "transparent" in several(drawing.theme):
        return []
    return [_folder(drawing, language) for language in several(drawing.language)]


def complete(made: Mapping[Place, Sequence[Entry]], with_page: Iterable[Place] = ()) -> list[Place]:
    """List in each folder what was made there, and write the pages of those ``with_page``; returns them.

    Another run may be writing to the same folders: lists and pages are of one moment, its before or after.
    """
    with places.alone(*made):
        for folder, entries in made.items():
            outputs.write_manifest(entries, folder)
        if not (folders := [folder for folder in with_page if made.get(folder)]):
            return []
        # imported where it is needed: it takes the templates with it
        from traced_loops.article.page import write_page

        return [write_page(folder) for folder in folders]


def _folder(drawing: Drawing, language: str) -> Place:
    return drawing.folder / language if len(several(drawing.language)) > 1 else drawing.folder

"""What the page says as a whole, and its sections in order: each loop's folder holds its own, in ``page.py``.

English is the source; the catalogues translate it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping

from scenes.catalogue import CATALOGUE
from scenes.entry import Entry
from scenes.page import Section
from scenes.wording import message

TITLE = message("How {subject} works")
LEAD = message(
    "A language model reads some text and writes on. These short loops show how it does that, step by "
    "step. Nothing in them is made up: the values were recorded from a real model while it worked."
)
STAND_IN = message(
    "The weights of {subject} are not public. So its published figures set the scale here, and the "
    "values come from a smaller model that is built on the same principle."
)


def arranged(sections: Mapping[str, Section]) -> dict[str, Section]:
    """Return sections by number in the page's order: as given, but what follows another stands behind it."""

    def following(after: str | None) -> Iterator[str]:
        for number, section in sections.items():
            if (section.after if section.after in sections else None) == after:
                yield number
                yield from following(number)

    return {number: sections[number] for number in following(None)}


def _section(entry: Entry) -> Section:
    section: Section = importlib.import_module(f"{entry.package}.page").SECTION
    return section


STORY: Mapping[str, Section] = arranged({entry.number: _section(entry) for entry in CATALOGUE})

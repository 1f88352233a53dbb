"""The catalogues kept in step with the code: ``make words``, or ``python -m scenes.wording.catalogues``.

Writes every message of the code to ``loops.pot``, adds what is new to each ``loops.po`` (without a
translation yet) and drops what is gone. For a new language make an empty ``LANGUAGE/LC_MESSAGES/loops.po``
first; then fill in what the command left open.
"""

from __future__ import annotations

from pathlib import Path

from babel.messages import Catalog, pofile
from babel.messages.extract import extract_from_dir

_HERE = Path(__file__).parent
_ROOT = _HERE.parents[1]
_ROOMS = ("scenes", "traced_loops")
# how the code marks a message: said at once, later, by a number, or as a loop's idea. Babel mistakes a call
# that hands on ``w`` inside of one to ``plural``, so what that needs is computed before; a test finds where
# it was not.
_KEYWORDS = {
    name: arguments
    for names, arguments in ((("w", "wording", "message"), (1,)), (("plural",), (1, 2)), (("Entry",), (4,)))
    for name in names
}
TEMPLATE = _HERE / "loops.pot"


def extracted() -> Catalog:
    """Every message of the code, with the files that say it."""
    catalog = Catalog(project="traced-loops", charset="utf-8")
    for room in _ROOMS:
        folder = _ROOT / room
        for name, _, said, comments, context in extract_from_dir(
            folder, [("**.py", "python")], keywords=_KEYWORDS, comment_tags=("For translators:",)
        ):
            place = (f"{room}/{name}", 0)
            catalog.add(said, locations=[place], auto_comments=comments, context=context)
    for message in catalog:
        message.locations = sorted(set(message.locations))
    return catalog


def update() -> None:
    """Write the template and bring every catalogue in step with it."""
    template = extracted()
    _write(TEMPLATE, template)
    for file in sorted(_HERE.glob("*/LC_MESSAGES/loops.po")):
        with file.open("rb") as source:
            catalog = pofile.read_po(source, locale=file.parents[1].name)
        # a guess at a translation would be said to readers before anyone has read it
        catalog.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalog.obsolete.clear()
        _write(file, catalog)


def _write(file: Path, catalog: Catalog) -> None:
    # without line numbers and dates a change of the code that changes no words changes no catalogue
    with file.open("wb") as target:
        pofile.write_po(
            target, catalog, width=100, sort_by_file=True, include_lineno=False, omit_header=file == TEMPLATE
        )


if __name__ == "__main__":
    update()

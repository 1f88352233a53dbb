"""Keeps the catalogues in step with the code: ``make words``, or ``python -m scenes.wording.catalogues``.

Writes every message of the code to ``loops.pot`` and adds what is new to each ``loops.po``. A message that
has changed keeps its translation, marked as fuzzy: readers see English until a translator has confirmed it
by removing the mark. A language named as an argument (``make words LANGUAGE=fr``) is begun.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path

from babel.core import Locale, UnknownLocaleError
from babel.messages import Catalog, Message, pofile
from babel.messages.extract import extract_from_dir

from scenes import wording
from scenes.catalogue import CATALOGUE
from scenes.wording import SOURCE_LANGUAGE, catalogue_file, languages

_ROOT = Path(__file__).parents[2]
_PACKAGES = ("scenes", "traced_loops")
# How the code marks a message: shown at once, later, or by a number. Babel mistakes a call that hands on
# ``w`` inside of one to ``plural``, so what that needs is computed before; a test finds where it was not.
_KEYWORDS = {"w": (1,), "wording": (1,), "message": (1,), "plural": (1, 2)}
TEMPLATE = wording.FOLDER / "loops.pot"


def extracted() -> Catalog:
    """Return every message of the code, with the files that show it."""
    catalog = Catalog(project="traced-loops", charset="utf-8")
    for package in _PACKAGES:
        for name, _, words, comments, context in extract_from_dir(
            _ROOT / package,
            [("**.py", "python")],
            keywords=_KEYWORDS,
            comment_tags=("For translators:",),
        ):
            place = (f"{package}/{name}", 0)
            catalog.add(words, locations=[place], auto_comments=comments, context=context)
    for entry in CATALOGUE:
        catalog.add(entry.idea, locations=[(f"scenes/{entry.folder.name}/__init__.py", 0)])
    for message in catalog:
        message.locations = sorted(set(message.locations))
    return catalog


def begin(language: str) -> str:
    """Make the catalogue of a new language, nothing translated yet, and return its name: ``pt_BR`` for pt-BR.

    Raises:
        ValueError: there is no such language.
    """
    try:
        locale = Locale.parse(language, sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError) as error:
        raise ValueError(f"no such language: {language}; write it as fr, pt_BR or zh_Hans") from error
    name = str(locale)
    if name not in languages():
        catalogue_file(name).parent.mkdir(parents=True)
        catalog = Catalog(
            locale=name,
            header_comment=f"# {locale.english_name}.",
            project="traced-loops",
            version="1",
            msgid_bugs_address="see CONTRIBUTING.md",
            last_translator="see the version history",
            language_team=locale.english_name,
            revision_date=datetime.now(UTC),
            charset="utf-8",
            fuzzy=False,
        )
        _write(catalogue_file(name), catalog)
    return name


def update() -> dict[str, tuple[int, int]]:
    """Bring the template and every catalogue in step with the code.

    Returns:
        For each language how many messages are to be translated, and how many translations to be confirmed.
    """
    template = extracted()
    _write(wording.FOLDER / TEMPLATE.name, template)
    open_: dict[str, tuple[int, int]] = {}
    for language in languages():
        if language == SOURCE_LANGUAGE:
            continue
        with catalogue_file(language).open("rb") as source:
            catalog = pofile.read_po(source, locale=language)
        catalog.update(template, update_creation_date=False)
        fuzzy = sum(message.fuzzy for message in catalog if message.id)
        missing = sum(not _is_translated(message) for message in catalog if message.id)
        open_[language] = missing, fuzzy
        if not missing and not fuzzy:
            # until then a translator may want to take words from what is gone
            catalog.obsolete.clear()
        _write(catalogue_file(language), catalog)
    return open_


def _is_translated(message: Message) -> bool:
    return all(message.string) if isinstance(message.string, tuple | list) else bool(message.string)


def _write(file: Path, catalog: Catalog) -> None:
    # without line numbers and dates a change of the code that changes no words changes no catalogue
    with file.open("wb") as target:
        pofile.write_po(
            target,
            catalog,
            width=100,
            sort_by_file=True,
            include_lineno=False,
            include_previous=True,
            omit_header=file.name == TEMPLATE.name,
        )


def main() -> None:
    """Begin a language if one is named, bring all catalogues in step, and print what is left to translate."""
    parser = argparse.ArgumentParser(description="Keep the catalogues in step with the code.")
    parser.add_argument("language", nargs="?", help="a language to begin: fr, pt_BR, zh_Hans")
    language = parser.parse_args().language
    if language:
        try:
            begin(language)
        except ValueError as error:
            parser.error(str(error))
    for name, (missing, fuzzy) in update().items():
        print(f"{catalogue_file(name)}: {missing} to translate, {fuzzy} to confirm")


if __name__ == "__main__":
    main()

"""The overview of many sets: one page that leads to each of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from babel.core import Locale

from scenes.wording import Wording
from traced_loops.article.figure import environment
from traced_loops.article.files import ICON, PAGE, STYLE, static, write
from traced_loops.article.pictures import printable
from traced_loops.storage.addresses import Where
from traced_loops.storage.manifest_schema import Listing

# Of a set's picture, so that its place is kept until it has come; only the proportions count.
_SIZES = {"wide": (1920, 1080), "narrow": (1080, 1350), "square": (1080, 1080)}


def write_overview(
    folder: Where, rows: list[Mapping[str, Any]], kind: type[Listing], *, force: bool = False
) -> Where:
    """Write the page of the sets that ``rows`` list in ``folder``, whose manifest is of this ``kind``.

    It is in the language that most of them have.

    Raises:
        PageError: the folder cannot be written to.
        OutputError: a file of the page's is there that is not ours, and not to be replaced by ``force``.
    """
    page = _page(rows, Wording(_most([_languages(row)[0] for row in rows])))
    style = static("page.css") + "\n" + static("overview.css")
    write(folder, {STYLE: style, ICON: static(ICON), PAGE: page}, kind, force=force)
    return folder / PAGE


def _page(rows: list[Mapping[str, Any]], wording: Wording) -> str:
    """The page as HTML."""
    made = [_set(row, wording) for row in rows if row["status"] == "done" and row["pages"]]
    return (
        environment()
        .get_template("overview.html")
        .render(
            language=wording.language,
            direction=Locale.parse(wording.language).text_direction,
            title=wording("How language models work, prompt by prompt"),
            lead=wording("Each prompt was run through a model; each page shows in loops what was recorded."),
            sets_heading=wording("Prompts"),
            sets=made,
            failed_heading=wording("Not made"),
            failed=[
                {"text": _text(row, wording), "error": printable(row["error"])}
                for row in rows
                if row["status"] == "failed"
            ],
            icon=ICON,
            style=STYLE,
        )
    )


def _set(row: Mapping[str, Any], wording: Wording) -> dict[str, Any]:
    """A set as the page lists it: its text, its picture, and a link for each of its languages."""
    links = [
        {"url": quote(page), "language": language, "name": _name(language)}
        for page, language in zip(row["pages"], _languages(row), strict=True)
    ]
    return {
        "text": _text(row, wording),
        "still": quote(row["still"]) if row.get("still") else None,
        "size": _SIZES[(row.get("shape") or "wide").split()[0]],
        "links": links,
        "model": _model(row["model"]) if row.get("model") else None,
    }


def _languages(row: Mapping[str, Any]) -> list[str]:
    languages: list[str] = row["language"].replace(",", " ").split()
    return languages


def _most(names: list[str]) -> str:
    return max(dict.fromkeys(names), key=names.count)


def _text(row: Mapping[str, Any], wording: Wording) -> str:
    text = row.get("prompt") or row.get("description")
    return printable(" ".join(text.split())) if text else wording("The article’s own texts")


def _model(source: str) -> str:
    """A hub id as it is, of a folder the last part: where it lies is nobody's business."""
    return printable(Path(source).name if source.startswith(("/", ".", "~")) else source)


def _name(language: str) -> str:
    """A language's name in itself."""
    return Locale.parse(language).get_display_name(language) or language

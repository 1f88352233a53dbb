"""One loop or figure as HTML: a complete ``<figure>`` that stands by itself in any page."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from scenes.wording import Wording, language_tag
from traced_loops.article.files import SCRIPT, STYLE
from traced_loops.article.pictures import OTHER_THEME, VIDEO_TYPES, Picture

_HERE = Path(__file__).parent
_NUMBERED_NAME = re.compile(r"\b(?:[A-Za-z]{1,8}-\d{1,3}|\d{1,3}-[A-Za-z]{1,8})\b")
_QUOTED_SPACE = re.compile(r"(?<=[“„‘‚«‹]) (?=\S)")  # a token that begins with a space


@dataclass(frozen=True)
class Words:
    """What a figure says around the picture. ``credit`` names its prompt, where the page does not."""

    caption: str
    alternative: str
    credit: str | None = None


@functools.cache
def environment() -> Environment:
    """The templates, each compiled once; whatever is put into them is escaped."""
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["unbroken"] = unbroken
    templates.filters["tag"] = language_tag
    return templates


def unbroken(text: str) -> Markup:
    """The text, escaped, with names like GPT-3 kept on one line, and a quoted token with its space."""
    kept = _QUOTED_SPACE.sub("\N{NO-BREAK SPACE}", str(escape(text)))
    return Markup(_NUMBERED_NAME.sub(r'<span class="name">\g<0></span>', kept))


def figure(
    picture: Picture, words: Words, wording: Wording, url: Callable[[str], str | None] = quote
) -> Markup:
    """The figure's HTML. ``url`` gives a file's address, beside the page by default; None: no link."""
    template = environment().get_template("figure.html")
    return Markup(
        template.render(
            picture=picture,
            words=words,
            labels=labels(wording),
            other_theme=OTHER_THEME[picture.cut.theme],
            two_themes=any(cut.theme != picture.cut.theme for cut in picture.cuts),
            type_of=lambda name: VIDEO_TYPES[PurePosixPath(name).suffix],
            url=url,
        )
    )


def snippet(
    picture: Picture, words: Words, wording: Wording, url: Callable[[str], str | None] = quote
) -> Markup:
    """The figure with its style and script, for a page of somebody else's."""
    template = environment().get_template("snippet.html")
    html = figure(picture, words, wording, url)
    return Markup(template.render(style=url(STYLE), script=url(SCRIPT), figure=html))


def labels(wording: Wording) -> Mapping[str, str]:
    """The names of the player's parts."""
    return {
        "pause": wording("Pause"),
        "play": wording("Play"),
        "pause_all": wording("Pause all"),
        "play_all": wording("Play all"),
        "full_screen": wording("Full screen"),
        "inspect": wording("Inspect"),
        "marks": wording("Values in the picture"),
        "copy": wording("Copy"),
        "copied": wording("Copied"),
        "elsewhere": wording("Where else?"),
        "also_in": wording("Also in"),
        "close": wording("Close"),
        "transcript": wording("Transcript"),
        "sources": wording("All values and their sources"),
        "file": wording("JSON file"),
        "value": wording("Value"),
        "raw": wording("Raw value"),
        "source": wording("Source"),
    }

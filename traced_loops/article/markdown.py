"""The loops as GitHub-flavoured Markdown: animated pictures that lead to their videos, and their words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote

from markupsafe import escape

from traced_loops.article.figure import Words
from traced_loops.article.pictures import Cut, Picture

_WIDTH = 640  # of the animated pictures
# What Markdown, and what reads it before or after (GitHub, Liquid, Hugo, Jinja), would take for its own. All
# else stays as it is: the text is there to be edited.
_SPECIAL = re.compile(
    r"""
      [\\`\[{] | (?<=\{)[%\#]             # escapes, code, links, templates
    | <(?=[a-zA-Z/!?%]) | &(?=\#|\w)      # tags, entities
    | (?<!\s)[*~] | [*~](?!\s)            # emphasis, but not 2 * 3
    | (?<![^\W_])_(?!\s) | (?<!\s)_(?![^\W_])  # the same, but not a_name
    | :(?=//|\w+:) | (?<=www)\.           # addresses, emojis
    | \$(?=.*\$)                          # formulas
    """,
    re.VERBOSE | re.IGNORECASE,
)
# At the beginning of a line: headings, quotes, rules, lists.
_FIRST = re.compile(r"^(?:(?=[-+#>])|(\d{1,9})(?=[.)](?:\s|$)))")


def markdown(shown: Iterable[tuple[Picture, Words, Mapping[str, Cut]]]) -> str:
    """Each picture, its words and the image files that show it, the last one to all readers, as one text."""
    return "\n".join(_figure(picture, words, images) for picture, words, images in shown)


def _figure(picture: Picture, words: Words, images: Mapping[str, Cut]) -> str:
    *others, (image, cut) = images.items()
    height = round(_WIDTH * cut.height / cut.width)
    said = escape(_line(words.alternative))
    shown = f'<img src="{quote(image)}" width="{_WIDTH}" height="{height}" alt="{said}">'
    if others:
        sources = (f'<source srcset="{quote(name)}" media="{other.media}">' for name, other in others)
        shown = f"<picture>{''.join(sources)}{shown}</picture>"
    # an image cannot be paused: the video it leads to can
    if picture.videos:
        shown = f'<a href="{quote(picture.videos[0])}">{shown}</a>'
    blocks = [shown, plain(words.caption)]
    if picture.transcript:
        blocks.append(plain(picture.transcript.paragraph))
        blocks.append("\n".join(f"1. {plain(step.text)}" for step in picture.transcript.steps))
    if words.credit:
        blocks.append(f"*{plain(words.credit)}*")
    return "\n\n".join(blocks) + "\n"


def plain(text: str) -> str:
    """The text on one line, with nothing in it that Markdown would take for its own."""
    escaped = _SPECIAL.sub(r"\\\g<0>", _line(text))
    return _FIRST.sub(lambda number: f"{number[1] or ''}\\", escaped)


def _line(text: str) -> str:
    return " ".join(text.split())

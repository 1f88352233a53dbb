"""Parse one HTML or JSX element without running anything, to draw what a page would show of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Literal, get_args

from PIL import ImageColor

Tag = Literal["h1", "h2", "h3", "h4", "h5", "h6", "button", "p", "div", "span", "a", "strong", "b", "em", "i"]
_TAGS: tuple[str, ...] = get_args(Tag)

# a browser's own sizes, in CSS pixels (HTML standard, section 15.3; the keywords: CSS Fonts 4, section 2.5)
_SIZES = {"h1": 32.0, "h2": 24.0, "h3": 18.72, "h5": 13.28, "h6": 10.72, "button": 13.33}
_SIZE = 16.0
_KEYWORDS = {
    "xx-small": 9.6, "x-small": 12.0, "small": 14.2, "medium": 16.0, "large": 19.2, "x-large": 24.0,
    "xx-large": 32.0, "xxx-large": 48.0,
}  # fmt: skip
_UNITS = {"px": 1.0, "pt": 4 / 3, "em": _SIZE, "rem": _SIZE}
_LARGEST = 200.0

_JSX_STYLE = re.compile(r"\bstyle=\{\{(.*?)\}\}")
_JSX_DECLARATION = re.compile(r"""\s*([A-Za-z]+)\s*:\s*(?:'([^']*)'|"([^"]*)"|(-?[\d.]+))\s*(?:,|$)""")


@dataclass(frozen=True)
class Element:
    """A simple element: its tag, its text and its style. ``size`` is in CSS pixels.

    Colours are "#RRGGBB", or None where the style names none or one that does not exist.
    """

    tag: Tag
    text: str
    color: str | None
    background: str | None
    size: float
    bold: bool
    italic: bool


def element(code: str) -> Element | None:
    """Return the one simple element that the code is; None if it is anything else, or unfinished."""
    styles: list[str] = []

    def plain(match: re.Match[str]) -> str:
        style = _declarations(match[1])
        styles.extend([] if style is None else [style])
        # what is no style stays: its braces refuse the code below
        return match[0] if style is None else f'style="{style}"'

    code = _JSX_STYLE.sub(plain, code.strip())
    if set(code) & set("{}"):
        return None
    reader = _Reader()
    reader.feed(code)
    reader.close()
    text = " ".join(reader.text.split())
    if reader.spoilt or not reader.closed or not text:
        return None
    tag, style = reader.tag, reader.style
    assert tag is not None
    bold = tag in ("h1", "h2", "h3", "h4", "h5", "h6", "strong", "b")
    weight = style.get("font-weight")
    return Element(
        tag=tag,
        text=text,
        color=_color(style.get("color")),
        background=_color(style.get("background-color", style.get("background"))),
        size=_size(style.get("font-size"), _SIZES.get(tag, _SIZE)),
        bold=bold if weight is None else weight in ("bold", "bolder", "600", "700", "800", "900"),
        italic=style.get("font-style", "italic" if tag in ("em", "i") else "") in ("italic", "oblique"),
    )


class _Reader(HTMLParser):
    """Reads one start tag, text, its end tag; whatever else there is spoils it."""

    def __init__(self) -> None:
        super().__init__()
        self.tag: Tag | None = None
        self.style: Mapping[str, str] = {}
        self.text = ""
        self.closed = self.spoilt = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self.tag is not None or tag not in _TAGS:
            self.spoilt = True
            return
        self.tag = _TAGS_BY_NAME[tag]
        self.style = _css(dict(attrs).get("style") or "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.spoilt = True

    def handle_endtag(self, tag: str) -> None:
        self.spoilt |= self.closed or tag != self.tag
        self.closed = True

    def handle_data(self, data: str) -> None:
        if self.tag is None or self.closed:
            self.spoilt |= bool(data.strip())
        else:
            self.text += data

    def handle_comment(self, data: str) -> None:
        self.spoilt = True

    def handle_decl(self, decl: str) -> None:
        self.spoilt = True

    def handle_pi(self, data: str) -> None:
        self.spoilt = True

    def unknown_decl(self, data: str) -> None:
        self.spoilt = True


_TAGS_BY_NAME: dict[str, Tag] = {tag: tag for tag in get_args(Tag)}


def _declarations(script: str) -> str | None:
    """Return a JSX style object as CSS; None if it is anything but names with plain values."""
    place, rules = 0, []
    while script[place:].strip():
        match = _JSX_DECLARATION.match(script, place)
        if match is None:
            return None
        name = re.sub("[A-Z]", lambda letter: "-" + letter[0].lower(), match[1])
        value = match[4] + "px" if match[4] else match[2] or match[3] or ""
        if set(value) & set("\"'<>;{}"):
            return None
        rules.append(f"{name}: {value}")
        place = match.end()
    return "; ".join(rules)


def _css(style: str) -> Mapping[str, str]:
    pairs = (declaration.partition(":") for declaration in style.split(";"))
    return {name.strip().lower(): value.strip().lower() for name, _, value in pairs}


def _color(value: str | None) -> str | None:
    """Return a CSS colour as "#RRGGBB", on white where it is transparent; None if it is no colour."""
    try:
        red, green, blue, *rest = ImageColor.getrgb(value or "")
    except ValueError:
        return None
    part = (rest[0] if rest else 255) / 255
    mixed = (round(255 + (min(255, channel) - 255) * part) for channel in (red, green, blue))
    return "#" + "".join(f"{channel:02X}" for channel in mixed)


def _size(value: str | None, own: float) -> float:
    """Return a CSS size in pixels; the element's default if it has none or one of another kind."""
    value = value or ""
    if value in _KEYWORDS:
        return _KEYWORDS[value]
    match = re.fullmatch(r"(\d+(?:\.\d+)?|\.\d+)(px|pt|em|rem)", value)
    if match is None or not float(match[1]):
        return own
    return min(_LARGEST, float(match[1]) * _UNITS[match[2]])

"""The curves of a text's glyphs, as Pango sets them.

Pango is asked directly, since Manim's ``Text`` centres each text on its own ink, drops spaces and loses
words that are written from right to left. All text goes through here, so all traps are met here: what has
no glyph, no ink or no place in markup is spelt before Pango sees it, and each letter's font is named, so
that none is found by luck.
"""

from __future__ import annotations

import functools
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from itertools import groupby, pairwise
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import numpy as np
import numpy.typing as npt
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from manimpango import MarkupUtils

from scenes.parts.spelling import Sign, right_to_left, signs

_SIZE = 100  # points; glyphs are laid out large and scaled, since Pango rounds kerning at small sizes
EM = _SIZE * 96 / 72
_UNBROKEN = -1  # Pango's width for a text that takes one line, however long
_SHEET = 1_000_000, 8 * _SIZE  # what lies outside is left out
_RISE, _FALL = 1.02 * EM, 0.5 * EM  # a line's room above and below the baseline: no glyph reaches out of it
_THIN = '<span font_family="IBM Plex Sans">\u202f</span>'  # the air in and around a code point's frame
_FRAME, _AIR = 0.035 * EM, 0.13 * EM  # how thick the frame is, and what is between it and the letters
_DIRECTION = {True: "\u200f", False: "\u200e"}  # unseen marks that set a line's direction
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"

Points = npt.NDArray[np.float64]


@functools.lru_cache(maxsize=4096)
def outline(text: str, family: str, weight: str, *, exact: bool = False, rtl: bool | None = None) -> Points:
    """The text's curves in Pango's units, baseline at y = 0, y upwards [4 x curves, 3].

    A code point stands in a frame. At the end come two empty curves, the strut: they draw nothing and hold
    the box open from the font's descender to its cap line. ``exact`` is for tokens, see ``signs``; ``rtl``:
    the line's direction, that of its first letter where it is not given.
    """
    spelt = signs(text, family, exact=exact)
    rtl = right_to_left(text) if rtl is None else rtl
    points = _glyphs(_markup(spelt, rtl), family, weight)
    low, high = strut(family, weight)
    left, right = (points[:, 0].min(), points[:, 0].max()) if len(points) else (0.0, 0.0)
    held = [[[x, y, 0.0]] * 4 for x, y in ((left, high), (right, low))]
    return np.concatenate([points, np.array(held).reshape(-1, 3)])


def reach(
    text: str, start: int, end: int, family: str, weight: str, *, exact: bool = False, rtl: bool | None = None
) -> slice:
    """Which points of the outline are those of the letters from ``start`` up to ``end``.

    All of them where the text is not set from left to right, letter by letter.
    """
    rtl = right_to_left(text) if rtl is None else rtl
    if (start, end) == (0, len(text)) or rtl or any(sign.font is None for sign in signs(text, family)):
        return slice(0, -2 * 4)  # without the strut
    before, until = (len(outline(text[:to], family, weight, exact=exact)) - 2 * 4 for to in (start, end))
    return slice(before, until)


@functools.cache
def strut(family: str, weight: str) -> tuple[float, float]:
    """Descender and cap line of the font."""
    letters = _glyphs("Hp", family, weight)
    return float(letters[:, 1].min()), float(letters[:, 1].max())


def _markup(spelt: Sequence[Sign], rtl: bool) -> str:
    """Pango's markup: each run in the font it was found in, each code point in a colour of its own."""
    parts = [_DIRECTION[rtl]]
    codes = 0
    for font, run in groupby(spelt, lambda sign: sign.font):
        if font is not None:
            letters = escape("".join(sign.drawn for sign in run))
            parts.append(f'<span font_family="{font}" fallback="false">{letters}</span>')
            continue
        for sign in run:
            codes += 1  # black is for letters
            parts.append(f'{_THIN}{_THIN}<span color="#{codes:06x}">{sign.drawn}</span>{_THIN}{_THIN}')
    return "".join(parts)


def _glyphs(markup: str, family: str, weight: str) -> Points:
    """All glyphs' curves in one array, on a baseline at y = 0, with the frames of code points."""
    with tempfile.NamedTemporaryFile(prefix="traced-loops-", suffix=".svg") as file:
        look = (family, "NORMAL", weight, _SIZE, None, True)  # without ligatures
        MarkupUtils.text2svg(markup, *look, file.name, 0, 0, *_SHEET, pango_width=_UNBROKEN)
        drawing = ElementTree.parse(file.name).getroot()
    # Cairo writes each glyph once, as a symbol, and sets it by its place on the baseline. Read directly,
    # since Manim's SVG reader takes ten times as long and loses the baseline.
    symbols = {
        f"#{symbol.get('id')}": [_curves(path.get("d", "")) for path in symbol.iter(f"{_SVG}path")]
        for symbol in drawing.iter(f"{_SVG}symbol")
    }
    letters = [np.zeros((0, 3))]
    codes: defaultdict[str, list[Points]] = defaultdict(list)
    for run in drawing.iter(f"{_SVG}g"):
        curves = [
            curve * (1, -1, 1) + (float(use.get("x", 0)), 0, 0)
            for use in run.findall(f"{_SVG}use")
            for curve in symbols[use.get(_HREF, "")]
        ]
        color = run.get("style", "")
        if curves and "fill:rgb(0%,0%,0%)" in color:
            letters.append(_within(np.concatenate(curves)))
        elif curves:
            codes[color] += curves
    framed = [_framed(np.concatenate(curves)) for curves in codes.values()]
    return np.concatenate([*letters, *framed])


def _within(run: Points) -> Points:
    """A run no taller than a line: what reaches out is pressed towards the baseline."""
    over = max(run[:, 1].max(initial=0) / _RISE, -run[:, 1].min(initial=0) / _FALL, 1)
    return run / (1, over, 1)


def _framed(code: Points) -> Points:
    """A code point's letters and a frame around them."""
    (left, low, _), (right, high, _) = code.min(axis=0), code.max(axis=0)
    outer = np.array([(left - _AIR, low - _AIR), (right + _AIR, high + _AIR)])
    inner = outer + np.array([(_FRAME, _FRAME), (-_FRAME, -_FRAME)])
    # the inner edge runs the other way round, which makes a hole of it
    return np.concatenate([code, _rectangle(outer), _rectangle(inner)[::-1]])


def _rectangle(corners: Points) -> Points:
    (left, low), (right, high) = corners
    around = [(left, low), (right, low), (right, high), (left, high), (left, low)]
    curves = [_line(start, end) for start, end in pairwise(around)]
    return np.array([(x, y, 0.0) for curve in curves for x, y in curve])


@functools.lru_cache(maxsize=4096)
def _curves(path: str) -> Points:
    """An SVG path as cubic Bézier curves. A letter's path is the same in every text: each is read once."""
    pen = RecordingPen()
    parse_path(path, pen)
    points: list[tuple[float, float]] = []
    start = here = (0.0, 0.0)
    for command, arguments in pen.value:
        if command == "moveTo":
            start = here = arguments[0]
            continue
        match command:
            case "curveTo":
                curve = (here, *arguments)
            case "lineTo":
                curve = _line(here, arguments[0])
            case _:  # the path closes
                curve = _line(here, start)
        if any(point != here for point in curve):
            points += curve
        here = curve[-1]
    return np.array([(x, y, 0.0) for x, y in points]).reshape(-1, 3)


def _line(start: tuple[float, float], end: tuple[float, float]) -> tuple[tuple[float, float], ...]:
    (x0, y0), (x1, y1) = start, end
    thirds = tuple((x0 + (x1 - x0) * part / 3, y0 + (y1 - y0) * part / 3) for part in (1, 2))
    return (start, *thirds, end)

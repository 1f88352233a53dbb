"""A line of text that stands on its baseline."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import numpy.typing as npt
from fontTools.pens.recordingPen import RecordingPen
from fontTools.svgLib.path import parse_path
from manim import Mobject, VMobject
from manimpango import TextSetting, text2svg

from scenes.fonts import MONO, SANS
from scenes.style import UNITS_PER_PX

_SIZE = 100  # points; glyphs are laid out large and scaled, since Pango rounds kerning at small sizes
_EM = _SIZE * 96 / 72
_ROOM = 20_000
_SVG = "{http://www.w3.org/2000/svg}"
_HREF = "{http://www.w3.org/1999/xlink}href"

Points = npt.NDArray[np.float64]


class Label(VMobject):
    """One line of text as a single path, ``size`` pixels to the em.

    Its box is the typographic one, from the cap line down to the descender, whatever its letters: labels
    set side by side stand on one baseline, and a chip's height does not depend on its word.

    Pango is asked directly, since Manim's ``Text`` centres each text on its own ink and drops spaces.
    """

    def __init__(
        self, text: str, size: float, color: str, *, weight: str = "NORMAL", mono: bool = False
    ) -> None:
        super().__init__(stroke_width=0)
        self.text = text
        self.face = (MONO if mono else SANS, weight)
        points = _outline(text, *self.face)
        self.points = points * (size * UNITS_PER_PX / _EM)
        self.set_fill(color, opacity=1)

    def level_with(self, mobject: Mobject) -> Label:
        """Stand so that the capitals, and not the whole line, are as high as the mobject's middle."""
        low, high = _strut(*self.face)
        self.set_y(mobject.get_y() + self.height * low / (high - low) / 2)
        return self


@functools.lru_cache(maxsize=4096)
def _outline(text: str, family: str, weight: str) -> Points:
    """The glyphs' points in Pango units, baseline at y = 0, with a strut of cap height and descender."""
    points = _glyphs(text, family, weight)
    low, high = _strut(family, weight)
    left, right = (points[:, 0].min(), points[:, 0].max()) if len(points) else (0.0, 0.0)
    # two empty curves: they draw nothing and hold the box open
    strut = [[[x, y, 0.0]] * 4 for x, y in ((left, high), (right, low))]
    return np.concatenate([points, np.array(strut).reshape(-1, 3)])


@functools.cache
def _strut(family: str, weight: str) -> tuple[float, float]:
    """Descender and cap line of the font."""
    letters = _glyphs("Hp", family, weight)
    return float(letters[:, 1].min()), float(letters[:, 1].max())


def _glyphs(text: str, family: str, weight: str) -> Points:
    """All glyphs' curves in one array [4 x curves, 3], on a baseline at y = 0, y upwards."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "text.svg"
        setting = TextSetting(0, len(text), family, "NORMAL", weight, 0, "#000000")
        text2svg([setting], _SIZE, _SIZE, True, str(file), 0, 0, _ROOM, 4 * _SIZE, text)
        drawing = ElementTree.parse(file).getroot()
    # Cairo writes each glyph once, as a symbol, and sets it by its place on the baseline. Read directly,
    # since Manim's SVG reader takes ten times as long and loses the baseline.
    symbols = {
        f"#{symbol.get('id')}": [_curves(path.get("d", "")) for path in symbol.iter(f"{_SVG}path")]
        for symbol in drawing.iter(f"{_SVG}symbol")
    }
    curves = [
        curve * (1, -1, 1) + (float(use.get("x", 0)), 0, 0)
        for use in drawing.iter(f"{_SVG}use")
        for curve in symbols[use.get(_HREF, "")]
    ]
    return np.concatenate([np.zeros((0, 3)), *curves])


def _curves(path: str) -> Points:
    """An SVG path as cubic Bézier curves."""
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

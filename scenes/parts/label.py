"""A line of text that stands on its baseline."""

from __future__ import annotations

import functools
import re
import tempfile
from pathlib import Path

import numpy as np
import numpy.typing as npt
from manim import SVGMobject, VMobject
from manimpango import TextSetting, text2svg

from scenes.fonts import MONO, SANS
from scenes.style import UNITS_PER_PX

_SIZE = 100  # points; glyphs are laid out large and scaled, since Pango rounds kerning at small sizes
_EM = _SIZE * 96 / 72
_ROOM = 20_000

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
        self.size = size
        points = _outline(text, MONO if mono else SANS, weight)
        self.points = points * (size * UNITS_PER_PX / _EM)
        self.set_fill(color, opacity=1)


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
    """All glyphs' curves in one array, on a baseline at y = 0."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "text.svg"
        setting = TextSetting(0, len(text), family, "NORMAL", weight, 0, "#000000")
        text2svg([setting], _SIZE, _SIZE, True, str(file), 0, 0, _ROOM, 4 * _SIZE, text)
        drawn = SVGMobject(file, should_center=False, height=None, width=None, use_svg_cache=False)
        baseline = re.search(r'<use [^>]*y="([-0-9.]+)"', file.read_text())
    curves = [glyph.points for glyph in drawn.family_members_with_points()]
    if not curves or baseline is None:
        return np.zeros((0, 3))
    points = np.concatenate(curves)
    # the mobject was turned over about its own middle, so the baseline lies mirrored there
    middle = (points[:, 1].min() + points[:, 1].max()) / 2
    points[:, 1] -= 2 * middle - float(baseline.group(1))
    return points

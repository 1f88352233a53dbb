"""Every text of every finished picture, as it is drawn: readable on what is behind its letters."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from manim import Mobject, tempconfig
from manim.renderer.cairo_renderer import CairoRenderer

from model_trace.trace import Trace
from scenes import facts
from scenes.catalogue import CATALOGUE, LOOPS
from scenes.frame import UNITS_PER_PX
from scenes.parts.label import Label
from scenes.parts.preview import Page
from scenes.style import THEMES
from scenes.wording import Wording
from tests.contrast import LARGE, TEXT, Colours, contrast
from tests.loops import content
from traced_loops.rendering.unpremultiply import straight

WIDTH, HEIGHT = 854, 480
SETTINGS = {
    "verbosity": "ERROR",
    "progress_bar": "none",
    "dry_run": True,
    "pixel_width": WIDTH,
    "pixel_height": HEIGHT,
    "frame_height": 8.0,
    "frame_width": 8.0 * 16 / 9,
}
# WCAG's large text is 24 CSS pixels: in a column 700 wide so many of the frame's 1920
DISPLAY = 24 * 1920 / 700
# capitals and descender together, in parts of the em
BOX = 34 / 38


def labels(mobjects: list[Mobject]) -> list[Label]:
    """What is written, but for the element in the preview: its colours are those that the code asks for."""
    family = [member for mobject in mobjects for member in mobject.get_family()]
    pages = [member for page in family if isinstance(page, Page) for member in page.get_family()]
    return [
        member
        for member in family
        if isinstance(member, Label) and member.text.strip() and member.fill_opacity and member not in pages
    ]


def picture(renderer: CairoRenderer, mobjects: list[Mobject]) -> Colours:
    """The drawing [height, width, 3], on white where nothing is painted."""
    renderer.camera.reset()
    renderer.camera.capture_mobjects(mobjects)
    pixels = straight(np.asarray(renderer.get_frame(), np.uint8)) / 255
    return np.asarray(pixels[..., :3] * pixels[..., 3:] + 1 - pixels[..., 3:])


def window(label: Label) -> tuple[slice, slice]:
    """The pixels of the label's box, letters that stick out of it included."""
    scale = HEIGHT / 8
    x, y = label.points[:, 0] * scale + WIDTH / 2, HEIGHT / 2 - label.points[:, 1] * scale
    across, down = ((max(0, int(side.min()) - 1), int(side.max()) + 2) for side in (x, y))
    return slice(*down), slice(*across)


def readings(scene: Any) -> Iterator[tuple[str, bool, float]]:
    """Each text, whether it is of display size, and its least contrast with what is behind its letters."""
    mobjects = list(scene.compose())
    written = labels(mobjects)
    shown = picture(scene.renderer, mobjects)
    inks = [np.array([*label.fill_color.to_rgb(), label.fill_opacity]) for label in written]
    for label in written:
        label.set_fill(opacity=0)
    behind = picture(scene.renderer, mobjects)
    for label, ink in zip(written, inks, strict=True):
        place = window(label)
        letters = np.abs(shown[place] - behind[place]).max(axis=-1) > 0.04
        assert letters.any(), f"{label.text} is invisible"
        ground: npt.NDArray[np.float64] = behind[place][letters]
        seen = ink[:3] * ink[3] + ground * (1 - ink[3])
        large = label.height / UNITS_PER_PX / BOX >= DISPLAY - 0.5
        # a letter's rim may touch an edge beside it: one pixel in fifty is left out
        yield label.text, large, float(np.quantile(contrast(seen, ground), 0.02))


# the traced model's name is longer than GPT-3's; a transparent picture is the light one, on white
CASES = [
    *((entry.number, theme, "gpt3") for entry in CATALOGUE for theme in ("light", "dark")),
    *((entry.number, "light", "model") for entry in LOOPS),
    ("01", "transparent", "gpt3"),
]


@pytest.mark.parametrize(("number", "theme", "subject"), CASES)
def test_every_text_is_readable_where_it_stands(
    number: str, theme: str, subject: str, given: Trace, by_need: dict[str, Trace]
) -> None:
    entry = next(entry for entry in CATALOGUE if entry.number == number)
    trace = by_need.get(entry.needs, given)
    said = content(number, trace, subject=facts.GPT3 if subject == "gpt3" else facts.traced(trace))
    scene = getattr(importlib.import_module(f"{entry.package}.scene"), entry.scene)
    with tempconfig(SETTINGS):
        bound = scene.bind(said, THEMES[theme], Wording())(renderer=CairoRenderer(skip_animations=True))
        bound.setup()
        found = list(readings(bound))
    assert found
    for text, large, ratio in found:
        assert ratio >= (LARGE if large else TEXT), (text, round(ratio, 2))

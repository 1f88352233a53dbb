"""Every colour, type size, duration and spacing. One hue has one meaning, in all loops and figures.

Sizes are in pixels of the frame at full size (wide: 1920×1080); ``Style.px`` turns them into Manim's units.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from scenes.frame import FRAMES, UNITS_PER_PX, WIDE, Frame

Point = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Palette:
    """What each colour means. Text colours reach 4.5:1 on what they stand on, shapes 3:1."""

    background: str = "#FFFFFF"
    text: str = "#1B2130"
    muted: str = "#5B6478"
    mark: str = "#454D60"
    # green: what goes in
    input_fill: str = "#DDF3D0"
    input_edge: str = "#4C9A3B"
    # pink: what comes out
    output_fill: str = "#F8B9CD"
    output_faint: str = "#FFF6F9"
    output_full: str = "#EE6A9C"
    output_edge: str = "#C92F68"
    # purple: the followed track and its activations
    track: str = "#6D3AD6"
    track_deep: str = "#4A1FA3"
    track_fill: str = "#E8E1F7"
    track_edge: str = "#8A6FC4"
    # grey: what the tokenizer adds by itself
    special_fill: str = "#ECEEF2"
    special_edge: str = "#7A8296"
    # periwinkle: the correct word
    label_fill: str = "#CDD1F7"
    label_edge: str = "#4B50B8"
    # red: how wrong a prediction was
    error: str = "#B3211B"
    # blue to orange: negative to positive value
    negative: str = "#1D63AE"
    zero: str = "#F5F4F2"
    positive: str = "#D95D0E"
    cell_edge: str = "#7F899E"
    # olive, pink, violet: the trained model
    trained: tuple[str, ...] = (
        "#77772A",
        "#BA4843",
        "#DF1D60",
        "#CA2AA8",
        "#AC35EC",
        "#8A35F2",
        "#6230F5",
    )
    model_edge: str = "#D6316E"
    model_text: str = "#FFFFFF"
    # grey gradient: the untrained model
    untrained: tuple[str, ...] = ("#E8ECEE", "#C3CED2", "#93A9B1")
    untrained_edge: str = "#5B6478"
    untrained_text: str = "#1B2130"
    # orange: the chamber of pre-training; teal: that of fine-tuning
    training_edge: str = "#CC6A00"
    training_text: str = "#B3430B"
    tuning_edge: str = "#178A9C"
    tuning_text: str = "#0B6878"
    # a model's parameters, seen inside its box
    panel: str = "#262B35"
    panel_edge: str = "#7FB2EC"
    panel_text: str = "#E9EEF7"
    # a decoder layer, from the first to the last
    layer_first: str = "#F4F1FB"
    layer_last: str = "#E2D8FB"
    layer_edge: str = "#8A6FC4"
    arrow: str = "#5B6478"
    # a browser's page: what it draws of itself where the page names no colour
    window: str = "#FFFFFF"
    window_text: str = "#5B6478"
    window_bar: str = "#ECEEF2"
    window_bar_text: str = "#4A5266"
    window_edge: str = "#7A8296"
    page_text: str = "#000000"
    page_link: str = "#0000EE"
    page_button: str = "#EFEFEF"
    page_button_edge: str = "#767676"


@dataclass(frozen=True)
class Type:
    """Type sizes: the em, in pixels. 38 px of Plex are 34 px from cap to descender."""

    display: float = 178
    title: float = 58
    heading: float = 46
    body: float = 42
    token: float = 42
    small: float = 39


@dataclass(frozen=True)
class Pace:
    """Durations in seconds."""

    first_frame: float = 0.1
    clear: float = 0.4
    quick: float = 0.3
    move: float = 0.5
    slow: float = 0.8
    rest: float = 0.6
    hold: float = 1.4
    shortest: float = 6.0


@dataclass(frozen=True)
class Style:
    """Everything the drawing may vary; a scene takes all of its looks from here.

    Lengths are in pixels. What is of one loop alone stands in its ``scene.py``.

    Attributes:
        palette: Colours.
        type: Type sizes.
        pace: Durations.
        opaque: Whether the background is painted.
        frame: The picture's shape and its margins.
        gap: Between chips.
        line_gap: Between the lines of one text.
        chip_height: Height of a token's chip.
        chip_padding: Between a chip's text and its sides.
        chip_radius: Of a chip's corners.
        arrow_gap: Between an arrow and what it connects.
        arrow_gap_small: The same where there is little room.
        touch: Between a track's arrow and the token it leads to.
        line: Width of a line.
        hairline: Width of a thin line.
    """

    palette: Palette = field(default_factory=Palette)
    type: Type = field(default_factory=Type)
    pace: Pace = field(default_factory=Pace)
    opaque: bool = True
    frame: Frame = WIDE
    gap: float = 10
    line_gap: float = 6
    chip_height: float = 68
    chip_padding: float = 18
    chip_radius: float = 10
    arrow_gap: float = 14
    arrow_gap_small: float = 12
    touch: float = 4
    line: float = 5
    hairline: float = 2.5

    @property
    def margin(self) -> float:
        """The space left free at the left and at the right, in pixels."""
        return self.frame.margin

    @property
    def right(self) -> float:
        """The right margin's place, in pixels from the left."""
        return self.frame.width - self.margin

    @property
    def room(self) -> float:
        """The width between the margins, in pixels."""
        return self.frame.width - 2 * self.margin

    @staticmethod
    def px(pixels: float) -> float:
        """Pixels in Manim's units."""
        return pixels * UNITS_PER_PX

    def at(self, x: float, y: float) -> Point:
        """The point ``x`` pixels from the left and ``y`` from the top of the frame."""
        return np.array([x - self.frame.width / 2, self.frame.height / 2 - y, 0]) * UNITS_PER_PX

    @staticmethod
    def stroke(pixels: float) -> float:
        """Pixels in Manim's stroke-width unit, a hundredth of a scene unit."""
        return pixels * UNITS_PER_PX * 100


# Not the light colours inverted: fills are deep and edges bright, so that text stays light on all of them,
# and a value near zero sinks into the ground as it does on white. A browser's page stays white.
DARK = Palette(
    background="#12151C",
    text="#E9EDF5",
    muted="#A7B0C4",
    mark="#C3CAD9",
    input_fill="#1D3D22",
    input_edge="#63B552",
    output_fill="#8A2350",
    output_faint="#20161D",
    output_full="#B52A68",
    output_edge="#F4709F",
    track="#AE8BFF",
    track_deep="#B596FF",
    track_fill="#3B2E66",
    track_edge="#9A82DC",
    special_fill="#2A303C",
    special_edge="#8A94A8",
    label_fill="#333A8C",
    label_edge="#949BFA",
    error="#FF7B6E",
    negative="#4DA3FF",
    zero="#2B313C",
    positive="#FF9540",
    cell_edge="#7C879C",
    model_edge="#FF6B9E",
    untrained=("#2B323B", "#3E4953", "#56656E"),
    untrained_edge="#A7B0C4",
    untrained_text="#F3F6FA",
    training_edge="#E8912C",
    training_text="#FFAE62",
    tuning_edge="#2FAFC3",
    tuning_text="#6CD0DE",
    panel="#171B23",
    layer_first="#1F1B2E",
    layer_last="#302654",
    layer_edge="#8F78D6",
    arrow="#A7B0C4",
    window_bar="#2A303C",
    window_bar_text="#C3CAD9",
    window_edge="#8A94A8",
)

THEMES: dict[str, Style] = {
    "light": Style(),
    "dark": Style(palette=DARK),
    # for light slides: nothing is painted behind the light palette, whose contrasts are reckoned on white
    "transparent": Style(opaque=False),
}


def style_of(theme: str, shape: str) -> Style:
    """Return the style of a theme in the frame of a shape, each by its name."""
    return replace(THEMES[theme], frame=FRAMES[shape])

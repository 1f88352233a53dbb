"""The model as a box that light goes through while it computes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from manim import DOWN, UP, Animation, ManimColor, VGroup, VMobject

from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.parts.light import Light, Sweep
from scenes.parts.rounded import Rounded
from scenes.style import Point, Style

_RADIUS = 34
_AIR = 14  # pixels above and below the name, at least
_GAP = 12  # between the word over the name and the name, in pixels


class ModelBox(VGroup):
    """The model with its name in the middle: olive to violet where it is trained, grey where it is not.

    ``above`` is a word over the name, which takes at most ``share`` of the width. ``foot``
    pixels at the bottom are left to something else.
    """

    def __init__(
        self,
        name: str,
        style: Style,
        width: float,
        height: float,
        *,
        trained: bool = True,
        above: str = "",
        share: float = 0.84,
        foot: float = 0,
    ) -> None:
        palette = style.palette
        fill, edge, ink = (
            (palette.trained, palette.model_edge, palette.model_text)
            if trained
            else (palette.untrained, palette.untrained_edge, palette.untrained_text)
        )
        self.style, self.width_px = style, width
        self.box = Rounded(
            style.px(width),
            style.px(height),
            style.px(_RADIUS),
            stroke_color=edge,
            stroke_width=style.stroke(style.line),
        )
        # several colours make a gradient, though Manim's annotation names one
        self.box.set_fill(list(fill), opacity=1)  # type: ignore[arg-type]
        self.box.set_sheen_direction(_across(width, height))
        label = _name(name, style, ink, width, share)
        head = Label(above, style.type.heading, ink)
        if above:
            head.scale(min(1, style.px(width - 2 * style.line) / head.width))
        # a name of few letters is as wide as any, and taller than its box
        room = style.px(height - foot - 2 * _AIR) - (head.height + style.px(_GAP) if above else 0)
        label.scale(min(1, room / label.height)).move_to(self.box)
        if isinstance(label, Label):
            label.level_with(self.box)
        # above the box, below its name
        self.light = Light(palette.model_text if trained else palette.track)
        self.box.add(self.light)
        super().__init__(decoration(self.box), label)
        if above:
            head.next_to(label, UP, buff=style.px(_GAP))
            VGroup(head, label).set_y(self.box.get_y())
            self.add(head)
        VGroup(*self.submobjects[1:]).shift(style.px(foot / 2) * UP)

    def colour(self, share: float) -> ModelBox:
        """Take the colours between those of the untrained model, for 0, and of the trained one, for 1."""
        palette = self.style.palette
        fill = _between(palette.untrained, palette.trained, share)
        (edge,) = _between((palette.untrained_edge,), (palette.model_edge,), share)
        self.box.set_fill(fill, opacity=1).set_stroke(edge)  # type: ignore[arg-type]
        inks = (palette.untrained_text, palette.model_text)
        middle = fill[len(fill) // 2]
        ink = max(inks, key=lambda ink: _contrast(ManimColor(ink), middle))
        for label in self.submobjects[1:]:
            label.set_fill(ink)
        self.light.colour = ManimColor(palette.track if ink == inks[0] else ink).to_rgb()
        return self

    def sweep(self, strengths: Sequence[float], *, direction: Point = DOWN) -> Animation:
        """One forward pass: a band of light goes through the box in this direction (RIGHT, DOWN, UP …).

        At each layer it is as bright as the layer's strength: from 0 to 1, which stands for more too.
        """
        radius = self.style.px(_RADIUS) * self.box.width / self.style.px(self.width_px)
        return Sweep(self.light, self.box, radius, direction, strengths)


def _between(before: Sequence[str], after: Sequence[str], share: float) -> list[ManimColor]:
    """The colours of a gradient that is ``share`` of the way from one to the other."""
    count = max(len(before), len(after))
    stops = np.linspace(0, 1, count)
    ends = []
    for gradient in (before, after):
        channels = np.array([ManimColor(colour).to_rgb() for colour in gradient])
        places = np.linspace(0, 1, len(gradient))
        ends.append(np.column_stack([np.interp(stops, places, channel) for channel in channels.T]))
    mixed = (1 - share) * ends[0] + share * ends[1]
    return [ManimColor.from_rgb(colour) for colour in mixed]


def _contrast(one: ManimColor, other: ManimColor) -> float:
    """The contrast of two colours as WCAG defines it: from 1 to 21."""
    light = []
    for colour in (one, other):
        channels = np.asarray(colour.to_rgb())
        linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
        light.append(float(linear @ [0.2126, 0.7152, 0.0722]))
    return (max(light) + 0.05) / (min(light) + 0.05)


def _across(width: float, height: float) -> Point:
    """From corner to corner with the other diagonal in one colour, for Manim in parts of half the sides."""
    wide, high = width**2, height**2
    return 2 * np.array([high, wide, 0.0]) / (wide + high)


def _name(name: str, style: Style, ink: str, width: float, share: float) -> VMobject:
    """The name in ``share`` of the width, in more where it would be smaller than text, or in two lines."""
    label = Label(name, style.type.display, ink, weight="LIGHT")
    least = label.width * style.type.heading / style.type.display
    room = max(style.px(width * share), min(style.px(width * 0.9), least))
    if label.width <= room:
        return label
    if least <= room or "-" not in name:
        return label.scale(room / label.width)
    # broken after the hyphen nearest the middle
    ends = [place + 1 for place, letter in enumerate(name) if letter == "-"]
    end = min(ends, key=lambda place: abs(2 * place - len(name)))
    lines = VGroup(*(Label(part, style.type.heading, ink) for part in (name[:end], name[end:]) if part))
    lines.arrange(DOWN, buff=style.px(10))
    return lines.scale(min(1, style.px(width * 0.9) / lines.width))

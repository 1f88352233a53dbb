"""A token on its chip."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

import numpy as np
from manim import RIGHT, UP, Mobject, VGroup, VMobject, interpolate_color
from manim.utils.color import ManimColor

from scenes.display_token import Piece
from scenes.fonts import MONO
from scenes.parts.label import Label
from scenes.parts.rounded import Rounded
from scenes.parts.spelling import cut
from scenes.style import Style

LONGEST = 24  # letters on one chip
_GAP = 0.12  # between letters and marks, in parts of the em


class TokenText(VGroup):
    """A token's text in mono letters, with marks for its spaces, tabs and line ends, all on one baseline.

    Of a text of more than ``longest`` letters the beginning is shown, with an ellipsis.
    """

    def __init__(self, text: str, style: Style, *, color: str | None = None, longest: int = LONGEST) -> None:
        size = style.type.token
        color = color or style.palette.text
        # an empty label holds the line open, and tells where it stands
        self.line_box = Label("", size, color, mono=True)
        super().__init__(self.line_box)
        x = 0.0
        for sign in _signs(cut(text, longest, MONO, exact=True), color, style):
            sign.shift((x - sign.get_left()[0]) * RIGHT)
            x = sign.get_right()[0] + style.px(size * _GAP)
            self.add(sign)

    def level_with(self, mobject: Mobject) -> TokenText:
        """Stand so that the capitals, and not the whole line, are as high as the mobject's middle."""
        y = self.line_box.get_y()
        return self.shift((self.line_box.copy().level_with(mobject).get_y() - y) * UP)

    def sit_on(self, mobject: Mobject) -> TokenText:
        """Stand in the mobject's middle, as high as the line is and not as its letters are."""
        return self.set_x(mobject.get_x()).shift((mobject.get_y() - self.line_box.get_y()) * UP)


def _signs(text: str, color: str, style: Style) -> Iterator[VMobject]:
    """The text's runs of letters, and a mark for each character between them."""
    size = style.type.token
    for is_mark, run in groupby(text, lambda character: character in _MARKS):
        if is_mark:
            yield from (mark(kind, size, style) for kind in run)
        else:
            yield Label("".join(run), size, color, weight="MEDIUM", mono=True, exact=True)


_MARKS = " \t\n"


def mark(character: str, size: float, style: Style) -> VMobject:
    """An open box for a space, an arrow to the stop for a tab, a hooked arrow for a line end.

    Plex has no such glyphs. Each is drawn in the token's line box, so that it stands on the baseline.
    """
    unit = style.px(size)
    corners = {
        " ": [[(0.0, 0.1), (0.0, 0.0), (0.36, 0.0), (0.36, 0.1)]],
        "\t": [
            [(0.0, 0.26), (0.44, 0.26)],
            [(0.3, 0.4), (0.44, 0.26), (0.3, 0.12)],
            [(0.54, 0.42), (0.54, 0.1)],
        ],
        "\n": [[(0.5, 0.52), (0.5, 0.22), (0.04, 0.22)], [(0.18, 0.36), (0.04, 0.22), (0.18, 0.08)]],
    }[character]
    sign = VMobject(stroke_color=style.palette.mark, stroke_width=style.stroke(size * 0.06))
    box = Label("x", size, style.palette.text, mono=True)  # an invisible letter gives the line box
    low, high = box.get_bottom()[1], box.get_top()[1]
    for corner in corners:
        first, *rest = [np.array([x * unit, y * unit, 0]) for x, y in corner]
        sign.start_new_path(first).add_points_as_corners(rest)
    width = max(x for corner in corners for x, _ in corner) * unit
    for x, y in ((0.0, low), (width, high)):
        sign.append_points([np.array([x, y, 0])] * 4)
    return sign


class TokenChip(VGroup):
    """One token on its chip: green in, pink out, periwinkle if correct, grey if the tokenizer's own.

    With ``faint`` the chip of an output token is as saturated as its recorded probability; ``followed``
    draws the edge in the colour of the followed track.
    """

    def __init__(
        self,
        piece: Piece,
        style: Style,
        *,
        faint: bool = False,
        followed: bool = False,
        longest: int = LONGEST,
    ) -> None:
        palette = style.palette
        fill, edge = {
            "input": (palette.input_fill, palette.input_edge),
            "output": (palette.output_fill, palette.output_edge),
            "label": (palette.label_fill, palette.label_edge),
            "special": (palette.special_fill, palette.special_edge),
        }[piece.part]
        if faint and piece.probability is not None:
            fill = saturation(piece.probability.number, style).to_hex()
        self.piece = piece
        self.letters = TokenText(piece.text, style, longest=longest)
        self.box = box(self.letters.width + style.px(2 * style.chip_padding), fill, edge, style)
        self.letters.sit_on(self.box)
        if followed:
            self.box.set_stroke(palette.track, width=style.stroke(style.line))
        super().__init__(self.box, self.letters)


def asked_for(style: Style) -> VGroup:
    """The chip of the correct word while it is not known."""
    palette = style.palette
    sign = Label("?", style.type.token, palette.text, weight="MEDIUM", mono=True)
    chip = box(sign.width + style.px(3 * style.chip_padding), palette.label_fill, palette.label_edge, style)
    return VGroup(chip, sign.move_to(chip))


def saturation(probability: float, style: Style) -> ManimColor:
    """Pink for a probability: the paler, the less likely."""
    palette = style.palette
    return interpolate_color(ManimColor(palette.output_faint), ManimColor(palette.output_fill), probability)


def box(width: float, fill: str, edge: str, style: Style) -> Rounded:
    """An empty chip of ``width`` scene units."""
    return Rounded(
        max(width, style.px(style.chip_height * 0.72)),
        style.px(style.chip_height),
        style.px(style.chip_radius),
        fill_color=fill,
        fill_opacity=1,
        stroke_color=edge,
        stroke_width=style.stroke(style.hairline),
    )

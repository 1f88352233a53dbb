"""A token on its chip."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby

import numpy as np
from manim import RIGHT, UP, Mobject, VGroup, VMobject, interpolate_color
from manim.utils.color import ManimColor

from scenes.display_token import DisplayToken, Share, shares, spans
from scenes.fonts import MONO
from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.parts.rounded import Rounded
from scenes.parts.spelling import cut
from scenes.style import Style
from scenes.traced_value import TracedValue
from scenes.wording import Wording

LONGEST = 24  # letters on one chip
# pixels: a byte's slot, wide and high, and between two; how far below the line they begin; their edge
_SLOT, _SLOT_FALL, _SLOT_EDGE = (11, 9, 4), 2, 2.0
_GAP = 0.12  # between letters and marks, in parts of the em


class TokenText(VGroup):
    """A token's text in mono letters, with marks for its spaces, tabs and line ends, all on one baseline.

    Of a text of more than ``longest`` letters the beginning is shown, with an ellipsis. Under a character
    that the token shares with others stands a slot for each of its bytes, filled where it is its own.
    """

    def __init__(
        self, text: str | TracedValue, style: Style, *, color: str | None = None, longest: int = LONGEST
    ) -> None:
        size = style.type.token
        color = color or style.palette.text
        # an empty label holds the line open, and tells where it stands
        self.line_box = Label("", size, color, mono=True)
        super().__init__(self.line_box)
        whole = text.text if isinstance(text, TracedValue) else text
        shared = shares(text) if isinstance(text, TracedValue) else ()
        if isinstance(text, TracedValue):
            show(self, text)
        else:
            decoration(self)
        x = 0.0
        for sign in _signs(whole, shared, longest, color, style):
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


def _signs(text: str, shared: Sequence[Share], longest: int, color: str, style: Style) -> Iterator[VMobject]:
    """The text's runs of letters, a mark for each blank between them, each shared character by itself."""
    size = style.type.token
    visible = cut(text, longest, MONO, exact=True)
    kept = len(visible) - (visible != text)  # the last is the ellipsis
    by_place = {share.place: share for share in shared if share.place < kept}

    def kind(place: int) -> object:
        return by_place.get(place) or visible[place] in _MARKS

    for found, places in groupby(range(len(visible)), kind):
        run = "".join(visible[place] for place in places)
        if found is True:
            yield from (mark(blank, size, style) for blank in run)
            continue
        letters = Label(run, size, color, weight="MEDIUM", mono=True, exact=True)
        if isinstance(found, Share):
            yield VGroup(letters, *_slots(found, letters, color, style))
        else:
            yield letters


def _slots(share: Share, letters: Label, color: str, style: Style) -> Iterator[VMobject]:
    """A slot for each byte of a character, below its line: the token's own filled, the others open."""
    width, height, gap = (style.px(pixels) for pixels in _SLOT)
    left = letters.get_x() - (share.total * (width + gap) - gap) / 2
    top = letters.line[0] - style.px(_SLOT_FALL)
    for own in (True, False):
        slots = VMobject(stroke_color=color, stroke_width=style.stroke(_SLOT_EDGE))
        slots.set_fill(color, opacity=1 if own else 0)
        for byte in range(share.total):
            if (share.first <= byte + 1 <= share.last) == own:
                x = left + byte * (width + gap)
                corners = [(x, top), (x + width, top), (x + width, top - height), (x, top - height), (x, top)]
                first, *rest = [np.array([x, y, 0]) for x, y in corners]
                slots.start_new_path(first).add_points_as_corners(rest)
        if len(slots.points):
            yield slots


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
    sign = decoration(VMobject(stroke_color=style.palette.mark, stroke_width=style.stroke(size * 0.06)))
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
    """One token on its chip: green in, pink out, periwinkle if correct, grey if added to the text.

    With ``faint`` the chip of an output token is as saturated as its recorded probability; ``followed``
    draws the edge in the colour of the followed track. With a ``name`` the chip stands for several tokens.
    """

    def __init__(
        self,
        piece: DisplayToken,
        style: Style,
        *,
        faint: bool = False,
        followed: bool = False,
        longest: int = LONGEST,
        name: str | None = None,
    ) -> None:
        palette = style.palette
        fill, edge = {
            "input": (palette.input_fill, palette.input_edge),
            "output": (palette.output_fill, palette.output_edge),
            "label": (palette.label_fill, palette.label_edge),
            "special": (palette.special_fill, palette.special_edge),
            "template": (palette.special_fill, palette.special_edge),
        }[piece.part]
        if faint and piece.probability is not None:
            fill = saturation(piece.probability.number, style).to_hex()
        self.piece = piece
        self.letters: VMobject
        if name is None:
            self.letters = letters = TokenText(piece.shown, style, longest=longest)
        else:
            self.letters = Label(name, style.type.small, palette.text)
        self.box = box(self.letters.width + style.px(2 * style.chip_padding), fill, edge, style)
        if name is None:
            letters.sit_on(self.box)
        else:
            self.letters.move_to(self.box)
        if followed:
            self.box.set_stroke(palette.track, width=style.stroke(style.line))
        super().__init__(decoration(self.box), self.letters)
        if faint and piece.probability is not None:
            show(self.box, piece.probability)
        else:
            show(self, piece.shown)


def names_of(spans: Sequence[range], wording: Wording) -> dict[int, str]:
    """What stands on the chips of several template tokens each, by the place of their span."""
    return {
        place: wording.plural("template · {count} token", "template · {count} tokens", len(span))
        for place, span in enumerate(spans)
        if len(span) > 1
    }


class OnDemand:
    """Chips that are made when they are first asked for: of a long text only the few that find room.

    ``tokens`` is how many tokens each of them stands for.
    """

    def __init__(self, make: Callable[[int], VMobject], tokens: Sequence[int]) -> None:
        self._make = functools.cache(make)
        self.tokens = tokens

    def __len__(self) -> int:
        return len(self.tokens)

    def __getitem__(self, place: int) -> VMobject:
        chip: VMobject = self._make(place)
        return chip

    def __add__(self, other: OnDemand) -> OnDemand:
        count = len(self)

        def chip(place: int) -> VMobject:
            return self[place] if place < count else other[place - count]

        return OnDemand(chip, [*self.tokens, *other.tokens])


def chips_of(
    pieces: Sequence[DisplayToken], style: Style, wording: Wording, *, followed: int | None = None
) -> OnDemand:
    """A chip for each token, one for several of a template in a row; the one at ``followed`` is edged."""
    found = spans(pieces, followed)
    names = names_of(found, wording)

    def chip(place: int) -> TokenChip:
        first = found[place].start
        return TokenChip(pieces[first], style, followed=first == followed, name=names.get(place))

    return OnDemand(chip, [len(span) for span in found])


def asked_for(style: Style) -> VGroup:
    """The chip of the correct word while it is not known."""
    palette = style.palette
    sign = Label("?", style.type.token, palette.text, weight="MEDIUM", mono=True)
    chip = box(sign.width + style.px(3 * style.chip_padding), palette.label_fill, palette.label_edge, style)
    return decoration(VGroup(chip, sign.move_to(chip)))


def slot(token: VMobject, style: Style) -> VGroup:
    """The place of a token while it is not known: as wide as that, empty but for a sign."""
    palette = style.palette
    ground = box(token.width, palette.background, palette.special_edge, style)
    sign = Label("?", style.type.token, palette.muted, weight="MEDIUM", mono=True)
    return VGroup(ground, sign.move_to(ground)).move_to(token)


def saturation(probability: float, style: Style) -> ManimColor:
    """Pink for a probability: the paler, the less likely. 30 % and 90 % are easily told apart."""
    palette = style.palette
    return interpolate_color(ManimColor(palette.output_faint), ManimColor(palette.output_full), probability)


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

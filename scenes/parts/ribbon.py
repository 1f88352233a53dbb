"""A distribution as a ribbon from 0 to 100 %: a piece for each token, and the number that draws one."""

from __future__ import annotations

from collections.abc import Sequence

from manim import LEFT, RIGHT, UP, Dot, Line, Rectangle, VGroup, VMobject

from scenes.candidates import Candidate
from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.parts.token import TokenText
from scenes.style import Style
from scenes.traced_value import TracedValue
from scenes.wording import Wording

_PAD = 14  # pixels between a piece's edge and its words, at least
_LONGEST = 10  # letters of a token
_SLIVER = 5  # pixels: a drawn token's piece, at least
_PIN, _HEAD = 30, 13  # pixels over the ribbon, and the head's radius
_DEEP = 0.12  # of the ribbon's height: how deep the pin goes, above the names


class Ribbon(VGroup):
    """Pieces as long as their probabilities, from left to right, ``width`` pixels in all.

    A piece is named where there is room, and ``named`` says whether the drawn one is. ``drawn`` is the
    piece of the drawn token, lit, which lies from ``below`` on and is ``share`` long; ``pin`` stands where
    the ``number`` fell that drew it.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        style: Style,
        wording: Wording,
        *,
        width: float,
        height: float,
        drawn: int,
        below: float,
        share: TracedValue,
        number: TracedValue,
    ) -> None:
        palette, px = style.palette, style.px
        self.pieces, self.names = VGroup(), VGroup()
        done = 0.0
        for place, candidate in enumerate(candidates):
            part = candidate.probability.number
            piece = _piece(part * width, height, style)
            if candidate.token is None:
                piece.set_fill(palette.special_fill).set_stroke(palette.special_edge)
            covered = place == drawn and candidate.token is not None  # by the lit one
            piece = decoration(piece) if covered else show(piece, candidate.probability)
            self.pieces.add(piece.align_to(px(done * width) * RIGHT, LEFT))
            done += part
        lit = show(_piece(max(share.number * width, _SLIVER), height, style), share)
        lit.set_fill(palette.output_fill).set_stroke(palette.output_edge)
        self.drawn: VMobject = lit.align_to(px(min(below * width, width - _SLIVER)) * RIGHT, LEFT)
        if candidates[drawn].token is not None:
            self.drawn.move_to(self.pieces[drawn])
        self.named = False
        for place, (candidate, named) in enumerate(zip(candidates, self.pieces, strict=True)):
            name = _name(candidate, named, style, wording, px(number.number * width))
            self.names.add(*name)
            self.named |= bool(name) and place == drawn and candidate.token is not None
        self.pin = show(_pin(px(number.number * width), px(height), style), number)
        # above the lit piece, also while that fades in
        VGroup(self.names, self.pin).set_z_index(1)
        super().__init__(self.pieces, self.drawn, self.names, self.pin)


def _piece(width: float, height: float, style: Style) -> Rectangle:
    return Rectangle(
        width=max(style.px(width), 1e-3),
        height=style.px(height),
        fill_color=style.palette.track_fill,
        fill_opacity=1,
        stroke_color=style.palette.track_edge,
        stroke_width=style.stroke(style.hairline),
    )


def _name(
    candidate: Candidate, piece: VMobject, style: Style, wording: Wording, pin: float
) -> list[VMobject]:
    """A piece's token and probability, or the token alone, where there is room."""
    palette, px = style.palette, style.px
    percent = wording.percent(candidate.probability)
    if candidate.token is None:
        words = wording("all others {percent}", percent=percent)
        choices = [VGroup(Label(text, style.type.small, palette.muted)) for text in (words, percent)]
    else:
        text = TokenText(candidate.token, style, longest=_LONGEST)
        share = Label(percent, style.type.small, palette.text)
        choices = [VGroup(text.copy(), share.next_to(text, RIGHT, buff=px(16))), VGroup(text)]
    for name in choices:
        if name.width + 2 * px(_PAD) <= piece.width:
            for part in name:
                part.level_with(piece)
            if candidate.token is None and pin < piece.get_x():  # one of them may be drawn: away from it
                return [name.align_to(piece.get_right() + px(_PAD) * LEFT, RIGHT)]
            return [name.align_to(piece.get_left() + px(_PAD) * RIGHT, LEFT)]
    return []


def _pin(x: float, height: float, style: Style) -> VGroup:
    """A needle with a head, stuck into the ribbon from above."""
    top = (height / 2 + style.px(_PIN)) * UP + x * RIGHT
    foot = height * (0.5 - _DEEP) * UP + x * RIGHT
    needle = Line(top, foot, color=style.palette.text, stroke_width=style.stroke(style.line))
    return VGroup(needle, Dot(top, radius=style.px(_HEAD), color=style.palette.text))

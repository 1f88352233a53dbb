"""The next token's distribution: the likeliest tokens, a bar each, and the rest of the mass."""

from __future__ import annotations

from collections.abc import Sequence

from manim import (
    DOWN,
    LEFT,
    ORIGIN,
    RIGHT,
    Animation,
    Rectangle,
    Transform,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.candidates import Candidate
from scenes.display_token import DisplayToken, TokenKind
from scenes.marks import show
from scenes.parts.label import Label
from scenes.parts.token import TokenChip, TokenText
from scenes.style import Style
from scenes.wording import Wording

_LONGEST = 10  # letters of a token's name
_BESIDE = 20  # pixels between a name and its bar
_SHOWN = 0.7  # of the time in which a bar grows, before which a number would contradict it


class ProbabilityBars(VGroup):
    """Rows of token, bar and printed probability; a chosen token stands on its chip if there is room.

    ``full`` pixels are 100 %, ``pitch`` is the way down to the next row. ``chosen`` is what the chosen token
    is: an output, or the correct word; ``longest_chosen`` are the letters of it that are shown. Unless the
    bars are ``lit`` its row looks like the others. ``rest`` is what the row of all other tokens is called.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        style: Style,
        wording: Wording,
        *,
        full: float,
        pitch: float,
        thickness: float = 44,
        chosen: TokenKind = "output",
        longest_chosen: int = _LONGEST,
        lit: bool = True,
        rest: str = "",
    ) -> None:
        super().__init__()
        self.rest = rest or wording("all others")
        self.lit = lit
        self.chosen, self.longest_chosen = chosen, longest_chosen
        self.style = style
        self.thickness = thickness
        self.chips = abs(pitch) > style.chip_height
        for number, candidate in enumerate(candidates):
            name = self._name(candidate, wording)
            bar = self._bar(candidate, full)
            chance = Label(wording.percent(candidate.probability), style.type.small, style.palette.text)
            bar.align_to(ORIGIN, LEFT).shift(DOWN * style.px(pitch * number))
            # where a row has a chip, all letters end where the chip's do
            beside = (
                _BESIDE if isinstance(name, TokenChip) or not self.chips else _BESIDE + style.chip_padding
            )
            name.next_to(bar, LEFT, buff=style.px(beside))
            if isinstance(name, Label | TokenText):
                name.level_with(bar)
            elif isinstance(name, TokenChip) and not lit:
                name = name.letters
            chance.next_to(bar, RIGHT, buff=style.px(16)).level_with(bar)
            self.add(VGroup(name, bar, chance))

    def growth(self, start: float = 0) -> list[Animation]:
        """The bars grow from nothing, from ``start`` of the time on; a number comes when its bar is there."""
        grows: list[Animation] = []
        for _, bar, chance in self:
            grown = VGroup(bar, chance).copy()
            bar.stretch(0.01, 0, about_point=bar.get_left())
            chance.set_opacity(0)
            shown = start + _SHOWN * (1 - start)
            grows += [
                Transform(bar, grown[0], rate_func=squish_rate_func(smooth, start, 1)),
                Transform(chance, grown[1], rate_func=squish_rate_func(smooth, shown, 1)),
            ]
        return grows

    def _name(self, candidate: Candidate, wording: Wording) -> VMobject:
        palette = self.style.palette
        if candidate.token is None:
            return Label(self.rest, self.style.type.small, palette.muted)
        if candidate.token.text == " ":
            return show(Label(wording("(space)"), self.style.type.small, palette.muted), candidate.token)
        if candidate.chosen and self.chips:
            return TokenChip(
                DisplayToken(candidate.token, self.chosen), self.style, longest=self.longest_chosen
            )
        return TokenText(candidate.token, self.style, longest=_LONGEST)

    def _bar(self, candidate: Candidate, full: float) -> Rectangle:
        palette = self.style.palette
        fill, edge = palette.track_fill, palette.track_edge
        if candidate.chosen and self.lit:
            fill, edge = palette.output_fill, palette.output_edge
            if self.chosen == "label":
                fill, edge = palette.label_fill, palette.label_edge
        elif candidate.token is None:
            fill, edge = palette.special_fill, palette.special_edge
        bar = Rectangle(
            width=self.style.px(max(full * candidate.probability.number, 3)),
            height=self.style.px(self.thickness),
            fill_color=fill,
            fill_opacity=1,
            stroke_color=edge,
            stroke_width=self.style.stroke(self.style.hairline),
        )
        return show(bar, candidate.probability)

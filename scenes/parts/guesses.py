"""A model's likeliest next tokens in a narrow column: name and probability, a bar under them."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, RIGHT, Animation, GrowFromEdge, Rectangle, VGroup, VMobject

from scenes.candidates import Candidate
from scenes.display_token import DisplayToken
from scenes.fade import FadeIn
from scenes.parts.label import Label
from scenes.parts.token import TokenChip, TokenText
from scenes.style import Style
from scenes.wording import Wording

_LONGEST = 8  # letters of a token's name
_THICKNESS = 18


class Guesses(VGroup):
    """A row per candidate: what it is, its bar in a trough of ``width`` pixels that is 100 %.

    The correct word stands on its chip, and its bar has that colour too.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        style: Style,
        wording: Wording,
        *,
        width: float,
    ) -> None:
        palette = style.palette
        rows = VGroup()
        for candidate in candidates:
            share = candidate.probability.number
            name = _name(candidate, style, wording)
            chance = Label(wording.percent(share), style.type.small, palette.text)
            trough = _bar(width, style).set_fill(palette.special_fill)
            trough.next_to(name, DOWN, buff=style.px(8)).align_to(name, LEFT)
            chance.level_with(name).align_to(trough, RIGHT)
            fill, edge = (
                (palette.label_fill, palette.label_edge)
                if candidate.chosen
                else (palette.track_fill, palette.track_edge)
            )
            bar = _bar(max(width * share, 3), style).set_fill(fill)
            bar.set_stroke(edge, width=style.stroke(style.hairline))
            rows.add(VGroup(name, chance, trough, bar.move_to(trough).align_to(trough, LEFT)))
        super().__init__(*rows.arrange(DOWN, buff=style.px(24), aligned_edge=LEFT))

    def growth(self) -> list[Animation]:
        """The rows appear and their bars grow from nothing."""
        parts = [part for row in self for part in row[:-1]]
        return [FadeIn(*parts), *(GrowFromEdge(row[-1], LEFT) for row in self)]


def _bar(width: float, style: Style) -> Rectangle:
    return Rectangle(width=style.px(width), height=style.px(_THICKNESS), fill_opacity=1, stroke_width=0)


def _name(candidate: Candidate, style: Style, wording: Wording) -> VMobject:
    assert candidate.token is not None
    if candidate.chosen:
        return TokenChip(DisplayToken(candidate.token, "label"), style, longest=_LONGEST)
    if candidate.token.text == " ":
        return Label(wording("(space)"), style.type.small, style.palette.muted)
    return TokenText(candidate.token, style, longest=_LONGEST)

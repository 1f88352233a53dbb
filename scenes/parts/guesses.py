"""A model's likeliest next tokens in a narrow column: name and probability, a bar under them."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, RIGHT, UL, Animation, GrowFromEdge, Rectangle, Transform, VGroup, VMobject

from scenes.candidates import Candidate
from scenes.display_token import DisplayToken
from scenes.fade import FadeIn
from scenes.marks import decoration, show
from scenes.parts.label import Label
from scenes.parts.token import TokenChip, TokenText
from scenes.style import Style
from scenes.traced_value import TracedValue
from scenes.wording import Wording

_LONGEST = 8  # letters of a token's name
_THICKNESS = 18


class Guess(VGroup):
    """One candidate: its ``name``, its printed ``chance``, a bar in a trough of ``width`` pixels, 100 %,
    that is ``thickness`` pixels high.

    The correct word stands on its chip and its bar has that colour too. Where its place is told, that is
    printed under the bar, if there is room of how many tokens (``count``).
    """

    def __init__(
        self,
        candidate: Candidate,
        count: TracedValue,
        style: Style,
        wording: Wording,
        *,
        width: float,
        thickness: float = _THICKNESS,
    ) -> None:
        palette = style.palette
        share = candidate.probability.number
        self.candidate = candidate
        self.word = _name(candidate, style, wording)
        self.trough = decoration(_bar(width, thickness, style).set_fill(palette.special_fill))
        self.trough.next_to(self.word, DOWN, buff=style.px(8)).align_to(self.word, LEFT)
        self.chance = VGroup(*_printed(candidate, count, style, wording, self.trough.width))
        self.chance[0].level_with(self.word).align_to(self.trough, RIGHT)
        for line in self.chance[1:]:
            line.next_to(self.trough, DOWN, buff=style.px(8)).align_to(self.trough, RIGHT)
        fill, edge = (
            (palette.label_fill, palette.label_edge)
            if candidate.chosen
            else (palette.track_fill, palette.track_edge)
        )
        bar = show(_bar(max(width * share, 3), thickness, style).set_fill(fill), candidate.probability)
        bar.set_stroke(edge, width=style.stroke(style.hairline))
        self.bar = bar.move_to(self.trough).align_to(self.trough, LEFT)
        super().__init__(self.word, self.chance, self.trough, self.bar)

    def growth(self) -> list[Animation]:
        """The row appears and its bar grows from nothing."""
        return [FadeIn(*self[:-1]), GrowFromEdge(self.bar, LEFT)]

    def taking_over(self, before: Guess) -> Animation:
        """The same token's row of the step before becomes this one: it moves here and its bar grows."""
        there = self.copy()
        self.shift(before.word.get_corner(UL) - self.word.get_corner(UL))
        self.bar.become(before.bar)
        return Transform(self, there)


class Guesses(VGroup):
    """A ``Guess`` per candidate, one below the other and ``gap`` pixels apart."""

    def __init__(
        self,
        candidates: Sequence[Candidate],
        count: TracedValue,
        style: Style,
        wording: Wording,
        *,
        width: float,
        thickness: float = _THICKNESS,
        gap: float = 20,
    ) -> None:
        self.rows = [
            Guess(each, count, style, wording, width=width, thickness=thickness) for each in candidates
        ]
        super().__init__(*self.rows)
        self.arrange(DOWN, buff=style.px(gap), aligned_edge=LEFT)

    @property
    def label(self) -> Guess:
        """The correct word's row."""
        return next(row for row in self.rows if row.candidate.chosen)

    @property
    def others(self) -> VGroup:
        """The rows of the other tokens."""
        return VGroup(*(row for row in self.rows if not row.candidate.chosen))

    def growth(self) -> list[Animation]:
        """The rows appear and their bars grow from nothing."""
        return [each for row in self.rows for each in row.growth()]


def _printed(
    candidate: Candidate, count: TracedValue, style: Style, wording: Wording, room: float
) -> list[Label]:
    """The candidate's probability, and the correct word's place if that is told."""
    size, muted = style.type.small, style.palette.muted
    chance = Label(wording.percent(candidate.probability), size, style.palette.text)
    if candidate.place is None or not candidate.chosen:
        return [chance]
    place, all_of_them = wording.ordinal(candidate.place), wording.integer(count)
    whole = Label(wording("{place} of {count}", place=place, count=all_of_them), size, muted)
    return [chance, whole if whole.width <= room else Label(place, size, muted)]


def _bar(width: float, thickness: float, style: Style) -> Rectangle:
    return Rectangle(width=style.px(width), height=style.px(thickness), fill_opacity=1, stroke_width=0)


def _name(candidate: Candidate, style: Style, wording: Wording) -> VMobject:
    assert candidate.token is not None
    if candidate.chosen:
        return TokenChip(DisplayToken(candidate.token, "label"), style, longest=_LONGEST)
    if candidate.token.text == " ":
        return show(Label(wording("(space)"), style.type.small, style.palette.muted), candidate.token)
    return TokenText(candidate.token, style, longest=_LONGEST)

"""Draws loop 90."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from manim import DOWN, LEFT, ORIGIN, RIGHT, Group, GrowFromEdge, Mobject, Rectangle, VGroup

from scenes.display_token import DisplayToken, probability
from scenes.fade import FadeIn
from scenes.loop import LoopScene
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.token import TokenChip, chips_of
from scenes.parts.token_lines import TokenLines

from .content import Content

_BAR = 0.45  # of the room between the margins: the length of 100 %
_PITCH = 110  # pixels from row to row
_LETTERS = 10  # of a token, before it is cut


class HowSure(LoopScene):
    """The prompt, and below it a row for each token that was written: its chip, a bar and a percentage."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, said = self.style, self.wording, self.content
        self.heading = Heading([w("How sure was the model?")], style)
        self.prompt = TokenLines(chips_of(said.prompt, style, w), style, w, width=style.room, lines=2)
        self.prompt.next_to(self.heading, DOWN, buff=style.px(60)).align_to(self.heading, LEFT)
        self.rows = VGroup(*(self._row(place, token) for place, token in enumerate(said.written)))
        self.rows.next_to(self.prompt, DOWN, buff=style.px(80)).align_to(self.heading, LEFT)
        corner = self.credit(said.text_source)
        return Group(self.heading, self.prompt, self.rows, corner)

    def _row(self, place: int, token: DisplayToken) -> VGroup:
        style, palette = self.style, self.style.palette
        bar = Rectangle(
            width=style.px(max(3, _BAR * style.room * probability(token))),
            height=style.px(44),
            fill_color=palette.output_fill,
            fill_opacity=1,
            stroke_color=palette.output_edge,
            stroke_width=2,
        )
        # the bars of all rows begin at one line
        bar.align_to(ORIGIN, LEFT).shift(DOWN * style.px(_PITCH * place))
        chip = TokenChip(token, style, longest=_LETTERS).next_to(bar, LEFT, buff=style.px(20))
        percent = Label(self.wording.percent(probability(token)), style.type.small, palette.text)
        percent.next_to(bar, RIGHT, buff=style.px(20)).level_with(bar)
        return VGroup(chip, bar, percent)

    def question(self) -> Sequence[Mobject]:
        return [part for part in self.mobjects if part is not self.rows]

    def story(self) -> None:
        pace = self.style.pace
        for number, (chip, bar, percent) in enumerate(self.rows, start=1):
            with self.beat(f"token {number}"):
                self.move(FadeIn(chip), GrowFromEdge(bar, LEFT), FadeIn(percent), seconds=pace.move)
                self.rest(pace.rest)

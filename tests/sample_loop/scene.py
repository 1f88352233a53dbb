"""Draws loop 77."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from manim import DOWN, LEFT, Group, Mobject, VGroup

from scenes.display_token import probability
from scenes.fade import FadeIn
from scenes.loop import LoopScene
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.token import TokenChip, chips_of
from scenes.parts.token_lines import TokenLines

from .content import Content


class FirstToken(LoopScene):
    """The prompt above, the model below it, and the token it gives with its probability."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, said = self.style, self.wording, self.content
        self.prompt = TokenLines(chips_of(said.prompt, style, w), style, w, width=1700, lines=2)
        box = ModelBox(said.subject, style, 840, 290)
        percent = Label(w.percent(probability(said.answer)), style.type.body, style.palette.text)
        self.answer = VGroup(TokenChip(said.answer, style), percent).arrange(buff=style.px(30))
        column = VGroup(self.prompt, box, self.answer).arrange(DOWN, buff=style.px(80), aligned_edge=LEFT)
        column.to_edge(LEFT, buff=style.px(style.margin))
        corner = self.credit(said.text_source)
        return Group(self.prompt, box, self.answer, corner)

    def question(self) -> Sequence[Mobject]:
        return [part for part in self.mobjects if part is not self.answer]

    def story(self) -> None:
        with self.beat("answer comes"):
            self.move(FadeIn(self.answer), seconds=self.style.pace.move)
            self.rest(self.style.pace.rest)

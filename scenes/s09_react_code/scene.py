"""Draws loop 09: examples of descriptions and code in, React code out, token by token."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from manim import DOWN, LEFT, UP, Animation, Group, Mobject

from scenes.display_token import spaced
from scenes.fade import FadeIn
from scenes.loop import LoopScene
from scenes.parts.code_panel import CodePanel
from scenes.parts.credit import credit
from scenes.parts.extremes import Extremes
from scenes.parts.preview import Preview
from scenes.parts.token import TokenChip
from scenes.priming import CODE, DESCRIPTION
from scenes.s09_react_code.content import Content

_TOP = 64  # pixels


class ReactCode(LoopScene):
    """The prompt and the code at the left; what a browser shows of the code at the right."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.panel = CodePanel(
            [((DESCRIPTION, pair.description), (CODE, pair.code)) for pair in content.examples],
            (DESCRIPTION, content.description),
            CODE,
            [TokenChip(piece, style, faint=True) for piece in content.code],
            style,
            w,
            width=1210,
            height=916,
        )
        self.panel.align_to(style.at(style.margin, _TOP), UP + LEFT)
        self.window = Preview(style, w, width=490, height=560)
        self.window.align_to(style.at(style.right - 490, _TOP), UP + LEFT)
        self.shown = self.window.showing(content.preview)
        likely = [content.code[place] for place in content.extremes]
        self.chances = Extremes(likely, style, w, longest=10, width=490)
        self.chances.align_to(self.window, LEFT).align_to(self.panel, DOWN)
        corner = credit(content.model, content.text_source, style, w, spaced=spaced(content))
        panel = self.panel
        self.fixed = [panel.frame, panel.examples, self.window, corner]
        return Group(*self.fixed, panel.description, panel.asked, panel.output, self.shown, self.chances)

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("description"):
            self.move(FadeIn(self.panel.description), seconds=pace.quick)
            self.rest(pace.rest)
        with self.beat("code"):
            self.move(FadeIn(self.panel.asked), seconds=pace.quick)
            self._write()
            self.rest(pace.rest)
        with self.beat("preview"):
            self.move(FadeIn(self.shown), seconds=pace.move)
            self.rest(pace.rest)
        with self.beat("probabilities"):
            self.move(FadeIn(self.chances), seconds=pace.quick)
            self.rest(pace.rest)

    def _write(self) -> None:
        """The code comes token by token, ever faster; lines that are too many scroll."""
        output = self.panel.output
        output.set_first(0)
        done = 0
        for count, seconds in self.stream(len(self.content.code), self.style.pace.move, 3.2):
            done += count
            moves, newcomers = output.reflow(done)
            arrivals: list[Animation] = [FadeIn(chip) for chip in newcomers]
            self.move(*moves, *arrivals, seconds=seconds)

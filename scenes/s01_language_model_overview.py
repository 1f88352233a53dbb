"""01: a trained language model turns a prompt into text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    FadeIn,
    FadeOut,
    Group,
    LaggedStart,
    Mobject,
    VGroup,
    VMobject,
    linear,
)

from model_trace.trace import Trace
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.credit import credit
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.token import TokenChip
from scenes.parts.token_lines import TokenLines
from scenes.pieces import Piece, TextSource, prompt_pieces, text_source, token_piece, written_positions
from scenes.shown import RELATIVE_UPDATE, Shown, Source, recorded


@dataclass(frozen=True)
class Content:
    """The prompt, the text that follows it, and how strongly each layer worked on the first answer."""

    model: str
    text_source: TextSource
    prompt: tuple[Piece, ...]
    output: tuple[Piece, ...]
    updates: Shown
    likeliest: Piece
    unlikeliest: Piece


def content(trace: Trace, *, article: bool = False) -> Content:
    """What 01 says of this trace: the layers' work is that of the forward that wrote the first token."""
    output = tuple(token_piece(trace, i) for i in written_positions(trace))
    by_chance = sorted(output, key=lambda piece: piece.probability.number if piece.probability else 0)
    layers = tuple(range(trace.model.layers))
    first = trace.prompt_length - 1
    return Content(
        model=trace.model.label,
        text_source=text_source(trace, article),
        prompt=prompt_pieces(trace),
        output=output,
        updates=recorded(
            trace,
            "colour",
            Source("generation/resid_pre", (layers, first)),
            Source("generation/resid_post", (layers, first)),
            formula=RELATIVE_UPDATE,
        ),
        likeliest=by_chance[-1],
        unlikeliest=by_chance[0],
    )


class LanguageModelOverview(LoopScene):
    """Prompt above, model in the middle, output below: read from top to bottom."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w = self.style, self.wording
        given = [TokenChip(piece, style) for piece in self.content.prompt]
        written = [TokenChip(piece, style, faint=True) for piece in self.content.output]
        self.prompt = TokenLines(given, style, w, width=1440, lines=2)
        self.box = ModelBox("GPT-3", style, 840, 340)
        self.output = TokenLines(written, style, w, width=1440, lines=3)
        column = VGroup(self.prompt, self.box, self.output)
        column.arrange(DOWN, buff=style.px(96), aligned_edge=LEFT)
        column.align_to(style.at(370, 0), LEFT).set_y(style.px(24))
        self.down = VGroup(self._arrow(self.prompt, self.box), self._arrow(self.box, self.output))
        heads = VGroup(self._head(w("Input prompt"), self.prompt), self._head(w("Output"), self.output))
        self.chances = self._chances().next_to(self.box, RIGHT, buff=style.px(70))
        corner = credit(self.content.model, self.content.text_source, style, w)
        return Group(heads, self.prompt, self.down, self.box, self.output, self.chances, corner)

    def question(self) -> Sequence[Mobject]:
        return [part for part in self.mobjects if part not in (self.output, self.chances)]

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("prompt"):
            falling = [chip.copy() for chip in self.prompt.visible]
            inside = self.box.get_center()
            drops = [FadeOut(chip, target_position=inside, scale=0.4) for chip in falling]
            self.bring_to_front(self.box)
            self.move(LaggedStart(*drops, lag_ratio=0.12), seconds=pace.slow)
            self.rest(pace.rest)
        with self.beat("forward pass"):
            self.move(self.box.pulse(self._strengths()), seconds=pace.slow, rate_func=linear)
        with self.beat("output"):
            self._write(self.output.visible)
        with self.beat("probabilities"):
            self.move(FadeIn(self.chances, shift=RIGHT * 0.1), seconds=pace.move)
            self.rest(pace.rest)

    def _write(self, chips: Sequence[Mobject]) -> None:
        """The output leaves the box token by token, ever faster."""
        done = 0
        for count, seconds in self.stream(len(chips), self.style.pace.move, 2.6):
            new = chips[done : done + count]
            origin = self.box.get_bottom()
            self.move(*(FadeIn(chip, target_position=origin, scale=0.5) for chip in new), seconds=seconds)
            done += count

    def _strengths(self) -> list[float]:
        """How far each layer's tick reaches: all the way where the change is as long as the vector was."""
        return [min(1.0, value) for value in self.content.updates.numbers]

    def _chances(self) -> VGroup:
        """The most and the least expected token of the output, with the probabilities that tint the chips."""
        style, palette, w = self.style, self.style.palette, self.wording
        rows = VGroup(Label(w("the model’s own probability"), style.type.small, palette.muted))
        for piece in dict.fromkeys((self.content.likeliest, self.content.unlikeliest)):
            if piece.probability is None:
                continue
            chance = Label(w.percent(piece.probability.number), style.type.body, palette.text)
            chip = TokenChip(piece, style, faint=True)
            rows.add(VGroup(chip, chance.next_to(chip, RIGHT, buff=style.px(24))))
        return rows.arrange(DOWN, buff=style.px(26), aligned_edge=LEFT)

    def _head(self, text: str, lines: TokenLines) -> Label:
        """What the lines are, at their left, level with the first."""
        label = Label(text, self.style.type.heading, self.style.palette.text, weight="SEMIBOLD")
        label.next_to(lines.visible[0], LEFT, buff=self.style.px(36))
        return label.align_to(self.style.at(330, 0), RIGHT)

    def _arrow(self, above: Mobject, below: Mobject) -> VMobject:
        gap = self.style.px(14)
        x = self.box.get_center()[0] * RIGHT
        return arrow.straight(
            x + (above.get_bottom()[1] - gap) * UP, x + (below.get_top()[1] + gap) * UP, self.style
        )

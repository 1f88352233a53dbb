"""Draws figure f01: a window slides over a text, and each place gives a training example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Group, VGroup

from scenes.display_token import DisplayToken
from scenes.f01_sliding_window.content import Content, Example
from scenes.loop import FigureScene
from scenes.marks import decoration
from scenes.parts import arrow
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.rounded import Rounded
from scenes.parts.token import TokenChip, TokenText


@dataclass(frozen=True)
class _Plan:
    """Pixels of the frame: where the columns begin, the heights of text, heads and rows.

    ``between`` are those from the input's end to the output, at least.
    """

    input: float
    output: float
    between: float
    text: float
    heads: float
    first: float
    pitch: float


_WIDE = _Plan(input=330, output=1470, between=100, text=72, heads=414, first=580, pitch=124)
_TALL = _Plan(input=130, output=830, between=64, text=80, heads=500, first=740, pitch=150)
_LONGEST, _SHORTEST, _LABEL = 14, 6, 13  # letters on a chip; at least, while the rows are slid


class SlidingWindow(FigureScene):
    """The text above, the arrow, and below a table of the first windows."""

    content: ClassVar[Content]
    names_subject = False

    def compose(self) -> Group:
        style, w, content, px = self.style, self.wording, self.content, self.style.px
        size, ink = style.type.body, style.palette.text
        tall = style.frame.is_tall
        self.plan = _TALL if tall else _WIDE
        names = (w("Text"), w("Example"), w("Input"), w("Correct output"))
        heads = [self._words(name, size, ink) for name in names]
        # longer names take more room: the input then begins further right, the output further left
        numbers, outputs = (max(head.width for head in some) / px(1) for some in (heads[:2], heads[3:]))
        self.input = self.plan.input if tall else max(self.plan.input, style.margin + numbers + 40)
        self.output = min(self.plan.output, style.right - outputs)
        rows = self._rows()
        corner = self.credit(content.text_source, tokens_only=True)
        text = self._text(heads[0])
        columns = [
            self._head(self.input, heads[2], w("features")),
            self._head(self.output, heads[3], w("label")),
        ]
        if not tall:  # there the numbers are too near to the input for a head of their own
            columns.insert(0, self._head(style.margin, heads[1], ""))
        return Group(text, self._arrow(text), *columns, *rows, *self._more(), corner)

    def _words(self, name: str, size: float, ink: str) -> VGroup:
        """A column's name, in the tall frame a line for each word: its columns are narrow."""
        lines = name.split() if self.style.frame.is_tall else [name]
        words = VGroup(*(Label(line, size, ink, weight="SEMIBOLD") for line in lines))
        return words.arrange(DOWN, buff=self.style.px(6), aligned_edge=LEFT)

    def _text(self, head: VGroup) -> VGroup:
        style, palette, size = self.style, self.style.palette, self.style.type.body
        head.align_to(style.at(style.margin, 0), LEFT).align_to(style.at(0, self.plan.text), UP)
        left = style.margin if style.frame.is_tall else self.input
        width, lines = style.right - left, 3 if style.frame.is_tall else 2
        whole = Paragraph(self.content.text, style, size=size, color=palette.text, width=width, lines=lines)
        whole.align_to(style.at(left, 0), LEFT)
        if style.frame.is_tall:
            whole.next_to(head, DOWN, buff=style.px(style.line_gap), coor_mask=np.array([0, 1, 0]))
        else:
            whole.align_to(head, UP)
        return VGroup(head, whole)

    def _arrow(self, text: VGroup) -> VGroup:
        """From the text down to the table, and what happens on the way."""
        style, palette, w, content = self.style, self.style.palette, self.wording, self.content
        x = style.at(self.input + 60, 0)[0]
        top, bottom = text.get_bottom()[1] - style.px(24), style.at(0, self.plan.heads - 32)[1]
        way = arrow.straight(np.array([x, top, 0]), np.array([x, bottom, 0]), style)
        rule = w.plural(
            "a window of {count} token slides over the text",
            "a window of {count} tokens slides over the text",
            content.window,
        )
        name = w("Generated training examples")
        width = style.right - self.input - 60 - 44
        words = VGroup(
            Paragraph(
                name,
                style,
                size=style.type.heading,
                color=palette.text,
                width=width,
                lines=2,
                weight="SEMIBOLD",
            ),
            Paragraph(rule, style, size=style.type.small, color=palette.muted, width=width, lines=2),
        )
        words.arrange(DOWN, buff=style.px(12), aligned_edge=LEFT).next_to(way, RIGHT, buff=style.px(44))
        return VGroup(way, words)

    def _head(self, left: float, name: VGroup, term: str) -> VGroup:
        style, palette = self.style, self.style.palette
        words = VGroup(name)
        if term:
            words.add(Label(term, style.type.small, palette.muted))
        words.arrange(DOWN, buff=style.px(style.line_gap), aligned_edge=LEFT)
        return words.align_to(style.at(left, 0), LEFT).align_to(style.at(0, self.plan.heads), UP)

    def _rows(self) -> list[VGroup]:
        """A row for each example; long tokens are cut, all at one length, until the rows fit."""
        room = self.style.px(self.output - self.plan.between - self.input)
        for slid in (True, False):
            for longest in range(_LONGEST, _SHORTEST - 1 if slid else 1, -1):
                windows = [self._window(example, longest, slid) for example in self.content.examples]
                if max(window.width for window in windows) <= room:
                    return [self._row(place, window) for place, window in enumerate(windows)]
        return [self._row(place, window) for place, window in enumerate(windows)]

    def _window(self, example: Example, longest: int, slid: bool) -> VGroup:
        """The framed features, after the tokens that the window has passed if it is ``slid``."""
        style = replace(self.style, chip_padding=12) if self.style.frame.is_tall else self.style
        chips = VGroup(*(TokenChip(piece, style, longest=longest) for piece in example.features))
        chips.arrange(RIGHT, buff=style.px(style.gap))
        pad = style.px(24)
        frame = Rounded(
            chips.width + pad,
            chips.height + pad,
            style.px(16),
            stroke_color=style.palette.input_edge,
            stroke_width=style.stroke(style.line),
        ).move_to(chips)
        whole = VGroup(VGroup(decoration(frame), chips))
        passed: Sequence[DisplayToken] = example.passed if slid else ()
        for piece in reversed(passed):
            chip = TokenChip(piece, style, longest=longest)
            text = TokenText(piece.shown, style, color=style.palette.muted, longest=longest)
            # as wide as its chip in the row above, so that each token keeps its column
            inside = 12 if len(whole) == 1 else 0  # the frame's edge takes its part of the gap
            chip.next_to(whole, LEFT, buff=style.px(style.gap - inside))
            whole.add(VGroup(text.sit_on(chip)))
        return whole

    def _row(self, place: int, window: VGroup) -> VGroup:
        style, palette, px = self.style, self.style.palette, self.style.px
        example = self.content.examples[place]
        middle = style.at(0, self.plan.first + self.plan.pitch * place)[1]
        number = Label(self.wording.integer(place + 1), style.type.heading, palette.text, weight="SEMIBOLD")
        number.align_to(style.at(style.margin, 0), LEFT).set_y(middle)
        window.align_to(style.at(self.input, 0), LEFT).set_y(middle)
        chips = (TokenChip(example.label, style, longest=longest) for longest in range(_LABEL, 0, -1))
        chip = next(chip for chip in chips if chip.width <= px(style.right - self.output))
        chip.align_to(style.at(self.output, 0), LEFT).set_y(middle)
        gap = px(style.arrow_gap)
        start, end = window[0].get_right() + gap * RIGHT, chip.get_left() + gap * LEFT
        return VGroup(number, window, arrow.straight(start, end, style), chip)

    def _more(self) -> list[Label]:
        content, style, w = self.content, self.style, self.wording
        if not content.more:
            return []
        text = w.plural("… and {count} more", "… and {count} more", content.more)
        label = Label(text, style.type.body, style.palette.muted)
        low = style.at(style.margin, self.plan.first + self.plan.pitch * len(content.examples) - 34)
        return [label.align_to(low, LEFT).align_to(low, UP)]

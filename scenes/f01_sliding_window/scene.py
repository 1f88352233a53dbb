"""Draws figure f01: a window slides over a text, and each place gives a training example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Group, VGroup

from scenes.display_token import DisplayToken, spaced
from scenes.f01_sliding_window.content import Content, Example
from scenes.loop import FigureScene
from scenes.parts import arrow
from scenes.parts.credit import credit
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.rounded import Rounded
from scenes.parts.token import TokenChip, TokenText

# pixels of the frame: where the columns begin at the latest; the heights of text, heads and rows
_NUMBER, _INPUT, _OUTPUT = 90, 330, 1470
_BETWEEN = 100  # from the input's end to the output, at least
_TEXT, _HEADS, _FIRST, _PITCH = 72, 414, 580, 124
_LONGEST, _SHORTEST, _LABEL = 14, 6, 13  # letters on a chip; at least, while the rows are slid


class SlidingWindow(FigureScene):
    """The text above, the arrow, and below a table of the first windows."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, content, px = self.style, self.wording, self.content, self.style.px
        size, ink = style.type.body, style.palette.text
        names = (w("Text"), w("Example"), w("Input"), w("Correct output"))
        heads = [Label(name, size, ink, weight="SEMIBOLD") for name in names]
        # longer names take more room: the input then begins further right, the output further left
        numbers, outputs = (max(head.width for head in some) / px(1) for some in (heads[:2], heads[3:]))
        self.input = max(_INPUT, _NUMBER + numbers + 40)
        self.output = min(_OUTPUT, style.right - outputs)
        rows = self._rows()
        corner = credit(
            content.model, content.text_source, style, w, spaced=spaced(content), tokens_only=True
        )
        text = self._text(heads[0])
        columns = [
            self._head(_NUMBER, heads[1], ""),
            self._head(self.input, heads[2], w("features")),
            self._head(self.output, heads[3], w("label")),
        ]
        return Group(text, self._arrow(text), *columns, *rows, *self._more(), corner)

    def _text(self, head: Label) -> VGroup:
        style, palette, size = self.style, self.style.palette, self.style.type.body
        head.align_to(style.at(_NUMBER, 0), LEFT).align_to(style.at(0, _TEXT), UP)
        width = style.right - self.input
        whole = Paragraph(self.content.text, style, size=size, color=palette.text, width=width, lines=2)
        whole.align_to(style.at(self.input, 0), LEFT).align_to(head, UP)
        return VGroup(head, whole)

    def _arrow(self, text: VGroup) -> VGroup:
        """From the text down to the table, and what happens on the way."""
        style, palette, w, content = self.style, self.style.palette, self.wording, self.content
        x = style.at(self.input + 60, 0)[0]
        top, bottom = text.get_bottom()[1] - style.px(24), style.at(0, _HEADS - 32)[1]
        way = arrow.straight(np.array([x, top, 0]), np.array([x, bottom, 0]), style)
        rule = w.plural(
            "a window of {count} token slides over the text",
            "a window of {count} tokens slides over the text",
            content.window,
        )
        words = VGroup(
            Label(w("Generated training examples"), style.type.heading, palette.text, weight="SEMIBOLD"),
            Label(rule, style.type.small, palette.muted),
        )
        words.arrange(DOWN, buff=style.px(12), aligned_edge=LEFT).next_to(way, RIGHT, buff=style.px(44))
        return VGroup(way, words)

    def _head(self, left: float, name: Label, term: str) -> VGroup:
        style, palette = self.style, self.style.palette
        words = VGroup(name)
        if term:
            words.add(Label(term, style.type.small, palette.muted))
        words.arrange(DOWN, buff=style.px(style.line_gap), aligned_edge=LEFT)
        return words.align_to(style.at(left, 0), LEFT).align_to(style.at(0, _HEADS), UP)

    def _rows(self) -> list[VGroup]:
        """A row for each example; long tokens are cut, all at one length, until the rows fit."""
        room = self.style.px(self.output - _BETWEEN - self.input)
        for slid in (True, False):
            for longest in range(_LONGEST, _SHORTEST - 1 if slid else 1, -1):
                windows = [self._window(example, longest, slid) for example in self.content.examples]
                if max(window.width for window in windows) <= room:
                    return [self._row(place, window) for place, window in enumerate(windows)]
        return [self._row(place, window) for place, window in enumerate(windows)]

    def _window(self, example: Example, longest: int, slid: bool) -> VGroup:
        """The framed features, after the tokens that the window has passed if it is ``slid``."""
        style = self.style
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
        whole = VGroup(VGroup(frame, chips))
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
        middle = style.at(0, _FIRST + _PITCH * place)[1]
        number = Label(self.wording.integer(place + 1), style.type.heading, palette.text, weight="SEMIBOLD")
        number.align_to(style.at(_NUMBER, 0), LEFT).set_y(middle)
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
        low = style.at(_NUMBER, _FIRST + _PITCH * len(content.examples) - 34)
        return [label.align_to(low, LEFT).align_to(low, UP)]

"""Draws figure f01: a window slides over a text, and each place gives a training example."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Arrow, Group, Mobject, VGroup

from scenes.display_token import DisplayToken
from scenes.f01_sliding_window.content import Content
from scenes.loop import FigureScene
from scenes.marks import decoration
from scenes.parts import arrow
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.rounded import Rounded, around
from scenes.parts.spelling import right_to_left
from scenes.parts.token import TokenChip, TokenText
from scenes.style import Style


@dataclass(frozen=True)
class _Plan:
    """Pixels of the frame: where the rows' tokens begin, the heights of the text, of heads and rows.

    Attributes:
        lines: How many the text may take.
        slid: Whether each token keeps its column from row to row, where there is room.
    """

    input: float
    text: float
    lines: int
    heads: float
    first: float
    pitch: float
    slid: bool


_WIDE = _Plan(input=170, text=164, lines=2, heads=414, first=516, pitch=148, slid=True)
_TALL = _Plan(input=130, text=164, lines=3, heads=520, first=640, pitch=168, slid=False)
_LONGEST, _SHORTEST = 14, 6  # letters on a chip; at least, while the rows are slid
_LARGE, _HIGH = 50, 80  # a token's em and its chip, where there is room
_GAP, _PAD = 26, 12  # pixels between chips, from them to the window around
_NEAR, _APART = 9, 30  # in the text, from the words to the edge around, and from them to the next
_LINE = 26  # from the line with the window to the next
_LEAST, _MOST = 80, 60  # pixels of a line that words are looked for, and how many of them


class SlidingWindow(FigureScene):
    """The text with the first window on it, and below it a row for each of the first windows."""

    content: ClassVar[Content]
    names_subject = False

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.plan = _TALL if style.frame.is_tall else _WIDE
        count = len(content.examples) + content.more
        title = w.plural("One text becomes {count} exercise", "One text becomes {count} exercises", count)
        rows = self._rows()
        corner = self.credit(content.text_source, tokens_only=True)
        text = self._text()
        heads = [self._head(w("Question"), rows[0][1][0]), self._head(w("Answer"), rows[0][2])]
        beside = heads[0].get_right()[0] + style.px(_GAP) - heads[1].get_left()[0]
        heads[1].shift(max(0, beside) * RIGHT)
        links = [self._link(row, below) for row, below in pairwise(rows)]
        return Group(
            Heading([title], style), text, self._arrow(text), *heads, *rows, *links, *self._more(), corner
        )

    def _text(self) -> VGroup:
        """The whole text, with the first window and the next token on it where that is plain to see."""
        style, palette, plan = self.style, self.style.palette, self.plan
        size = style.type.body
        corner = style.at(style.margin, plan.text)
        first, answer, rest = (part.replace("\n", " ").strip() for part in self.content.parts)
        given, label = (
            Paragraph(part, style, size=size, color=palette.text, width=style.room, lines=1)
            for part in (first, answer)
        )
        left = style.px(2 * _APART) + given.width + label.width
        plain = "".join(self.content.parts) == self.content.text and first and answer
        if not plain or given.shortened or right_to_left(first) or left > style.px(style.room):
            whole = Paragraph(
                self.content.text, style, size=size, color=palette.text, width=style.room, lines=plan.lines
            )
            return VGroup(whole.align_to(corner, LEFT).align_to(corner, UP))
        given.align_to(corner + style.px(_NEAR) * RIGHT, LEFT).align_to(corner, UP)
        label.next_to(given, RIGHT, buff=style.px(_APART), coor_mask=np.array([1, 0, 0])).align_to(corner, UP)
        window = self._edge(given, palette.input_fill, palette.input_edge, style.line)
        asked = self._edge(label, palette.label_fill, palette.label_edge, style.hairline)
        return VGroup(window, asked, given, label, *self._rest(rest, label, left))

    def _rest(self, text: str, before: Mobject, used: float) -> list[Paragraph]:
        """What follows, in the rest of the line and in the lines below."""
        style, lines = self.style, self.plan.lines

        def paragraph(some: Sequence[str], width: float, lines: int) -> Paragraph:
            return Paragraph(
                " ".join(some),
                style,
                size=style.type.body,
                color=style.palette.muted,
                width=width,
                lines=lines,
            )

        words, room = text.split(" "), style.room - used / style.px(1)
        found = []
        fitting = len(words) if text else 0
        while fitting and (room < _LEAST or paragraph(words[:fitting], room, 1).shortened):
            fitting = min(fitting - 1, _MOST)
        if fitting:
            line = paragraph(words[:fitting], room, 1)
            line.next_to(before, RIGHT, buff=style.px(_APART), coor_mask=np.array([1, 0, 0]))
            found.append(line.align_to(before, UP))
        if text and fitting < len(words) and lines > 1:
            below = paragraph(words[fitting:], style.room, lines - 1)
            below.next_to(before, DOWN, buff=style.px(_LINE)).align_to(style.at(style.margin, 0), LEFT)
            found.append(below)
        return found

    def _edge(self, part: Mobject, fill: str, edge: str, width: float) -> Rounded:
        """A ground with an edge, around a part of the text."""
        style = self.style
        look = {
            "fill_color": fill,
            "fill_opacity": 1,
            "stroke_color": edge,
            "stroke_width": style.stroke(width),
        }
        return decoration(around(part, style.px(_NEAR), style.px(style.chip_radius), **look))

    def _arrow(self, text: VGroup) -> VGroup:
        """From the text down to the rows, and what happens on the way."""
        style, palette, w, content = self.style, self.style.palette, self.wording, self.content
        x = style.at(self.plan.input + 60, 0)[0]
        top, bottom = text.get_bottom()[1] - style.px(20), style.at(0, self.plan.heads - 44)[1]
        way = arrow.straight(np.array([x, top, 0]), np.array([x, bottom, 0]), style)
        rule = w.plural(
            "a window of {count} token slides over the text; the token after it is the answer",
            "a window of {count} tokens slides over the text; the token after them is the answer",
            content.window,
        )
        width = style.right - self.plan.input - 60 - 64
        words = Paragraph(rule, style, size=style.type.small, color=palette.muted, width=width, lines=2)
        return VGroup(way, words.next_to(way, RIGHT, buff=style.px(44)))

    def _head(self, name: str, over: Mobject) -> Label:
        style = self.style
        head = Label(name, style.type.body, style.palette.text, weight="SEMIBOLD")
        head.align_to(over, LEFT).set_y(style.at(0, self.plan.heads)[1])
        beyond = head.get_right()[0] - style.at(style.right, 0)[0]
        return head.shift(max(0, beyond) * LEFT)

    def _rows(self) -> list[VGroup]:
        """A row for each example; long tokens are cut, all at one length, until the rows fit."""
        style = self.style
        room = style.px(style.right - self.plan.input)
        large = replace(style, type=replace(style.type, token=_LARGE), chip_height=_HIGH)
        small = replace(style, chip_padding=10)
        looks = [(large, True, _LONGEST), (style, True, _SHORTEST)] if self.plan.slid else []
        for look, slid, least in (*looks, (style, False, _LONGEST), (small, False, 1)):
            for longest in range(_LONGEST, least - 1, -1):
                rows = [self._row(place, look, longest, slid) for place in range(len(self.content.examples))]
                if max(row[1].width + row[2].width + style.px(_GAP) for row in rows) <= room:
                    return rows
        return rows

    def _row(self, place: int, look: Style, longest: int, slid: bool) -> VGroup:
        """The example's number, its framed tokens, and the token after them.

        If it is ``slid``, those that the window has passed stand before it, each in its column.
        """
        style, palette = self.style, self.style.palette
        example = self.content.examples[place]
        middle = style.at(0, self.plan.first + self.plan.pitch * place)[1]
        number = Label(self.wording.integer(place + 1), style.type.heading, palette.text, weight="SEMIBOLD")
        number.align_to(style.at(style.margin, 0), LEFT).set_y(middle)
        passed: Sequence[DisplayToken] = example.passed if slid else ()
        pieces = [*passed, *example.features, example.label]
        chips = VGroup(*(TokenChip(piece, look, longest=longest) for piece in pieces))
        chips.arrange(RIGHT, buff=style.px(_GAP))
        chips.align_to(style.at(self.plan.input + _PAD, 0), LEFT).set_y(middle)
        texts = VGroup(
            *(
                TokenText(piece.shown, look, color=palette.muted, longest=longest).sit_on(chip)
                for piece, chip in zip(passed, chips, strict=False)
            )
        )
        given = VGroup(*chips[len(passed) : -1])
        frame = Rounded(
            given.width + style.px(2 * _PAD),
            given.height + style.px(2 * _PAD),
            style.px(16),
            stroke_color=palette.input_edge,
            stroke_width=style.stroke(style.line),
        ).move_to(given)
        return VGroup(number, VGroup(VGroup(decoration(frame), given), *texts), chips[-1])

    def _link(self, row: VGroup, below: VGroup) -> Arrow:
        """From an answer to the same token in the next window, where it is the last."""
        style = self.style
        start = row[2].get_bottom() + style.px(_NEAR) * DOWN
        end = below[1][0][1][-1].get_top() + style.px(_PAD + _NEAR) * UP
        return arrow.straight(start, end, style, style.palette.label_edge)

    def _more(self) -> list[Label]:
        content, style, w = self.content, self.style, self.wording
        if not content.more:
            return []
        text = w.plural("… and {count} more", "… and {count} more", content.more)
        label = Label(text, style.type.body, style.palette.muted)
        low = style.at(style.margin, self.plan.first + self.plan.pitch * (len(content.examples) - 1) + _HIGH)
        return [label.align_to(low, LEFT).align_to(low, UP)]

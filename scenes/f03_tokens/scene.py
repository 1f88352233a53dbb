"""Draws figure f03: text is cut into tokens, each a number, each number a row of the embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, PI, RIGHT, UP, Dot, Group, VGroup, VMobject

from scenes import phrases
from scenes.f03_tokens.content import Content, Entry, Word
from scenes.fonts import SANS
from scenes.loop import FigureScene
from scenes.marks import decoration
from scenes.parts import arrow
from scenes.parts.colour_scale import ColourScale
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.row_names import RowNames
from scenes.parts.spelling import cut
from scenes.parts.token import TokenChip
from scenes.parts.vector import Vector

_TEXT, _BRACKET, _CHIPS, _IDS, _CELLS = 190, 230, 300, 430, 530  # pixels from the top; the cells': their top
_CELL, _CELL_GAP = (36, 55), 5  # in a wide frame, in a tall one
_LONGEST, _CUT, _SHORTEST, _WORD = 10, 6, 2, 14  # letters on a chip, and of a word
_GAP, _WIDEST, _SIDE = (
    20,
    90,
    40,
)  # pixels between columns, at least and at most, and from the rows' names to the first


class Tokens(FigureScene):
    """The text above; below it a column for each token: its chip, its number, its row of the embedding."""

    content: ClassVar[Content]
    names_subject = False

    def compose(self) -> Group:
        style, w, content, px = self.style, self.wording, self.content, self.style.px
        heading = Heading([w("From text to tokens to numbers")], style)
        self.cell = _CELL[style.frame.is_tall]
        height = len(content.words[0].entries[0].values.numbers) * (self.cell + _CELL_GAP)
        rows = (
            (w("text"), _TEXT),
            (w("tokens"), _CHIPS),
            (w("numbers"), _IDS),
            (w("embedding"), _CELLS + height / 2),
        )
        names = RowNames(rows, style)
        self.left = names.edge + px(_SIDE)
        columns = self._columns(style.at(style.right, 0)[0])
        shown = sum(len(word.entries) for word, _ in columns)
        more = content.more + sum(len(word.entries) for word in content.words) - shown
        legend = self._legend(more)
        legend.move_to(style.at(0, _CELLS + height + 72), aligned_edge=UP).align_to(self.left * RIGHT, LEFT)
        corner = self.credit(content.text_source)
        drawn = [part for word, group in columns for part in (self._word(word, group), group)]
        return Group(heading, names, *drawn, legend, corner)

    def _columns(self, right: float) -> list[tuple[Word, VGroup]]:
        """The words with a column for each of their tokens: as many as there is room for."""
        style, words = self.style, self.content.words
        room, gap = right - self.left, style.px(_GAP)
        choices = [words[:many] for many in range(len(words), 0, -1)]
        first = words[0]
        for many in range(len(first.entries) - 1, 0, -1):
            entries = first.entries[:many]
            text = phrases.text([entry.token for entry in entries])
            choices.append((Word(f"{text}…", entries),))
        # rather fewer tokens than cut ones
        whole, short = range(_LONGEST, _CUT, -1), range(_CUT, _SHORTEST - 1, -1)
        for some, letters in (*product(choices, whole), *product(choices, short)):
            groups = [VGroup(*(self._column(entry, letters) for entry in word.entries)) for word in some]
            columns = [column for group in groups for column in group]
            wide, gaps = sum(column.width for column in columns), len(columns) - 1
            if wide + gaps * gap <= room:
                break
        gap = min(style.px(_WIDEST), (room - wide) / max(1, gaps))
        columns[0].align_to(self.left * RIGHT, LEFT)
        for before, column in pairwise(columns):
            column.align_to(before.get_right() + gap * RIGHT, LEFT)
        return list(zip(some, groups, strict=True))

    def _column(self, entry: Entry, letters: int) -> VGroup:
        """A token's chip, its number, and its row of the embedding, set upright."""
        style, palette, w = self.style, self.style.palette, self.wording
        chip = TokenChip(entry.token, replace(style, chip_padding=12), longest=letters)
        chip.move_to(style.at(0, _CHIPS))
        number = Label(w.integer(entry.id), style.type.small, palette.text)
        number.move_to(style.at(0, _IDS))
        cells = Vector(entry.values, style, cell=self.cell, gap=_CELL_GAP).rotate(-PI / 2)
        cells.move_to(style.at(0, _CELLS), aligned_edge=UP)
        dots = VGroup(*(Dot(radius=style.px(3), color=palette.muted) for _ in range(3)))
        decoration(dots).arrange(DOWN, buff=style.px(8)).next_to(cells, DOWN, buff=style.px(14))
        ways = [
            self._down(chip.get_bottom()[1], number.get_top()[1]),
            self._down(number.get_bottom()[1], cells.get_top()[1]),
        ]
        column = VGroup(chip, *ways, number, cells, dots)
        for part in column:
            part.set_x(0)
        return column

    def _down(self, top: float, bottom: float) -> VMobject:
        gap = self.style.px(self.style.arrow_gap_small)
        return arrow.straight((top - gap) * UP, (bottom + gap) * UP, self.style)

    def _word(self, word: Word, group: VGroup) -> VGroup:
        """A word over its tokens; a bracket ties them where they are several."""
        style, palette = self.style, self.style.palette
        several = len(group) > 1
        ink = palette.track if several else palette.text
        room = group.width + style.px(_GAP / 2)
        for letters in range(_WORD, 0, -1):
            text = cut(word.text, letters, SANS, exact=False) or "␣"
            label = Label(text, style.type.body, ink, weight="SEMIBOLD" if several else "NORMAL")
            if label.width <= room:
                break
        whole = VGroup(label.move_to(style.at(0, _TEXT)).set_x(group.get_x()))
        if several:
            low, high = (style.at(0, y)[1] for y in (_BRACKET + 16, _BRACKET))
            left, right = group.get_left()[0] + style.px(6), group.get_right()[0] - style.px(6)
            bracket = VMobject(stroke_color=palette.track, stroke_width=style.stroke(style.line))
            corners: Sequence[tuple[float, float]] = ((left, low), (left, high), (right, high), (right, low))
            whole.add(decoration(bracket).set_points_as_corners([np.array([x, y, 0]) for x, y in corners]))
        return whole

    def _legend(self, more: int) -> VGroup:
        """What the cells are, and how many tokens are not drawn."""
        style, w, content = self.style, self.wording, self.content
        lines = [
            w(
                "first {cells} of {width} values",
                cells=w.integer(len(content.words[0].entries[0].values.numbers)),
                width=w.integer(content.width),
            )
        ]
        if more:
            lines.append(w.plural("… and {count} more token", "… and {count} more tokens", more))
        legend = VGroup(*(Label(line, style.type.small, style.palette.muted) for line in lines))
        legend.add_to_back(ColourScale(w("blue below 0"), style, style.palette.muted))
        if style.frame.is_tall:
            return legend.arrange(DOWN, buff=style.px(14), aligned_edge=LEFT)
        return legend.arrange(RIGHT, buff=style.px(60))

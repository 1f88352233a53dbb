"""Draws figure f03: text is cut into tokens, each a number, each number a row of the embedding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
from scenes.parts.paragraph import Paragraph
from scenes.parts.rounded import around
from scenes.parts.row_names import RowNames
from scenes.parts.spelling import cut
from scenes.parts.token import TokenChip
from scenes.parts.vector import Vector

_CELL, _CELL_GAP = 38, 6
_LONGEST, _CUT, _SHORTEST, _WORD = 10, 6, 2, 14  # letters on a chip, and of a word
_SIDE, _VALUE = 40, 14  # pixels from the rows' names to the first column, from a value to its cell
_FRAME = 10  # from the first column's values and cells to the frame around them
_NOTES = 60  # between the notes below


@dataclass(frozen=True)
class _Plan:
    """Pixels from the top to the rows' middles, to the cells' top and to the notes below them.

    Attributes:
        name: How wide a row's name at the left is; none where it stands over its row.
        over: Where the names stand that are over the rows of numbers and of cells.
        gaps: Pixels between columns, at least and at most.
    """

    text: float
    bracket: float
    chips: float
    ids: float
    cells: float
    notes: float
    gaps: tuple[float, float]
    name: float | None = None
    over: tuple[float, float] = (0, 0)


_WIDE = _Plan(text=166, bracket=200, chips=312, ids=432, cells=520, notes=938, gaps=(20, 90), name=270)
_TALL = _Plan(
    text=184, bracket=220, chips=342, ids=520, cells=664, notes=1090, gaps=(14, 60), over=(452, 606)
)


class Tokens(FigureScene):
    """The text above; below it a column for each token: its chip, its number, its row of the embedding."""

    content: ClassVar[Content]
    names_subject = False

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.plan = _TALL if style.frame.is_tall else _WIDE
        heading = Heading([w("From text to tokens to lists of numbers")], style)
        first = content.words[0].entries[0]
        self.values = [
            Label(w.decimal(value), style.type.small, style.palette.text) for value in first.printed
        ]
        names, self.left = self._names(len(first.values.numbers) * (_CELL + _CELL_GAP))
        columns = self._columns(style.at(style.right, 0)[0])
        shown = sum(len(word.entries) for word, _ in columns)
        more = content.more + sum(len(word.entries) for word in content.words) - shown
        corner = self.credit(content.text_source)
        drawn = [part for word, group in columns for part in (self._word(word, group), group)]
        after = self._after(columns[-1][1], more)
        return Group(heading, names, *drawn, *self._cut(columns), *after, self._notes(more), corner)

    def _names(self, height: float) -> tuple[VGroup, float]:
        """What the rows are, and where the first column may begin."""
        style, w, content, plan = self.style, self.wording, self.content, self.plan
        numbers = w("its number in the list of {count} tokens", count=w.integer(content.vocabulary))
        values = w("its list of {width} values (embedding)", width=w.integer(content.width))
        if plan.name is None:
            lines = VGroup()
            for text, y in zip((numbers, values), plan.over, strict=True):
                line = Paragraph(
                    text,
                    style,
                    size=style.type.small,
                    color=style.palette.muted,
                    width=style.room - 48,
                    lines=1,
                )
                line.move_to(style.at(0, y)).align_to(style.at(style.margin + 48, 0), LEFT)
                top, bottom = (style.at(style.margin + 14, y + away) for away in (-28, 28))
                lines.add(arrow.straight(top, bottom, style), line)
            return lines, style.at(style.margin, 0)[0]
        rows = (
            (w("text"), plan.text),
            (w("tokens"), plan.chips),
            (numbers, plan.ids),
            (values, plan.cells + height / 2),
        )
        names = RowNames(rows, style, width=plan.name)
        return names, names.edge + style.px(_SIDE)

    def _columns(self, right: float) -> list[tuple[Word, VGroup]]:
        """The words with a column for each of their tokens: as many as there is room for."""
        style, words, content = self.style, self.content.words, self.content
        least, most = (style.px(gap) for gap in self.plan.gaps)
        choices = [words[:many] for many in range(len(words), 0, -1)]
        first = words[0]
        for many in range(len(first.entries) - 1, 0, -1):
            entries = first.entries[:many]
            text = phrases.text([entry.token for entry in entries])
            choices.append((Word(f"{text}…", entries),))
        # rather fewer tokens than cut ones
        whole, short = range(_LONGEST, _CUT, -1), range(_CUT, _SHORTEST - 1, -1)
        everything = sum(len(word.entries) for word in words)
        for some, letters in (*product(choices, whole), *product(choices, short)):
            groups = [VGroup(*(self._column(entry, letters) for entry in word.entries)) for word in some]
            columns = [column for group in groups for column in group]
            all_shown = len(columns) == everything and not content.more
            room = right - self.left - (0 if all_shown else self._dots().width + least)
            wide, gaps = sum(column.width for column in columns), len(columns) - 1
            if wide + gaps * least <= room:
                break
        gap = min(most, (room - wide) / max(1, gaps))
        columns[0].align_to(self.left * RIGHT, LEFT)
        for before, column in pairwise(columns):
            column.align_to(before.get_right() + gap * RIGHT, LEFT)
        return list(zip(some, groups, strict=True))

    def _column(self, entry: Entry, letters: int) -> VGroup:
        """A token's chip, its number, and its row of the embedding, upright; the first with its values."""
        style, palette, w, plan = self.style, self.style.palette, self.wording, self.plan
        chip = TokenChip(entry.token, replace(style, chip_padding=12), longest=letters)
        chip.move_to(style.at(0, plan.chips))
        number = Label(w.integer(entry.id), style.type.small, palette.text)
        number.move_to(style.at(0, plan.ids))
        cells = Vector(entry.values, style, cell=_CELL, gap=_CELL_GAP).rotate(-PI / 2)
        cells.move_to(style.at(0, plan.cells), aligned_edge=UP)
        dots = VGroup(*(Dot(radius=style.px(3), color=palette.muted) for _ in range(3)))
        decoration(dots).arrange(DOWN, buff=style.px(6)).next_to(cells, DOWN, buff=style.px(10))
        row = self._framed(cells, dots) if entry.printed else VGroup(cells, dots)
        column = VGroup(chip, number, row)
        if plan.name is not None:
            column.add(self._down(chip.get_bottom()[1], number.get_top()[1]))
            column.add(self._down(number.get_bottom()[1], row.get_top()[1]))
        for part in column:
            part.set_x(0)
        return column

    def _framed(self, cells: VMobject, dots: VMobject) -> VGroup:
        """The cells with their values beside them, in a frame: they are this token's alone."""
        style = self.style
        for value, cell in zip(self.values, cells, strict=True):
            value.next_to(cell, LEFT, buff=style.px(_VALUE)).level_with(cell)
        row = VGroup(*self.values, cells, dots)
        look = {"stroke_color": style.palette.input_edge, "stroke_width": style.stroke(style.hairline)}
        frame = around(row, style.px(_FRAME), style.px(style.chip_radius), **look)
        return VGroup(decoration(frame), row)

    def _down(self, top: float, bottom: float) -> VMobject:
        gap = self.style.px(self.style.arrow_gap_small)
        return arrow.straight((top - gap) * UP, (bottom + gap) * UP, self.style)

    def _word(self, word: Word, group: VGroup) -> VGroup:
        """A word over its tokens; a bracket ties them where they are several."""
        style, palette = self.style, self.style.palette
        several = len(group) > 1
        ink = palette.track if several else palette.text
        chips = Group(*(column[0] for column in group))
        room = chips.width + style.px(self.plan.gaps[0] / 2)
        for letters in range(_WORD, 0, -1):
            text = cut(word.text, letters, SANS, exact=False) or "␣"
            label = Label(text, style.type.body, ink, weight="SEMIBOLD" if several else "NORMAL")
            if label.width <= room:
                break
        whole = VGroup(label.move_to(style.at(0, self.plan.text)).set_x(chips.get_x()))
        if several:
            low, high = (style.at(0, y)[1] for y in (self.plan.bracket + 16, self.plan.bracket))
            left, right = (chips.get_left()[0] + style.px(6), chips.get_right()[0] - style.px(6))
            bracket = VMobject(stroke_color=palette.track, stroke_width=style.stroke(style.line))
            corners: Sequence[tuple[float, float]] = ((left, low), (left, high), (right, high), (right, low))
            whole.add(decoration(bracket).set_points_as_corners([np.array([x, y, 0]) for x, y in corners]))
        return whole

    def _cut(self, columns: Sequence[tuple[Word, VGroup]]) -> list[Label]:
        """Under the first bracket: that one word is several tokens."""
        style = self.style
        for word, group in columns:
            # letters of scripts that set spaces between words
            if len(group) > 1 and all(letter.isalpha() and letter < "\u0530" for letter in word.text):
                text = self.wording.plural("one word, {count} token", "one word, {count} tokens", len(group))
                label = Label(text, style.type.small, style.palette.track)
                label.move_to(style.at(0, self.plan.bracket + 48)).align_to(group[0][0], LEFT)
                beyond = label.get_right()[0] - style.at(style.right, 0)[0]
                return [label.shift(max(0, beyond) * LEFT)]
        return []

    def _dots(self) -> Label:
        return Label("…", self.style.type.body, self.style.palette.muted)

    def _after(self, last: VGroup, more: int) -> list[Label]:
        """That the text goes on."""
        if not more:
            return []
        style = self.style
        x = last.get_right()[0] + style.px(self.plan.gaps[0])
        return [
            self._dots().move_to(style.at(0, y)).align_to(x * RIGHT, LEFT)
            for y in (self.plan.text, self.plan.chips, self.plan.ids)
        ]

    def _notes(self, more: int) -> VGroup:
        """What the cells' colours are, how many cells are drawn, how many tokens are not.

        What finds no room is left out, the last first: that the text goes on is seen above.
        """
        style, w, content = self.style, self.wording, self.content
        cells = w(
            "first {cells} of {width} values",
            cells=w.integer(len(content.words[0].entries[0].values.numbers)),
            width=w.integer(content.width),
        )
        lines = [cells]
        if more:
            lines.append(w.plural("… and {count} more token", "… and {count} more tokens", more))
        room = style.px(style.room)
        for count in range(len(lines), -1, -1):
            labels = [Label(line, style.type.small, style.palette.muted) for line in lines[:count]]
            beside = VGroup(*labels).arrange(RIGHT, buff=style.px(_NOTES))
            if style.frame.is_tall:
                notes = VGroup(ColourScale(style, w), beside)
                notes.arrange(DOWN, buff=style.px(16), aligned_edge=LEFT)
            else:
                notes = VGroup(ColourScale(style, w), *labels).arrange(RIGHT, buff=style.px(_NOTES))
            if notes.width <= room:
                break
        notes.move_to(style.at(0, self.plan.notes), aligned_edge=UP).align_to(self.left * RIGHT, LEFT)
        beyond = notes.get_right()[0] - style.at(style.right, 0)[0]
        return notes.shift(max(0, beyond) * LEFT)

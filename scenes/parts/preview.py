"""A browser's window, and a simple element as it would stand there."""

from __future__ import annotations

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Circle, Line, Rectangle, RoundedRectangle, VGroup, VMobject

from scenes.fonts import SANS
from scenes.marks import decoration
from scenes.markup import Element
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.rounded import Rounded
from scenes.parts.spelling import cut
from scenes.style import Style
from scenes.wording import Wording

_BAR = 56  # pixels
_ZOOM = 4.6  # pixels of the frame to one CSS pixel: the page is seen from close by
_SLANT = 0.2
_LEADING = 1.25  # from a line to the next, in parts of the em
_LONGEST = 60  # letters of a word that are measured


class Page(VGroup):
    """An element as a browser draws it, in the colours that its code asks for."""


class Preview(VGroup):
    """An empty window of ``width`` by ``height`` pixels; ``page`` is where its content goes."""

    def __init__(self, style: Style, wording: Wording, *, width: float, height: float) -> None:
        palette, px = style.palette, style.px
        self.style, self.wording, self.width_px = style, wording, width
        frame = Rounded(
            px(width),
            px(height),
            px(18),
            fill_color=palette.window,
            fill_opacity=1,
            stroke_color=palette.window_edge,
            stroke_width=style.stroke(style.hairline),
        )
        bar = RoundedRectangle(
            width=px(width),
            height=px(_BAR),
            corner_radius=[px(18), px(1), px(1), px(18)],  # round above only
            fill_color=palette.window_bar,
            fill_opacity=1,
            stroke_width=0,
        )
        bar.align_to(frame, UP)
        outline = frame.copy().set_fill(opacity=0)
        frame.set_stroke(width=0)
        title = Label(wording("preview"), style.type.small, palette.window_bar_text)
        title.move_to(frame.get_top() + px(_BAR / 2) * DOWN)
        dots = VGroup(
            *(Circle(radius=px(9), stroke_width=0).set_fill(palette.window_edge, opacity=1) for _ in range(3))
        )
        dots.arrange(RIGHT, buff=px(12)).move_to(title).align_to(frame.get_left() + px(28) * RIGHT, LEFT)
        low = frame.get_top()[1] - px(_BAR)
        rule = Line(frame.get_corner(UP + LEFT), frame.get_corner(UP + RIGHT)).set_y(low)
        rule.set_stroke(palette.window_edge, width=style.stroke(style.hairline))
        self.page = Rectangle(width=px(width - 60), height=px(height - _BAR - 20), stroke_width=0)
        self.page.next_to(rule, DOWN, buff=px(10))
        super().__init__(
            *map(decoration, (frame, bar, outline, dots)), title, *map(decoration, (rule, self.page))
        )

    def showing(self, element: Element | None) -> Page:
        """The element in the middle of the page; without one, the words that say so."""
        drawn = (
            Page(self._words(self.wording("no preview: not a simple element")))
            if element is None
            else self._drawn(element)
        )
        return decoration(drawn).move_to(self.page)

    def waiting(self) -> Page:
        """What the page says while there is no code."""
        return Page(self._words(self.wording("waiting for the code"))).move_to(self.page)

    def _words(self, text: str) -> Paragraph:
        style = self.style
        return Paragraph(
            text,
            style,
            size=style.type.small,
            color=style.palette.window_text,
            width=self.width_px - 80,
            lines=4,
            centred=True,
        )

    def _drawn(self, element: Element) -> Page:
        style, palette, px = self.style, self.style.palette, self.style.px
        own = {"a": palette.page_link}.get(element.tag, palette.page_text)
        color = element.color or own
        padding = px(36) if element.tag == "button" else px(16) if element.background else 0
        room = self.page.width / px(1) - 2 * padding / px(1)
        size = self._size(element, room, (self.page.height - padding) / px(1))
        small = style.type.small
        # rather smaller letters than fewer words
        for em in (size, (size + small) / 2, small):
            text = Paragraph(
                element.text,
                style,
                size=em,
                color=color,
                width=room * (0.94 if element.italic else 1),
                lines=max(1, int((self.page.height - padding) / px(_LEADING * em))),
                weight="SEMIBOLD" if element.bold else "NORMAL",
                centred=True,
            )
            if not text.shortened:
                break
        if element.italic:
            text.apply_matrix(np.array([[1, _SLANT, 0], [0, 1, 0], [0, 0, 1]]))
        drawn = Page(text)
        if element.tag == "a":
            drawn.add(*(self._underline(line, color, em) for line in text.lines))
        if element.tag == "button":
            face = Rounded(text.width + 2 * padding, text.height + padding, px(10))
            face.set_stroke(palette.page_button_edge, width=style.stroke(4))
            drawn.add_to_back(self._filled(face, element.background or palette.page_button, text))
        elif element.background:
            back = Rectangle(width=text.width + 2 * padding, height=text.height + padding, stroke_width=0)
            drawn.add_to_back(self._filled(back, element.background, text))
        return drawn

    def _size(self, element: Element, room: float, height: float) -> float:
        """The em in pixels: the element's, made smaller where a word is longer or higher than the page."""
        small, size = self.style.type.small, min(element.size * _ZOOM, height / _LEADING)
        weight = "SEMIBOLD" if element.bold else "NORMAL"
        words = (cut(word, _LONGEST, SANS) for word in element.text.split())
        longest = max(Label(word, size, "#000000", weight=weight).width for word in words)
        # a hair less than the line: a word of just its width would be broken
        return max(small, size * min(1, 0.99 * self.style.px(room) / longest))

    def _filled(self, shape: VMobject, color: str, text: Paragraph) -> VMobject:
        shape.set_fill(color, opacity=1).move_to(text)
        return shape

    def _underline(self, line: Label, color: str, size: float) -> Line:
        left, right = line.get_corner(DOWN + LEFT), line.get_corner(DOWN + RIGHT)
        rule = Line(left, right).shift(self.style.px(size * 0.12) * UP)
        return rule.set_stroke(color, width=self.style.stroke(max(3, size * 0.06)))

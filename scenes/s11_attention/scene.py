"""Draws loop 11: attention looks back, and earlier words lend what the next one needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Create,
    Group,
    Mobject,
    MoveAlongPath,
    Rectangle,
    VGroup,
)

from scenes import phrases
from scenes.display_token import DisplayToken
from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene
from scenes.marks import show
from scenes.parts.beam import beam
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.place_curve import PlaceCurve
from scenes.parts.token import TokenChip, box
from scenes.parts.tracks import shade
from scenes.parts.vector import Vector
from scenes.s11_attention.content import Content, Head
from scenes.wording.printed import Printed

_LONGEST, _SHORTEST = 9, 2  # letters on a chip
_GAP = 12  # pixels between columns, at least
_ABOVE = 24  # pixels from a beam's middle line to its layer
_CELL = 30  # pixels: height of a weight's cell
_STEEP = 0.62  # of a beam's reach: how high it is at most
_NAME = 770  # pixels: how wide the curve's name may be
_QUOTED = 12  # letters of a token in a sentence


@dataclass(frozen=True)
class _Places:
    """Where the parts stand, in pixels.

    Attributes:
        room: How wide the words may be.
        words: The words' middle, from the top.
        high: How high the highest beam is.
        row: The first head's row, from the top.
        pitch: From one head's row to the next.
        curve: The curve: left edge, foot, width, height.
        lines: Lines of the curve's name.
    """

    room: float
    words: float
    high: float
    row: float
    pitch: float
    curve: tuple[float, float, float, float]
    lines: int


_WIDE = _Places(1040, 580, 336, 668, 150, (1350, 870, 470, 560), 2)
_TALL = _Places(960, 546, 310, 628, 140, (250, 1180, 740, 200), 1)


class Attention(LoopScene):
    """The words with what they lend the last one, and beside them how near the answer gets by layer."""

    content: ClassVar[Content]
    names_subject = False

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.places = _TALL if style.frame.is_tall else _WIDE
        self.heading = Heading(self._sentences(), style)
        self._set_words(self.places.room)
        self.beams = [self._beams(head) for head in content.heads]
        self.rows = [self._row(number) for number in range(len(content.heads))]
        left, foot, width, height = self.places.curve
        self.curve = PlaceCurve(
            content.places,
            content.vocabulary,
            [head.layer for head in content.heads],
            style,
            w,
            width=width,
            height=height,
        )
        self.curve.shift(style.at(left, foot))
        name = self._name()
        corner = self.credit(content.text_source)
        self.fixed = [self.heading, corner, name, self.curve.axes, *self.dots, *self.chips]
        found = []
        for number in range(len(content.heads)):
            found += [
                self.beams[number],
                self.rows[number],
                self.curve.lines[number],
                self.curve.parts[number],
            ]
        return Group(*self.fixed, *found, self.curve.parts[-1], self.curve.end, self.answer)

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        return [*super().clearing(picture), *self.heading.says(0)]

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("the question"):
            self.move(FadeIn(self.asked, target_position=self.chips[-1].get_right()), seconds=pace.move)
            self.rest(pace.rest)
        for number, head in enumerate(self.content.heads):
            with self.beat(f"head {number + 1}"):
                self._look_back(number, head)
        with self.beat("the answer"):
            self.move(self.curve.draw(len(self.content.heads)), seconds=pace.move)
            self.move(FadeIn(self.curve.end), FadeOut(self.asked), seconds=pace.quick)
            self.move(FadeIn(self.answer), *self.heading.says(-1), seconds=pace.move)

    def _sentences(self) -> list[str]:
        """What the heading says: the question, where each head looks, and what that is good for."""
        w, tokens = self.wording, self.content.tokens
        return [
            w("What comes after “{token}”?", token=self._quoted(tokens[-1])),
            *(
                w(
                    "Layer {number} looks at “{token}”",
                    number=w.integer(head.layer),
                    token=self._quoted(tokens[head.key]),
                )
                for head in self.content.heads
            ),
            w("Earlier words lend what the next one needs"),
        ]

    def _quoted(self, piece: DisplayToken) -> str:
        """The token in a sentence, cut where it is long."""
        text = " ".join(piece.text.split()) or phrases.token(piece.shown, self.wording)
        return Printed.of(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…", piece.shown)

    def _name(self) -> Paragraph:
        """What the curve shows, over it: the answer's rank among all tokens."""
        style, w, content = self.style, self.wording, self.content
        _, foot, _, height = self.places.curve
        words = w(
            "place of “{answer}” among all {count} tokens",
            answer=self._quoted(content.answer),
            count=w.integer(content.vocabulary),
        )
        name = Paragraph(
            words,
            style,
            size=style.type.body,
            color=style.palette.muted,
            width=_NAME,
            lines=self.places.lines,
        )
        name.align_to(style.at(style.right, 0), RIGHT)
        return name.align_to(style.at(0, foot - height * 1.06 - 18), DOWN)

    def _look_back(self, number: int, head: Head) -> None:
        """The last token looks at another one in a head, and what that lends flows back into it."""
        pace, chips = self.style.pace, self.chips
        strong, layer = self.beams[number]
        self.move(Create(strong), FadeIn(layer), *self.heading.says(1 + number), seconds=pace.slow)
        lent = Vector(head.values, self.style, cell=20, gap=4)
        key = chips[head.key]
        lent.next_to(key, UP, buff=self.style.px(20))
        rise = lent.get_y() - key.get_y()
        self.move(FadeIn(self.rows[number]), FadeIn(lent, shift=rise * UP), seconds=pace.move)
        way = strong.copy()
        way.points = way.points[::-1]
        self.move(
            MoveAlongPath(lent, way),
            FadeIn(self.curve.lines[number]),
            self.curve.draw(number),
            seconds=pace.slow,
        )
        self.move(FadeOut(lent, target_position=chips[-1].get_center(), scale=0.2), seconds=pace.quick)
        self.rest(pace.rest)

    def _set_words(self, room: float) -> None:
        """The prompt's words in a line, with room for the answer, and an ellipsis where some are left out."""
        style, content, px = self.style, self.content, self.style.px
        snug = replace(style, chip_padding=12)
        last = len(content.tokens) - 1
        least = Label(self.wording.decimal(0.88), style.type.small, style.palette.text).width
        jumps = sum(1 for one, other in pairwise(content.positions) if other > one + 1)
        dots = Label("…", style.type.heading, style.palette.muted).width
        for letters in range(_LONGEST, _SHORTEST - 1, -1):
            chips = [
                TokenChip(piece, snug, longest=letters, followed=place == last)
                for place, piece in enumerate(content.tokens)
            ]
            answer = TokenChip(content.answer, snug, longest=letters)
            widths = [max(chip.width, least) for chip in chips]
            whole = sum(widths) + answer.width + jumps * (dots + px(_GAP)) + (last + 1) * px(_GAP)
            if whole <= px(room):
                break
        gap = px(_GAP) + min(px(30), max(0.0, (px(room) - whole) / (last + 1)))
        self.chips, self.answer, self.dots, self.widths = chips, answer, [], widths
        at, before = style.at(style.margin, self.places.words), content.positions[0]
        for chip, width, position in zip(chips, widths, content.positions, strict=True):
            if position > before + 1:
                more = Label("…", style.type.heading, style.palette.muted)
                self.dots.append(more.move_to(at + dots / 2 * RIGHT))
                at = at + (dots + px(_GAP)) * RIGHT
            chip.move_to(at + width / 2 * RIGHT)
            at, before = at + (width + gap) * RIGHT, position
        answer.move_to(at + answer.width / 2 * RIGHT)
        self.asked = self._asked(answer)

    def _asked(self, answer: TokenChip) -> VGroup:
        """The place of the answer while it is not known."""
        palette = self.style.palette
        ground = box(answer.width, palette.background, palette.special_edge, self.style)
        sign = Label("?", self.style.type.token, palette.muted, weight="MEDIUM", mono=True)
        return VGroup(ground, sign.move_to(ground)).move_to(answer)

    def _beams(self, head: Head) -> VGroup:
        """The strongest weight's beam, and the layer's number at its crest; the row has the others."""
        style, px, last = self.style, self.style.px, len(self.chips) - 1
        furthest = self.chips[last].get_x() - self.chips[1].get_x()
        scale = min(self.places.high, _STEEP * furthest / px(1)) / furthest
        start = self.chips[last].get_top()

        end, weight = self.chips[head.key].get_top(), head.weights[head.key]
        arch = show(beam(start, end, scale * (start[0] - end[0]), weight.number, style), weight)
        layer = self.wording("layer {number}", number=self.wording.integer(head.layer))
        text = Label(layer, style.type.small, style.palette.track, weight="SEMIBOLD")
        key = self.chips[head.key].get_top()
        crest = (start + key) / 2 + px(scale * (start[0] - key[0]) + _ABOVE) * UP
        # left of the crest, since all beams meet at the right
        text.move_to(crest, aligned_edge=DOWN).align_to(crest + px(24) * RIGHT, RIGHT)
        text.set_stroke(style.palette.background, width=style.stroke(12), background=True)
        text.set_z_index(1)
        return VGroup(arch, text)

    def _row(self, number: int) -> VGroup:
        """A head's pattern: a cell under each word, the stronger its purple the greater the weight."""
        style, w, head = self.style, self.wording, self.content.heads[number]
        top = self.places.row + self.places.pitch * number
        text = w(
            "layer {layer}, head {head}: how much it looks at each",
            layer=w.integer(head.layer),
            head=w.integer(head.head),
        )
        name = Label(text, style.type.small, style.palette.muted)
        name.move_to(style.at(0, top)).align_to(style.at(style.margin, 0), LEFT)
        row = VGroup(name)
        for chip, width, weight in zip(self.chips, self.widths, head.weights, strict=True):
            cell = Rectangle(
                width=width,
                height=style.px(_CELL),
                fill_color=shade(weight.number, style),
                fill_opacity=1,
                stroke_color=style.palette.track_edge,
                stroke_width=style.stroke(style.hairline),
            )
            show(cell, weight).move_to(style.at(0, top + 46)).set_x(chip.get_x())
            share = Label(w.decimal(weight), style.type.small, style.palette.text)
            row.add(cell, share.move_to(style.at(0, top + 86)).set_x(chip.get_x()))
        return row

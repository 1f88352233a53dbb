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
    VGroup,
    VMobject,
)

from scenes import phrases
from scenes.display_token import DisplayToken
from scenes.fade import FadeIn, FadeOut, at, at_once
from scenes.loop import LoopScene
from scenes.marks import show
from scenes.parts.beam import beam
from scenes.parts.flight import Flight
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.place_curve import PlaceCurve
from scenes.parts.token import TokenChip, box
from scenes.parts.vector import Vector
from scenes.s11_attention.content import Content, Head
from scenes.style import Style
from scenes.wording.printed import Printed

_LONGEST, _SHORTEST = 9, 2  # letters on a chip
_EM = (80, 42, 2)  # of a word's letters: the largest, the smallest, and from one size to the next
_GAP, _MOST = 14, 300  # pixels between columns, at least and at most
_STEEP = 0.86  # of a beam's reach: how high it is at most
_FLATTER = 0.8  # the power of its reach by which a shorter beam is lower
_AXIS = 190  # pixels for the places beside the curve's axis
_QUOTED = 12  # letters of a token in a sentence


@dataclass(frozen=True)
class _Places:
    """Where the parts stand, in pixels.

    Attributes:
        words: The words' foot, from the top.
        crest: How high the highest beam may reach.
        share: The top of how hard a word is looked at.
        aside: Whether the layer stands beside that, not below it.
        cell: A cell of the values that a word lends.
        name: The foot of the curve's name.
        curve: The curve's first place and its foot.
    """

    words: float
    crest: float
    share: float
    aside: bool
    cell: float
    name: float
    curve: tuple[float, float]


_WIDE = _Places(538, 146, 550, True, 36, 658, (704, 894))
_TALL = _Places(604, 164, 622, False, 28, 794, (846, 1136))


class Attention(LoopScene):
    """The words with what they lend the last one, and beside them how near the answer gets by layer."""

    content: ClassVar[Content]
    names_subject = False

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.places = _TALL if style.frame.is_tall else _WIDE
        self.heading = Heading(self._sentences(), style)
        self.shares = [self._share(head) for head in content.heads]
        self._set_words()
        for head, share in zip(content.heads, self.shares, strict=True):
            share.align_to(style.at(0, self.places.share), UP).set_x(self.chips[head.key].get_x())
        self.beams = [self._beam(head) for head in content.heads]
        self.rider = TokenChip(content.answer, style, longest=_LONGEST).set_z_index(1)
        top, foot = self.places.curve
        left = style.at(style.margin + _AXIS, foot)
        end = self.answer.get_x() - self.rider.width / 2 - style.px(14)
        self.curve = PlaceCurve(
            content.places,
            content.vocabulary,
            [head.layer for head in content.heads],
            style,
            w,
            width=(end - left[0]) / style.px(1),
            height=foot - top,
        )
        self.curve.shift(left)
        self.rider.move_to(self.curve.seat(self.rider, self.curve.end.get_center()))
        corner = self.credit(content.text_source)
        self.fixed = [self.heading, corner, self._name(), self.curve.axes, *self.dots, *self.chips]
        found: list[Mobject] = []
        for number in range(len(content.heads)):
            found += [
                self.beams[number],
                self.shares[number],
                self.curve.lines[number],
                self.curve.parts[number],
            ]
        return Group(*self.fixed, *found, self.curve.parts[-1], self.curve.end, self.rider, self.answer)

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        return [*super().clearing(picture), *self.heading.says(0)]

    def story(self) -> None:
        pace, curve = self.style.pace, self.curve
        with self.beat("the question"):
            self.rider.move_to(curve.seat(self.rider, curve.heads(0)[0]))
            self.move(FadeIn(self.asked), FadeIn(self.rider, rate_func=at_once), seconds=pace.move)
            self.rest(pace.rest)
        for number, head in enumerate(self.content.heads):
            with self.beat(f"head {number + 1}"):
                self._look_back(number, head)
        with self.beat("the answer"):
            last = len(self.content.heads)
            self.move(curve.draw(last), curve.ride(self.rider, last), seconds=pace.slow)
            self._arrive()

    def _arrive(self) -> None:
        """The answer, first in the end or not, goes from the curve to its place after the words."""
        pace, style, answer = self.style.pace, self.style, self.answer
        self.add(self.curve.end)
        size = answer.height / self.rider.height
        flying = answer.copy().scale(1 / size).move_to(self.rider)
        self.remove(self.asked)
        self.add(flying)
        flight = Flight(flying, [answer.get_center()], style, size=size)
        self.move(flight, *self.heading.says(-1), seconds=pace.move)
        self.remove(flying)
        self.add(answer)

    def _sentences(self) -> list[str]:
        """What the heading says: the question, where each head looks and that it takes, what that is for."""
        w, tokens = self.wording, self.content.tokens
        said = [w("What comes after “{token}”?", token=self._quoted(tokens[-1]))]
        for head in self.content.heads:
            words = {
                "number": w.integer(head.layer),
                "asker": self._quoted(tokens[-1]),
                "token": self._quoted(tokens[head.key]),
            }
            said.append(w("In layer {number}, “{asker}” looks at “{token}”", **words))
            said.append(w("and takes something along from it"))
        return [*said, w("Earlier words lend what the next one needs")]

    def _quoted(self, piece: DisplayToken) -> str:
        """The token in a sentence, cut where it is long."""
        text = " ".join(piece.text.split()) or phrases.token(piece.shown, self.wording)
        return Printed.of(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}…", piece.shown)

    def _name(self) -> Label:
        """What the curve shows, over it: the answer's place among all tokens."""
        style, w, content = self.style, self.wording, self.content
        answer, count = self._quoted(content.answer), w.integer(content.vocabulary)
        for words in (
            w("place of “{answer}” among all {count} tokens", answer=answer, count=count),
            w("place among all {count} tokens", count=count),
        ):
            name = Label(words, style.type.small, style.palette.muted)
            if name.width <= style.px(style.room):
                break
        return name.align_to(style.at(style.margin, 0), LEFT).align_to(style.at(0, self.places.name), DOWN)

    def _share(self, head: Head) -> VGroup:
        """How hard a word is looked at, and in which layer: to stand below the word."""
        style, w = self.style, self.wording
        share = Label(w.percent(head.weight), style.type.heading, style.palette.track, weight="SEMIBOLD")
        layer = Label(
            w("layer {number}", number=w.integer(head.layer)), style.type.small, style.palette.muted
        )
        if self.places.aside:
            return VGroup(share, layer.next_to(share, RIGHT, buff=style.px(20)).level_with(share))
        return VGroup(share, layer.next_to(share, DOWN, buff=style.px(8)))

    def _look_back(self, number: int, head: Head) -> None:
        """The last token looks at another one in a head, and what that lends flows back into it."""
        pace, chips, says = self.style.pace, self.chips, self.heading.says
        key, beam, curve = chips[head.key], self.beams[number], self.curve
        shown = FadeIn(self.shares[number], rate_func=at(0.9))
        self.move(Create(beam), shown, *says(1 + 2 * number), seconds=pace.slow)
        self.rest(pace.rest)
        lent = Vector(head.values, self.style, cell=self.places.cell, gap=5)
        lent.move_to(key.get_top())
        taken = FadeIn(lent, target_position=key.get_center(), scale=0.3)
        self.move(taken, *says(2 + 2 * number), seconds=pace.quick)
        way = beam.copy()
        way.points = way.points[::-1]
        self.move(
            MoveAlongPath(lent, way),
            FadeIn(curve.lines[number], rate_func=at_once),
            curve.draw(number),
            curve.ride(self.rider, number),
            seconds=pace.slow,
        )
        self.move(FadeOut(lent, target_position=chips[-1].get_center(), scale=0.2), seconds=pace.quick)
        self.rest(pace.rest)

    def _set_words(self) -> None:
        """The prompt's words in a line, with room for the answer, and an ellipsis where some are left out."""
        style, content, px = self.style, self.content, self.style.px
        jumps = sum(1 for one, other in pairwise(content.positions) if other > one + 1)
        count, last = len(content.tokens), len(content.tokens) - 1
        least = {
            head.key: share.width + px(_GAP) for head, share in zip(content.heads, self.shares, strict=True)
        }
        most, small, step = _EM
        sizes = [(em, _LONGEST) for em in range(most, small, -step)]
        sizes += [(small, letters) for letters in range(_LONGEST, _SHORTEST - 1, -1)]
        for em, letters in sizes:
            part = em / style.type.token
            snug = replace(
                style,
                type=replace(style.type, token=em),
                chip_padding=12 * part,
                chip_height=style.chip_height * part,
                chip_radius=style.chip_radius * part,
            )
            dots = Label("…", em, style.palette.muted).width
            chips = [
                TokenChip(piece, snug, longest=letters, followed=place == last)
                for place, piece in enumerate(content.tokens)
            ]
            answer = TokenChip(content.answer, snug, longest=letters)
            widths = [max(chip.width, least.get(place, 0.0)) for place, chip in enumerate(chips)]
            whole = sum(widths) + answer.width + jumps * (dots + px(_GAP)) + count * px(_GAP)
            if whole <= px(style.room):
                break
        gap = px(_GAP) + min(px(_MOST), max(0.0, (px(style.room) - whole) / count))
        self.chips, self.answer, self.dots = chips, answer, []
        middle = self.places.words - answer.height / px(1) / 2
        at, before = style.at(style.margin, middle), content.positions[0]
        for chip, width, position in zip(chips, widths, content.positions, strict=True):
            if position > before + 1:
                more = Label("…", em, style.palette.muted)
                self.dots.append(more.move_to(at + dots / 2 * RIGHT))
                at = at + (dots + px(_GAP)) * RIGHT
            chip.move_to(at + width / 2 * RIGHT)
            at, before = at + (width + gap) * RIGHT, position
        answer.move_to(at + answer.width / 2 * RIGHT)
        self.asked = self._asked(answer, snug)

    def _asked(self, answer: TokenChip, style: Style) -> VGroup:
        """The place of the answer while it is not known."""
        palette = style.palette
        ground = box(answer.width, palette.background, palette.special_edge, style)
        sign = Label("?", style.type.token, palette.muted, weight="MEDIUM", mono=True)
        return VGroup(ground, sign.move_to(ground)).move_to(answer)

    def _beam(self, head: Head) -> VMobject:
        """The arch from the last word to the one it looks at hardest, as wide as its weight."""
        style, start = self.style, self.chips[-1].get_top()
        furthest = (start[0] - self.chips[1].get_x()) / style.px(1)
        end = self.chips[head.key].get_top()
        reach = (start[0] - end[0]) / style.px(1)
        most = (style.at(0, self.places.crest)[1] - start[1]) / style.px(1)
        high = min(most, _STEEP * furthest) * (reach / furthest) ** _FLATTER
        return show(beam(start, end, high, head.weight.number, style), head.weight)

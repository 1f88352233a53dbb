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
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
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
from scenes.parts.token import TokenChip, slot
from scenes.parts.vector import Vector
from scenes.s11_attention.content import Content, Head, climbs, far_down
from scenes.style import Point
from scenes.wording.printed import Printed

_LONGEST, _SHORTEST = 9, 2  # letters on a chip
_EM = (64, 42, 2)  # of a word's letters: the largest, the smallest, and from one size to the next
_GAP, _MOST = 14, 300  # pixels between columns, at least and at most
_STEEP = 0.86  # of a beam's reach: how high it is at most
_FLATTER = 0.8  # the power of its reach by which a shorter beam is lower
_AXIS = 190  # pixels for the places beside the curve's axis
_OVER = 30  # pixels from the crest of a beam to what goes over it
_BETWEEN = 24  # pixels between what stands below two words
_ASIDE = 0.25  # of its width, how far that moves aside at most
_QUOTED = 12  # letters of a token in a sentence


@dataclass(frozen=True)
class _Places:
    """Where the parts stand, in pixels.

    Attributes:
        words: The words' foot, from the top.
        crest: How high the highest beam may reach.
        share: The top of how hard a word is looked at.
        cell: A cell of the values that a word lends.
        name: The foot of the curve's name.
        curve: The curve's first place and its foot.
    """

    words: float
    crest: float
    share: float
    cell: float
    name: float
    curve: tuple[float, float]


_WIDE = _Places(472, 216, 484, 44, 606, (654, 910))
_TALL = _Places(548, 206, 562, 36, 734, (786, 1136))


class Attention(LoopScene):
    """The words with what they lend the last one, and beside them how near the answer gets by layer."""

    content: ClassVar[Content]
    names_subject = False

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.places = _TALL if style.frame.is_tall else _WIDE
        self.heading = Heading(self._sentences(), style)
        self._set_shares()
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
        w, content = self.wording, self.content
        asker, answer = self._quoted(content.tokens[-1]), self._quoted(content.answer)
        said = [w("What comes after “{token}”?", token=asker)]
        self.looks: list[int] = []  # which sentence says where a head looks; the next, that it takes
        for number, head in enumerate(content.heads):
            self.looks.append(len(said))
            token = self._quoted(content.tokens[head.key])
            layer = w.integer(head.layer)
            said.append(
                w("In layer {number}, “{asker}” looks at “{token}”", number=layer, asker=asker, token=token)
            )
            said.append(w("“{asker}” takes something along from it", asker=asker))
            if number == 0 and far_down(content):
                said.append(w("“{answer}” is still far down", answer=answer))
        if climbs(content):
            after, place = self._quoted(content.tokens[content.heads[-1].key]), w.ordinal(content.places[-1])
            last = w("After “{token}”, “{answer}” climbs to {place}", token=after, answer=answer, place=place)
        else:
            last = w("Earlier words lend what the next one needs")
        return [*said, last]

    def _quoted(self, piece: DisplayToken) -> str:
        """The token in a sentence, cut where it is long."""
        text = " ".join(piece.text.split()) or phrases.spelt(piece.text).replace(" ", "␣")
        text = text or phrases.token(piece.shown, self.wording)
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

    def _set_shares(self) -> None:
        """Set the words, and below those that are looked at how hard: in one line, or in two.

        Where two of these have no room side by side they move apart a little; or they are numbers alone.
        """
        style, px, heads = self.style, self.style.px, self.content.heads
        low, high = (style.at(x, 0)[0] for x in (style.margin, style.right))
        for direction, most in ((RIGHT, _ASIDE / 5), (DOWN, _ASIDE), (None, 1.0)):
            self.shares = [self._share(head, direction) for head in heads]
            self._set_words([0 if direction is not None else share.width for share in self.shares])
            aside = 0.0
            for head, share in zip(heads, self.shares, strict=True):
                share.align_to(style.at(0, self.places.share), UP).set_x(self.chips[head.key].get_x())
                share.shift(max(0, low - share.get_left()[0]) * RIGHT)
            row = sorted(self.shares, key=lambda share: float(share.get_x()))
            for one, then in pairwise(row):
                aside = max(0, px(_BETWEEN) + one.get_right()[0] - then.get_left()[0]) / 2
                one.shift(min(aside, one.get_left()[0] - low) * LEFT)
                then.shift(max(0, px(_BETWEEN) + one.get_right()[0] - then.get_left()[0]) * RIGHT)
            if row[-1].get_right()[0] <= high and aside <= most * row[0].width:
                break

    def _share(self, head: Head, direction: Point | None) -> VGroup:
        """How hard a word is looked at, and in this direction, if any, what it is a share of."""
        style, w = self.style, self.wording
        share = Label(w.percent(head.weight), style.type.heading, style.palette.track, weight="SEMIBOLD")
        if direction is None:
            return VGroup(share)
        of = Label(w("of its attention"), style.type.small, style.palette.muted)
        of.next_to(share, direction, buff=style.px(16 if direction is RIGHT else 4))
        return VGroup(share, of.level_with(share) if direction is RIGHT else of)

    def _look_back(self, number: int, head: Head) -> None:
        """The last token looks at another one and takes along what that lends; the curve goes on."""
        pace, style, chips, says = self.style.pace, self.style, self.chips, self.heading.says
        key, asker, curve = chips[head.key], chips[-1], self.curve
        beam, before = self.beams[number], self.beams[:number]
        shown = FadeIn(self.shares[number], rate_func=at(0.9))
        # the arches before step back
        self.remove(*before)
        back = [each.copy().set_stroke(style.palette.track_fill) for each in before]
        self.add(*back)
        self.move(Create(beam), shown, *says(self.looks[number]), seconds=pace.move)
        self.rest(pace.rest)
        lent = Vector(head.values, style, cell=self.places.cell, gap=5)
        crest = beam.point_from_proportion(0.5)
        lent.move_to(crest + style.px(_OVER + self.places.cell / 2) * UP)
        taken = FadeIn(lent, target_position=key.get_center(), scale=0.3)
        self.move(taken, *says(self.looks[number] + 1), seconds=pace.slow)
        self.rest(pace.rest)
        gone = FadeOut(
            lent,
            target_position=asker.get_center(),
            scale=0.2,
            rate_func=squish_rate_func(smooth, 0, 0.6),
        )
        line = FadeIn(curve.lines[number], rate_func=at_once)
        on = [curve.draw(number), curve.ride(self.rider, number)]
        last = number == len(self.content.heads) - 1
        # what became of the answer, where that can be told
        told = climbs(self.content) if last else far_down(self.content) and number == 0
        words = says(self.looks[number] + 2) if told else []
        self.move(gone, line, *on, *words, seconds=pace.slow)
        self.remove(*back)
        self.add(*before)
        self.bring_to_front(beam)
        if not last:
            self.rest(pace.rest)

    def _set_words(self, below: Sequence[float]) -> None:
        """The prompt's words in a line, with room for the answer, and an ellipsis where some are left out.

        What stands ``below`` those that are looked at is so wide.
        """
        style, content, px = self.style, self.content, self.style.px
        jumps = sum(1 for one, other in pairwise(content.positions) if other > one + 1)
        count, last = len(content.tokens), len(content.tokens) - 1
        least = {head.key: width + px(_GAP) for head, width in zip(content.heads, below, strict=True)}
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
        self.asked = slot(answer, snug)

    def _beam(self, head: Head) -> VMobject:
        """The arch from the last word to the one it looks at hardest, as wide as its weight."""
        style, start = self.style, self.chips[-1].get_top()
        furthest = (start[0] - self.chips[1].get_x()) / style.px(1)
        end = self.chips[head.key].get_top()
        reach = (start[0] - end[0]) / style.px(1)
        most = (style.at(0, self.places.crest)[1] - start[1]) / style.px(1)
        high = min(most, _STEEP * furthest) * (reach / furthest) ** _FLATTER
        return show(beam(start, end, high, head.weight.number, style), head.weight)

"""Draws loop 07: the vector climbs a stack of decoder layers; that is the "deep"."""

from __future__ import annotations

import bisect
import math
from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Dot,
    Group,
    Mobject,
    Succession,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    interpolate_color,
    linear,
    smooth,
    squish_rate_func,
)

from scenes.display_token import DisplayToken
from scenes.fade import FadeIn, FadeOut, at, at_once
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.decoder_stack import DecoderStack
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.place_bars import PlaceBars
from scenes.parts.rounded import Rounded
from scenes.parts.token import TokenChip, chips_of
from scenes.parts.token_lines import TokenLines
from scenes.parts.vector import Vector
from scenes.s07_processing_transformer_blocks.content import Content, turn
from scenes.style import Point
from scenes.traced_value import TracedValue
from scenes.vectors import evenly
from scenes.wording.printed import Printed


@dataclass(frozen=True)
class _Plan:
    """Pixels: where the stack begins and ends, from there to the prompt; its width, from it to the bars.

    So many cells stand in a row. ``head`` is the height of the best guess over the stack and, in letters of
    the size ``place``, of the answer's place beside it.
    """

    top: float
    bottom: float
    outside: float
    width: float
    aisle: float
    cells: int
    head: float
    place: float


_WIDE, _TALL = _Plan(262, 876, 58, 700, 70, 16, 160, 128), _Plan(342, 1076, 70, 370, 36, 12, 262, 104)
_OVER = 92  # pixels from line to line over the stack, where they are two
_CLEAR, _SMALLER = 28, 0.7  # from a chip to the large place beside it; of whose size it may be
_TALLEST = 60  # pixels from row to row, where there are few
_LOWER, _UPPER = 1.3, 2.2  # seconds for the layers between the first and the turn, and for those after it
_LEAST, _MOST = 0.3, 0.8  # seconds of a move in which it climbs layers
_RIDE = 0.5  # of the time for a layer the vector goes up; in the rest its bar grows
_PASSED = 0.3  # of their colours: the cells in rows that the vector has left
_OPENS = 0.5  # seconds for the wall
_NEARER = _RIDE / 2  # from there on it is nearer to the next layer: its place is told
_FAR = 10  # the least place that is far from the first


class ProcessingTransformerBlocks(LoopScene):
    """The stack, read from the bottom up; beside each layer the answer's place at that depth."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, px = self.style, self.style.palette, self.wording, self.style.px
        depths = self.content.depths
        self.places = [depth.place.number for depth in depths]
        self.turn = turn(self.places)
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        self.cells = evenly(len(self.content.embedding.numbers), plan.cells)
        self.pitch = min(_TALLEST, (plan.bottom - plan.top) / len(depths))
        self.heading = self._heading()
        self.stack = DecoderStack(
            [depth.layer for depth in depths],
            style,
            w,
            width=plan.width,
            height=self.pitch * 0.86,
            pitch=self.pitch,
            named=self._named(),
        )
        self.stack.align_to(style.at(style.margin, 0), LEFT).align_to(style.at(0, plan.bottom), DOWN)
        bottom, top = self.stack.slabs[0], self.stack.slabs[-1]
        self.trail = [
            self._vector(depth.values).move_to(slab).set_stroke(width=0)
            for depth, slab in zip(depths, self.stack.slabs, strict=True)
        ]
        self.looks = [self._fills(vector) for vector in self.trail]
        for vector, slab in zip(self.trail, self.stack.slabs, strict=True):
            for cell in vector:
                cell.set_fill(interpolate_color(slab.fill_color, cell.fill_color, _PASSED))
        self.prompt = self._prompt(bottom)
        left = (self.stack.slabs.get_right() - style.at(0, 0))[0] / px(1) + plan.aisle
        self.bars = PlaceBars(
            [depth.place for depth in depths],
            self.content.vocabulary,
            style,
            w,
            width=style.right - left,
            pitch=self.pitch,
            thickness=self.pitch * 0.7,
        )
        self.bars.start(style.at(left, 0)[0] * RIGHT + bottom.get_y() * UP)
        head, self.standings = self._header(left)
        self.words = self._over_guess(w("best guess so far"))
        self.answer = self._outside(self._chip_over(self.content.answer))
        way = arrow.straight(
            np.array([self.answer.get_x(), top.get_top()[1], 0]),
            self.answer.get_bottom() + px(style.touch) * DOWN,
            style,
            palette.track,
        )
        corner = self.credit(self.content.text_source)
        self.wall = ModelBox(
            self.content.subject, style, plan.width, (self.stack.slabs.height + px(8)) / px(1)
        ).move_to(self.stack.slabs)
        said = self._over_guess(w("next token"))
        self.result = VGroup(way, self.answer, self._chance(), said, self.standings[-1])
        self.fixed = [self.heading, self.stack, self.prompt, head, self.bars.scale_below, corner]
        return Group(*self.fixed, *self.trail, self.bars, self.result)

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        """The layers empty from the top down, a row at a time; then the model's wall closes before them."""
        # each pixel changes once: rows that fade together would take a fifth of the whole video
        rows = [FadeOut(vector, bar) for vector, bar in zip(self.trail, self.bars.bars, strict=True)][::-1]
        return [
            FadeOut(self.result, rate_func=squish_rate_func(smooth, 0, 0.3)),
            Succession(*rows, rate_func=squish_rate_func(linear, 0, 0.6)),
            FadeIn(self.wall, rate_func=squish_rate_func(smooth, 0.6, 1)),
            *self.heading.says(0),
        ]

    def story(self) -> None:
        style, pace = self.style, self.style.pace
        self.wall.set_z_index(1)
        with self.beat("word to vector"):
            self.climber = self._climber()
            mouth = self.prompt.visible[-1].get_top()
            mouth[1] = self.climber.get_y()
            self.move(FadeIn(self.climber, target_position=mouth, scale=0.1), seconds=pace.move)
            self.rest(pace.rest)
        with self.beat("through the wall"):
            self.remove(self.wall)
            self.move(*self._opening(), *self.heading.says(1), seconds=_OPENS)
        self.count = Label("", self.plan.place, style.palette.text)
        self.guesses = self._guesses()
        self.guess = self.guesses[0]
        seconds, stops = self._seconds(), {0, self.turn - 1, self.turn}
        lower, upper = range(self.turn), range(self.turn, len(seconds))
        for name, rows in (("where the answer is far", lower), ("where the answer comes near", upper)):
            if rows:
                with self.beat(name):
                    for some in _moves(rows, seconds, stops):
                        self._climb(some, seconds)
                        if some[-1] in stops and some[-1] + 1 < len(seconds):
                            self.rest(pace.rest)
        with self.beat("vector to word"):
            out = FadeOut(self.climber, target_position=self.answer.get_center(), scale=0.1)
            way, answer, chance, said, _ = self.result
            turn = at(0.4)
            news, gone = [way, answer, chance], [self.guess]
            if self.places[-1] == 1:
                news, gone = [way, chance], []  # the last guess is the answer, and stays
            self.move(
                out,
                FadeIn(*news, rate_func=squish_rate_func(smooth, 0.5, 1)),
                FadeOut(self.words, *gone, rate_func=turn),
                FadeIn(said, rate_func=turn),
                *self.heading.says(4),
                seconds=pace.slow,
            )
            self.remove(self.count, self.guess)
            self.add(self.result)

    def _opening(self) -> list[Animation]:
        """The model's wall goes up like a blind."""
        wall, name = self.wall.copy().submobjects
        whole, high = wall.points.copy(), wall.height

        def rise(mobject: Mobject, alpha: float) -> None:
            foot = whole[:, 1].min() + 0.98 * high * alpha
            mobject.points = np.maximum(whole, [-np.inf, foot, -np.inf])

        goes = UpdateFromAlphaFunc(wall, rise, rate_func=smooth, remover=True)
        return [goes, FadeOut(name, rate_func=at_once)]

    def _climb(self, rows: range, seconds: Sequence[float]) -> None:
        """The vector climbs these rows, has other values in each, and leaves them behind it."""
        whole = sum(seconds[row] for row in rows)
        ends = np.cumsum([seconds[row] for row in rows]) / whole
        starts = [0.0, *ends[:-1]]
        looks: list[Animation] = []
        rises = self._rise(rows, list(ends))
        for row, start, end in zip(rows, starts, ends, strict=True):
            arrives = squish_rate_func(smooth, start + _RIDE * (end - start), end)
            grown = self.bars.growth(row)
            grown.rate_func = arrives
            # what it leaves is seen when it is gone: it covers the row
            looks += [FadeIn(self.trail[row], rate_func=at(end)), grown]
        looks += self._guess(rows, _arrivals(list(ends), _NEARER)[-1])
        if rows[0] > 0:
            looks += self.heading.says(2 if rows[0] < self.turn else 3)
        self.move(*looks, *rises, seconds=whole)

    def _rise(self, rows: range, ends: Sequence[float]) -> list[Animation]:
        """The vector goes up through these rows, and its place beside it counts."""
        starts, arrivals, nearer = [0.0, *ends[:-1]], _arrivals(ends), _arrivals(ends, _NEARER)
        times = sorted([*starts, *arrivals, ends[-1]])
        levels = np.repeat(range(len(rows) + 1), 2)[1:]
        heights = [self.climber.get_y(), *(self.stack.slabs[row].get_y() for row in rows)]
        looks = [self._fills(self.climber[1]), *(self.looks[row] for row in rows)]

        def stand(mobject: Mobject, alpha: float) -> None:
            level = float(np.interp(alpha, times, levels))
            mobject.set_y(float(np.interp(level, range(len(heights)), heights)))
            below = min(int(level), len(looks) - 2)
            share = smooth(level - below)
            for cell, old, new in zip(self.climber[1], looks[below], looks[below + 1], strict=True):
                cell.fill_rgbas = old + (new - old) * share

        def tell(mobject: Mobject, alpha: float) -> None:
            row = rows[0] - 1 + bisect.bisect_right(nearer, alpha)
            if row >= 0:
                mobject.points = self.standings[row].points
                mobject.set_fill(self.standings[row].fill_color)

        # each by itself: what no animation holds is drawn once for a whole move
        return [
            UpdateFromAlphaFunc(self.climber, stand, rate_func=linear),
            UpdateFromAlphaFunc(self.count, tell, rate_func=linear),
        ]

    def _guesses(self) -> list[TokenChip]:
        """A chip for the best guess after each layer, all in one place; one for those that are the same."""
        chips: list[TokenChip] = []
        before: str | None = None
        for depth in self.content.depths:
            guess = depth.guess
            text = None if guess is None else guess.text
            if chips and text == before:
                chips.append(chips[-1])
            elif guess is None:
                chips.append(self.answer.copy())
            else:
                chips.append(self._outside(self._chip_over(DisplayToken(guess, "special"))))
            before = text
        return chips

    def _chip_over(self, piece: DisplayToken) -> TokenChip:
        """A chip over the stack, as long as there is room; what is a space alone is called so."""
        style, slabs = self.style, self.stack.slabs
        name = self.wording("(space)") if piece.shown.text == " " else None
        room = slabs.get_right()[0] - self._left_of_chip
        if piece.probability is not None:
            room -= Label(
                self.wording.percent(piece.probability), style.type.body, style.palette.text
            ).width + style.px(18)
        for longest in range(24, 2, -1):
            chip = TokenChip(piece, style, longest=longest, name=name)
            if chip.width <= room:
                break
        return chip

    @property
    def _left_of_chip(self) -> float:
        """Where the chip over the stack begins: right of the words, or over the stack's own left end."""
        style = self.style
        if style.frame.is_tall:
            return float(self.stack.slabs.get_left()[0])
        return float(self.words.get_right()[0]) + style.px(18)

    def _over_guess(self, text: str) -> Label:
        """Words that belong to the chip over the stack: left of it, or over it."""
        style, plan, slabs = self.style, self.plan, self.stack.slabs
        label = Label(text, style.type.body, style.palette.muted)
        if style.frame.is_tall:
            label.align_to(slabs, LEFT)
            label.shift(min(0, slabs.get_right()[0] - label.get_right()[0]) * RIGHT)
            return label.level_with(Dot(style.at(0, plan.head - _OVER)))
        label.align_to(style.at(style.margin, 0), LEFT)
        if hasattr(self, "words"):
            label.align_to(self.words, RIGHT)
        return label.level_with(Dot(style.at(0, plan.head)))

    def _guess(self, rows: range, moment: float) -> list[Animation]:
        """The best guess becomes that of the last of these rows when the vector arrives there."""
        if rows[0] == 0:
            return [FadeIn(self.words), FadeIn(self.guess)]
        old, self.guess = self.guess, self.guesses[rows[-1]]
        turn = at(moment)
        return [] if self.guess is old else [FadeOut(old, rate_func=turn), FadeIn(self.guess, rate_func=turn)]

    def _seconds(self) -> list[float]:
        """How long the vector takes for each layer: after the turn longer, the more the answer rises."""
        pace, rows = self.style.pace, len(self.places)
        rises = [0.0, *(max(0.0, math.log(before / after)) for before, after in pairwise(self.places))]
        whole, upper = sum(rises[self.turn + 1 :]) or 1, max(1, rows - self.turn - 1)

        def seconds(row: int) -> float:
            if row in (0, self.turn):
                return pace.slow
            if row < self.turn:
                return min(pace.quick, _LOWER / self.turn)
            return min(pace.slow, _UPPER / 2 * (1 / upper + rises[row] / whole))

        return [seconds(row) for row in range(rows)]

    def _named(self) -> set[int]:
        """The rows that carry their numbers: the first, the last and evenly spaced ones."""
        rows, least = len(self.places), 42 / self.pitch
        most = self.style.frame.rows
        step = 5 * math.ceil(rows / most / 5) if rows > most else 1
        layers = [depth.layer for depth in self.content.depths]
        wished = [0, rows - 1, *(r for r in range(rows) if layers[r] % step == 0)]
        named: set[int] = set()
        for row in wished:
            if all(abs(row - other) >= least for other in named):
                named.add(row)
        return named

    def _climber(self) -> VGroup:
        """The vector that climbs, with a frame around it."""
        style, palette = self.style, self.style.palette
        vector = self._vector(self.content.embedding, 26).set_stroke(width=0)
        around = Rounded(
            vector.width + style.px(24),
            style.px(40),
            style.px(12),
            fill_color=palette.layer_last,
            fill_opacity=1,
            stroke_color=palette.track,
            stroke_width=style.stroke(style.line),
        )
        climber = VGroup(around, vector).move_to(self.stack.slabs[0])
        return climber.set_y(self.stack.slabs.get_bottom()[1] - style.px(self.plan.outside / 2)).set_z_index(
            2
        )

    @staticmethod
    def _fills(vector: VMobject) -> list[Point]:
        """The colours of a vector's cells."""
        return [cell.fill_rgbas.copy() for cell in vector]

    def _outside(self, chip: TokenChip) -> TokenChip:
        """A word that comes out at the top."""
        chip.move_to(self.style.at(0, self.plan.head))
        return chip.align_to(np.array([self._left_of_chip, 0, 0]), LEFT)

    def _chance(self) -> VGroup:
        """How likely the answer was, beside its chip."""
        chance = self.content.answer.probability
        if chance is None:
            return VGroup()
        label = Label(self.wording.percent(chance), self.style.type.body, self.style.palette.text)
        return VGroup(label.next_to(self.answer, RIGHT, buff=self.style.px(18)).level_with(self.answer))

    def _heading(self) -> Heading:
        """The way up in sentences, with the answer's text where that reads well and fits."""
        w, shown = self.wording, self.content.answer.shown
        text = shown.text.strip()
        if shown.form == "text" and shown.own is None and text.isalnum():
            heading = self._sentences(w("“{token}”", token=Printed.of(text, shown)))
            if not any(sentence.shortened for sentence in heading.sentences):
                return heading
        return self._sentences(w("the answer"))

    def _sentences(self, answer: str) -> Heading:
        """The sentences that are true of the answer's places."""
        w, content, places = self.wording, self.content, self.places
        climbs = w.plural("They climb {count} layer", "They climb {count} layers", content.layers)
        if not content.traced:
            climbs = w.plural(
                "They climb {count} layer ({name} has {layers})",
                "They climb {count} layers ({name} has {layers})",
                content.layers,
                name=content.subject,
                layers=w.integer(content.subject_layers),
            )
        lower = w("The longer the bar, the higher {answer}", answer=answer)
        if min(places[: self.turn], default=0) > _FAR:
            lower = w("So far, {answer} is far down the list", answer=answer)
        upper = w("Layer by layer, the numbers change")
        if places[self.turn] < places[max(0, self.turn - 1)]:
            upper = w("Higher up, {answer} climbs the list", answer=answer)
        place = w.integer(content.depths[-1].place)
        ends = w("In the end, {answer} is number {place}", answer=answer, place=place)
        if places[-1] == 1 < places[0]:
            ends = w("Layer by layer, {answer} rises to the top", answer=answer)
            half = len(places) // 2
            # in the lower half it comes less than half of the way, as the bars measure it
            if self.turn >= half and min(places[:half], default=1) ** 2 > places[0]:
                ends = w("Only the upper layers lift {answer} to the top", answer=answer)
        return Heading([w("The last token goes in as numbers"), climbs, lower, upper, ends], self.style)

    def _header(self, left: float) -> tuple[VGroup, list[Label]]:
        """Whose place the bars show, over them, and in large letters its place after each layer."""
        style, plan, w, palette = self.style, self.plan, self.wording, self.style.palette
        standings = [
            Label(
                w.ordinal(depth.place),
                plan.place,
                palette.output_edge if depth.place.number == 1 else palette.text,
                weight="SEMIBOLD",
            )
            for depth in self.content.depths
        ]
        # all of one size, in which the last place of all has room
        last = Label(w.ordinal(self.content.vocabulary), plan.place, palette.text, weight="SEMIBOLD")
        widest, room = last.width, style.px(style.right - left)
        tall = style.frame.is_tall
        words = Label(w("place of"), style.type.small if tall else style.type.body, palette.muted)
        among = Label(
            w("among {count}", count=w.integer(self.content.vocabulary)), style.type.small, palette.muted
        )
        for longest in range(24, 2, -1):
            chip = TokenChip(self.content.answer, style, longest=longest)
            head = VGroup(words, chip).arrange(RIGHT, buff=style.px(12))
            if not tall:
                head = VGroup(head, among.next_to(head, DOWN, buff=style.px(6)).align_to(head, LEFT))
            free = room if tall else room - head.width - style.px(_CLEAR)
            if head.width <= room and free >= _SMALLER * widest:  # rather a smaller number than a cut word
                break
        head.align_to(style.at(left, 0), LEFT)
        head.shift((style.at(0, plan.head - (_OVER if tall else 0)) - chip.get_center())[1] * UP)
        words.level_with(chip)
        middle = Dot(style.at(0, plan.head)) if tall else head
        side = head.get_left() if tall else head.get_right() + style.px(_CLEAR) * RIGHT
        for label in standings:
            label.scale(min(1, free / widest)).level_with(middle).align_to(side, LEFT)
        return head, standings

    def _vector(self, values: TracedValue, cell: float | None = None) -> Vector:
        """As many of the values as there is room for, in cells of so many pixels, or that fit a layer."""
        cell = cell or min(26, self.pitch * 0.66)
        gap = self.plan.width / len(self.cells) - cell
        return Vector(values, self.style, cell=cell, gap=gap, places=self.cells)

    def _prompt(self, bottom: Mobject) -> TokenLines:
        """The prompt under the stack, its last token below the middle, or as near as the line allows."""
        style, last = self.style, len(self.content.prompt) - 1
        chips = chips_of(self.content.prompt, style, self.wording, followed=last)
        lines = TokenLines(chips, style, self.wording, width=style.room, lines=1)
        lines.next_to(bottom, DOWN, buff=style.px(self.plan.outside))
        lines.shift((bottom.get_center() - lines.visible[-1].get_center())[0] * RIGHT)
        return lines.shift(max(0, style.at(style.margin, 0)[0] - lines.get_left()[0]) * RIGHT)


def _arrivals(ends: Sequence[float], ride: float = _RIDE) -> list[float]:
    """When the vector arrives in each of some rows, where it stands until each of the ``ends``."""
    starts = [0.0, *ends[:-1]]
    return [start + ride * (end - start) for start, end in zip(starts, ends, strict=True)]


def _moves(rows: range, seconds: Sequence[float], stops: Container[int]) -> Iterator[range]:
    """Cut the rows into moves: one by one where they are slow, several where they are fast, up to a stop."""
    start, taken = rows.start, 0.0
    for row in rows:
        if taken and taken + seconds[row] > _MOST:
            yield range(start, row)
            start, taken = row, 0.0
        taken += seconds[row]
        if taken >= _LEAST or row in stops or row == rows[-1]:
            yield range(start, row + 1)
            start, taken = row + 1, 0.0

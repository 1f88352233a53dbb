"""Draws loop 12: one distribution, three temperatures: safe, lively, wild."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Group,
    Mobject,
    Transform,
    VGroup,
    linear,
    smooth,
    squish_rate_func,
)

from scenes.fade import FadeIn, FadeOut, at_last, at_once
from scenes.loop import LoopScene, unwind
from scenes.parts.flight import Flight
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.probability_bars import ProbabilityBars
from scenes.parts.ribbon import Ribbon
from scenes.parts.token import TokenChip, TokenText, chips_of
from scenes.parts.token_lines import TokenLines
from scenes.s12_temperature.content import Content, Lane

_LONGEST, _SHORTEST = 12, 2  # letters on a chip
_NUMBER = 68  # the em of a temperature, in pixels
_DIAL = 238  # pixels from the top: the temperature beside the bars or over them
_THICK = 96  # pixels: a bar
_DROP = 40  # pixels: from how high the seeded number falls


@dataclass(frozen=True)
class _Places:
    """Where the parts stand, in pixels.

    Attributes:
        prompt: The prompt's top.
        lanes: The first ribbon's middle, and from one to the next.
        ribbon: Its left edge, width and height.
        heat: The temperature, from the ribbon's middle up; its word, from there on.
        text: The written text's top, from the ribbon's middle down.
        lines: Lines of the written text.
        bars: Where bars begin, the first one's middle, from row to row, how long 100 % is.
    """

    prompt: float
    lanes: tuple[float, float]
    ribbon: tuple[float, float, float]
    heat: tuple[float, float]
    text: float
    lines: int
    bars: tuple[float, float, float, float]


_WIDE = _Places(126, (298, 248), (330, 1500, 76), (0, 84), 52, 1, (680, 370, 156, 960))
_TALL = _Places(126, (326, 344), (60, 960, 76), (76, 0), 50, 2, (370, 620, 156, 500))


class Temperature(LoopScene):
    """The prompt, and below it a lane for each temperature: its ribbon, and what was written."""

    content: ClassVar[Content]
    names_subject = False

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        self.places = _TALL if style.frame.is_tall else _WIDE
        self.heading = Heading(self._sentences(), style)
        prompt = TokenLines(chips_of(content.prompt, style, w), style, w, width=style.room, lines=1)
        prompt.shift(style.at(style.margin, self.places.prompt) - prompt.corner.get_center())
        self.ribbons = [self._ribbon(number, lane) for number, lane in enumerate(content.lanes)]
        self.heats = [self._heat(number, lane) for number, lane in enumerate(content.lanes)]
        self.texts = [self._text(number, lane) for number, lane in enumerate(content.lanes)]
        self.same = self._same()
        self.said = [self._said(number, lane) for number, lane in enumerate(content.lanes)]
        corner = self.credit("model")
        self.fixed = [self.heading, prompt, corner]
        return Group(*self.fixed, *self.heats, *self.ribbons, self.same, *self.said, *self.texts)

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        lanes = [VGroup(*both) for both in zip(self.heats, self.ribbons, strict=True)]
        back = unwind(*lanes, VGroup(self.same, *self.said), VGroup(*self.texts))
        return [back, *self.heading.says(0)]

    def story(self) -> None:
        self.bars = [self._bars(lane) for lane in self.content.lanes]
        self.dials = [self._dial(number) for number in range(len(self.heats))]
        lanes = range(len(self.content.lanes))
        with self.beat("temperature 1"):
            self._grow(lanes[0])
        for before, after in pairwise(lanes):
            with self.beat(f"temperature {after + 1}"):
                self._turn(before, after)
        with self.beat("three ribbons"):
            self._lay(lanes[-1])
        with self.beat("the same number"):
            self._draw()
        with self.beat("eight tokens"):
            self._write()

    def _sentences(self) -> list[str]:
        """What the heading says: of each temperature from the lowest on, of the draw, and of the texts."""
        w, last = self.wording, len(self.content.lanes) - 1
        lanes = [w("Low temperature: the likeliest word leads")]
        lanes += [w("Higher: other words catch up")] * (last - 1)
        lanes += [w("High temperature: rare words get a chance")] * (last > 0)
        return [*lanes, w("A random pin picks the word it lands on"), w("Higher temperature, wilder text")]

    def _grow(self, lane: int) -> None:
        """The bars of a temperature grow."""
        pace, bars = self.style.pace, self.bars[lane]
        growth = bars.growth()
        names = FadeIn(self.dials[lane], *(row[0] for row in bars), rate_func=at_once)
        self.move(names, *growth, seconds=pace.move)
        self.rest(pace.rest)

    def _turn(self, before: int, after: int) -> None:
        """The temperature changes, and with it how long each bar is."""
        pace, old, new = self.style.pace, self.bars[before], self.bars[after]
        self.remove(*old.get_family())
        self.add(*(row[0] for row in new))
        moves: list[Animation] = []
        gone: list[Mobject] = []
        for row, then in zip(old, new, strict=True):
            bar = row[1].copy()
            self.add(bar)
            gone.append(bar)
            moves += [
                Transform(bar, then[1]),
                FadeOut(row[2], rate_func=at_once),
                FadeIn(then[2], rate_func=at_last),
            ]
        dials = [
            FadeOut(self.dials[before], rate_func=squish_rate_func(linear, 0.4, 0.5)),
            FadeIn(self.dials[after], rate_func=squish_rate_func(linear, 0.5, 0.6)),
        ]
        says = self.heading.says(after, 0.5)
        self.move(*moves, *dials, *says, seconds=pace.slow)
        self.remove(*gone)
        self.add(new)
        self.rest(pace.slow)

    def _lay(self, lane: int) -> None:
        """The bars are laid end to end in their ribbon, beside those of the other temperatures."""
        pace, bars = self.style.pace, self.bars[lane]
        self.remove(*bars.get_family())
        moves: list[Animation] = []
        pieces: list[Mobject] = []
        for row, piece in zip(bars, self.ribbons[lane].pieces, strict=True):
            # a piece as large as the bar: it keeps its corners, and is upright on its way
            bar = piece.copy().stretch_to_fit_width(row[1].width).stretch_to_fit_height(row[1].height)
            self.add(bar.move_to(row[1]))
            pieces.append(bar)
            moves.append(Transform(bar, piece))
        # those of other temperatures lie there already: all of them at a time would cross
        others = [ribbon.pieces for number, ribbon in enumerate(self.ribbons) if number != lane]
        moves += [FadeIn(*others, rate_func=at_last)] if others else []
        words = [part for row in bars for part in (row[0], row[2])]
        gone = FadeOut(*words, self.dials[lane], rate_func=at_once)
        self.move(*moves, gone, FadeIn(*self.heats, rate_func=at_last), seconds=pace.slow)
        self.remove(*pieces)
        for ribbon in self.ribbons:
            self.add(ribbon.pieces)
        names = [ribbon.names for ribbon in self.ribbons if len(ribbon.names)]
        if names:
            self.move(FadeIn(*names, rate_func=at_once), seconds=pace.move)

    def _draw(self) -> None:
        """The same number falls on each ribbon, and the token that lies there lights up and moves down."""
        pace, style = self.style.pace, self.style
        pins = [ribbon.pin for ribbon in self.ribbons]
        fall = style.px(_DROP) * DOWN
        falls = [FadeIn(pin, shift=fall) for pin in pins]
        self.move(*falls, *map(FadeIn, self.same), *self.heading.says(-2), seconds=pace.move)
        for ribbon in self.ribbons:
            self.add(ribbon.drawn, ribbon.names, ribbon.pin)
        lit = FadeIn(*(ribbon.drawn for ribbon in self.ribbons), *self.said, rate_func=at_once)
        self.move(lit, seconds=pace.quick)
        self.rest(pace.rest)
        self.move(*map(self._out, range(len(self.texts))), seconds=pace.move)

    def _write(self) -> None:
        """The others follow, each drawn in its turn."""
        longest = max(len(text.visible) for text in self.texts)
        done = 1
        for count, seconds in self.stream(longest - 1, self.style.pace.quick, 1.2, least=0.2):
            steps = range(done, done + count)
            # without a flight: each is drawn from a distribution of its own, not from this ribbon
            shown = [text.visible[step] for text in self.texts for step in steps if step < len(text.visible)]
            done += count
            # in the last move they fade: the loop's last frame is then as fine as its first
            fade = at_once if done < longest else smooth
            self.move(FadeIn(*shown, rate_func=fade), *self.heading.says(-1), seconds=seconds)
        if longest == 1:
            self.move(*self.heading.says(-1), seconds=self.style.pace.quick)

    def _out(self, number: int) -> Animation:
        """The first token's way from its lane's ribbon, straight down and then to its place in the text."""
        chip, ribbon = self.texts[number].visible[0], self.ribbons[number]
        place = chip.get_center()
        below = np.array([ribbon.drawn.get_x(), place[1], 0])
        chip.move_to(ribbon.drawn)
        self.add(chip)
        return Flight(chip, [below, place], self.style)

    def _middle(self, number: int) -> float:
        """How many pixels from the top the middle of a lane's ribbon is."""
        first, pitch = self.places.lanes
        return first + pitch * number

    def _ribbon(self, number: int, lane: Lane) -> Ribbon:
        left, width, height = self.places.ribbon
        ribbon = Ribbon(
            lane.candidates,
            self.style,
            self.wording,
            width=width,
            height=height,
            drawn=lane.drawn,
            below=lane.below.number,
            share=lane.share,
            number=self.content.number,
        )
        return ribbon.shift(self.style.at(left, self._middle(number)))

    def _heat(self, number: int, lane: Lane) -> VGroup:
        """A lane's temperature and the word for it, left of its ribbon or above it."""
        style = self.style
        up, down = self.places.heat
        value = Label(self.wording.decimal(lane.temperature), _NUMBER, style.palette.text, weight="SEMIBOLD")
        word = Label(self._word(number), style.type.body, style.palette.muted)
        value.move_to(style.at(0, self._middle(number) - up)).align_to(style.at(style.margin, 0), LEFT)
        word.set_y(style.at(0, self._middle(number) - up + down)[1])
        if down:
            word.align_to(value, LEFT)
        else:
            word.next_to(value, RIGHT, buff=style.px(24)).align_to(value, DOWN)
        return VGroup(value, word)

    def _word(self, number: int) -> str:
        """The coldest is safe, the hottest wild, those between are lively."""
        w = self.wording
        if number == 0:
            return w("safe")
        return w("wild") if number == len(self.content.lanes) - 1 else w("lively")

    def _dial(self, number: int) -> VGroup:
        """The temperature, large, beside the bars or over them."""
        style, w = self.style, self.wording
        value = w.decimal(self.content.lanes[number].temperature)
        words = w("temperature · {word}", word=self._word(number))
        name = Label(words, style.type.body, style.palette.muted)
        large = Label(value, style.type.display, style.palette.text, weight="SEMIBOLD")
        dial = VGroup(name, large).arrange(DOWN, buff=style.px(10), aligned_edge=LEFT)
        return dial.align_to(style.at(style.margin, _DIAL), LEFT + UP)

    def _bars(self, lane: Lane) -> ProbabilityBars:
        """The distribution at a temperature: a bar for each candidate, one below the other."""
        left, first, pitch, full = self.places.bars
        bars = ProbabilityBars(
            lane.candidates, self.style, self.wording, full=full, pitch=pitch, thickness=_THICK, lit=False
        )
        return bars.shift(self.style.at(left, first))

    def _text(self, number: int, lane: Lane) -> TokenLines:
        """What was written at a temperature, in small letters' room: long tokens are cut."""
        style, (left, width, _) = self.style, self.places.ribbon
        snug = replace(style, chip_padding=10)
        for letters in range(_LONGEST, _SHORTEST - 1, -1):
            chips = [TokenChip(piece, snug, longest=letters).set_z_index(2) for piece in lane.tokens]
            text = TokenLines(chips, style, self.wording, width=width, lines=self.places.lines)
            if len(text.visible) == len(chips):
                break
        top = style.at(left, self._middle(number) + self.places.text)
        return text.shift(top - text.corner.get_center())

    def _same(self) -> VGroup:
        """Beside the first pin: what was thrown is the same in all lanes. Nothing where there is no room."""
        style, w = self.style, self.wording
        number = w.percent(self.content.number)
        head, gap = self.ribbons[0].pin[1], style.px(14)
        left = style.at(self.places.ribbon[0], 0)[0]
        if not self.places.heat[1]:  # the temperature stands over the ribbon
            left = self.heats[0].get_right()[0] + gap
        for words in (
            w("the same random throw for all: {number}", number=number),
            w("one throw for all: {number}", number=number),
            w("one throw: {number}", number=number),
        ):
            label = Label(words, style.type.small, style.palette.text)
            if label.next_to(head, RIGHT, buff=gap).get_right()[0] <= style.at(style.right, 0)[0]:
                return VGroup(label)
            if label.next_to(head, LEFT, buff=gap).get_left()[0] >= left:
                return VGroup(label)
        return VGroup()

    def _said(self, number: int, lane: Lane) -> VGroup:
        """Beside the pin: the token that is drawn, where its piece is too small for its name.

        Of the others together, none of which has a piece of its own, the words say that it is one.
        """
        style, ribbon = self.style, self.ribbons[number]
        if ribbon.named or (number == 0 and len(self.same)):
            return VGroup()
        text = TokenText(lane.tokens[0].shown, style, longest=_LONGEST)
        head, gap = ribbon.pin[1], style.px(14)
        more = Label(self.wording("one of all others"), style.type.small, style.palette.muted)
        both = VGroup(text, more.next_to(text, RIGHT, buff=style.px(20)).level_with(text))
        found = [both] if lane.candidates[lane.drawn].token is None else []
        for said in (*found, VGroup(text)):
            if said.next_to(head, RIGHT, buff=gap).get_right()[0] <= style.at(style.right, 0)[0]:
                return said
        return VGroup(text.next_to(head, LEFT, buff=gap))

"""Draws loop 08: every token flows through the whole stack; we listen only after the prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    PI,
    RIGHT,
    UP,
    Animation,
    Create,
    Group,
    Line,
    Mobject,
    Rectangle,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.attention import LEAST_DRAWN
from scenes.display_token import DisplayToken, spans
from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.beam import beam
from scenes.parts.flight import Flight, pale
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.token import TokenChip, names_of
from scenes.parts.tracks import shade_scale, shutter, slabs
from scenes.s08_tokens_transformer_blocks.content import _ANSWER, Content
from scenes.style import Point, Style
from scenes.vectors import evenly

_COLUMN, _PITCH, _FILLED = 44, 58, 0.76  # pixels: a column, from one without a label to the next; its part
_FEW, _BROAD, _APART = 8, 96, 240  # of so few tokens the columns are so wide, and at most so far apart
_HIDDEN, _SHARE = 24, 0.4  # the most columns without a label, and how much of the width they take
_LETTERS, _CUT, _SHORTEST = 9, 6, 3  # of a token's text: at most, rather than no label, at least
_UNHEARD = 6  # letters of a guess that does not count
_GAP, _WAY = 8, 52  # pixels between chips, at least; for the way of a token from output to input
_HALF = 0.5  # of its way: from where the last column looks back
_HIGH, _STEEP = 0.85, 0.6  # how high arches are, at most: of what is above them, of how far they reach
_DIM, _MARK = 0.5, 6  # how pale the columns are while the last token looks back; pixels of a mark
_TIP, _AXIS = 14, 22  # pixels left and right of the way up through the layers


@dataclass(frozen=True)
class _Places:
    """How many pixels from the top the rows stand; ``few`` tokens carry labels in any case."""

    chance: float
    output: float
    top: float
    floor: float
    input: float
    legend: float
    few: int


_WIDE = _Places(166, 228, 330, 822, 870, 960, few=7)
_TALL = _Places(232, 296, 400, 945, 995, 1092, few=4)


@dataclass(frozen=True)
class _Cell:
    """Tokens side by side under one chip, or under an ellipsis: their places and how far it all reaches."""

    places: Sequence[int]
    chip: VMobject
    left: float
    right: float


class TokensTransformerBlocks(LoopScene):
    """A column of layers per token: inputs below, outputs above, read from left to right."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, content = self.style, self.content
        self.places = _TALL if style.frame.is_tall else _WIDE
        self.snug: Style = replace(style, chip_padding=10)
        self.heading = Heading(self._sentences(), style, lines=2 if style.frame.is_tall else 1)
        self.broad = style.px(_BROAD if len(content.tokens) <= _FEW else _COLUMN)
        axis = self._axis()
        self.left = axis.get_right()[0] + style.px(_AXIS)
        for letters in range(_ANSWER, _SHORTEST - 1, -1):
            self.spoken = [self._spoken(piece, letters) for piece in content.answers]
            cells = self._cells()
            if self._width(cells) <= self._room:
                break
        self._set_columns(cells)
        self.guesses = self._guesses()
        self.beams = self._beams()
        self.answers = [self._answer(number) for number in range(len(self.spoken))]
        # what went in again is pale above
        self.heard = [
            VGroup(pale(chip, style), *others) if content.prompt_length + number in self.fed else answer
            for number, answer in enumerate(self.answers)
            for chip, *others in [answer]
        ]
        for place, fed in self.fed.items():
            fed.add(self._way_back(place, fed[0]))
        corner = self.credit(content.text_source)
        self.fixed = [self.heading, axis, self._legend(), corner, *self.given]
        return Group(*self.fixed, *self.columns.values(), *self.heard, *self.fed.values())

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        """The columns empty from the top down, after all that came later has gone."""
        columns = VGroup(*self.columns.values())
        later = [part for pair in zip_longest(self.heard, self.fed.values()) for part in pair if part]
        return [unwind(shutter(columns, self.style, opens=False), *later), *self.heading.says(0)]

    def story(self) -> None:
        pace, content = self.style.pace, self.content
        self.remove(*self.columns.values())
        last = content.prompt_length - 1
        with self.beat("the prompt flows through"):
            self.rest(pace.rest)
            self._read([place for place in self.columns if place < last])
            if self.guesses:
                self.rest(pace.slow)
            if not self._looked():
                self.move(self._through(last), seconds=pace.move)
        if self._looked():
            with self.beat("the last token looks back"):
                self._look_back()
        for number, answer in enumerate(self.answers):
            with self.beat(f"answer {number + 1}"):
                fed = last + 1 + number
                # of one token alone there is nothing to leave out
                words = self.heading.says(3 if self.guesses else 1) if number == 0 else []
                struck = self._come_out(answer, words)
                if fed in self.columns:
                    self._feed(fed, answer, self.heard[number][0], struck)
                    self.move(self._through(fed), *self.heading.says(4), seconds=pace.slow)
                elif struck:
                    self.move(FadeOut(*struck), seconds=pace.quick)
        if still := self.heading.says(4):
            self.move(*still, seconds=pace.quick)

    def _sentences(self) -> list[str]:
        """What the heading says. A text that was given is no guess of the model."""
        w, count = self.wording, self.content.layers
        all_layers = w.plural(
            "Every token climbs {count} layer", "Every token climbs all {count} layers", count
        )
        looks_back = w("The last one looks back at the others")
        again = bool(self.content.answers[1:])
        if self.content.text_source in ("model", "continued"):
            each = w("Each column guesses the next token")
            only = w("Only the last guess counts: it comes next")
            new, last = (
                w("The new last column writes the next token"),
                w("Only the last column writes the next token"),
            )
        else:
            each = w("Each column puts out a token")
            only = w("Only the last output counts: it comes next")
            new, last = (
                w("The new last column leads to the next token"),
                w("Only the last column leads to the next token"),
            )
        return [all_layers, each, looks_back, only, new if again else last]

    def _look_back(self) -> None:
        """Half-way up, the last column sends arches back over the pale others; then it climbs on."""
        pace, style, column = self.style.pace, self.style, self.columns[self.content.prompt_length - 1]
        if not len(self.beams):
            self.move(self._through(self.content.prompt_length - 1), seconds=pace.move)
            return
        veil = self._veil()
        self.add(column)
        first = shutter(column, style, opens=True, end=_HALF)
        self.move(first, FadeIn(veil), seconds=pace.move)
        chips = self._looked_at()
        lit = VGroup(*(self._lit(chip) for chip in chips))
        light = FadeIn(lit, rate_func=squish_rate_func(smooth, 0.7, 1))
        arches = [Create(each) for each in self.beams]
        self.move(*arches, light, *self.heading.says(2), seconds=pace.slow)
        self.remove(*chips)
        self.rest(pace.rest)
        cover = first.mobject
        assert isinstance(cover, Mobject)
        self.remove(cover)
        self.add(*chips)
        second = shutter(column, style, opens=True, start=_HALF)
        self.move(second, FadeOut(veil, self.beams, lit), seconds=pace.move)

    def _veil(self) -> VMobject:
        """The ground over the columns before the prompt's last, so that they are pale."""
        style, last = self.style, self.content.prompt_length - 1
        columns = VGroup(*(self.columns[place] for place in self.columns if place < last))
        veil = Rectangle(width=columns.width, height=columns.height, stroke_width=0)
        return veil.set_fill(style.palette.background, opacity=_DIM).move_to(columns)

    def _looked_at(self) -> list[TokenChip]:
        """The chips that the arches lead to."""
        landed = {round(float(each.get_end()[0]), 4) for each in self.beams}
        return [
            chip
            for chip in self.given
            if isinstance(chip, TokenChip) and any(self._stands_over(chip, x) for x in landed)
        ]

    def _lit(self, chip: TokenChip) -> TokenChip:
        """A chip in purple."""
        style, lit = self.style, chip.copy()
        lit.box.set_fill(style.palette.track_fill, opacity=1)
        lit.box.set_stroke(style.palette.track, width=style.stroke(_MARK))
        return lit

    @staticmethod
    def _stands_over(chip: VMobject, x: float) -> bool:
        """Whether the chip is under this place."""
        return bool(chip.get_left()[0] <= x <= chip.get_right()[0])

    def _read(self, places: Sequence[int]) -> None:
        """The columns fill one after the other, and a guess comes out above each."""
        done, pace = 0, self.style.pace
        up = UP * self.style.px(self.places.top - self.places.output)
        for count, seconds in [*self.stream(len(places), pace.move, 0.9), (0, pace.quick)]:
            out = [self.guesses[place] for place in places[:done] if place in self.guesses]
            looks = [self._through(place) for place in places[done : done + count]]
            looks += [FadeIn(chip, shift=up) for chip in out if chip not in self.mobjects]
            if not count and self.guesses:
                looks += self.heading.says(1)
            if looks:
                self.move(*looks, seconds=seconds)
            done += count

    def _guesses(self) -> dict[int, TokenChip]:
        """By their place, the guesses above the tokens before the prompt's last, where they have room."""
        last, gap, snug = self.content.prompt_length - 1, self.style.px(_GAP), self.snug
        low = self.style.at(self.style.margin, 0)[0]
        high = self.spoken[0].copy().set_x(self._x(last)).get_left()[0] - gap
        chips: dict[int, TokenChip] = {}
        for place in sorted((place for place in self.columns if place < last), reverse=True):
            chip = TokenChip(DisplayToken(self.content.unheard[place], "output"), snug, longest=_UNHEARD)
            chip.move_to(self.style.at(0, self.places.output)).set_x(self._x(place))
            if low <= chip.get_left()[0] and chip.get_right()[0] <= high:
                chips[place] = chip
                high = chip.get_left()[0] - gap
        return chips

    def _strike_out(self) -> tuple[VGroup, VGroup]:
        """All guesses are grey; they, and the lines that strike them out."""
        style, guesses = self.style, [*self.guesses.values()]
        ink, width = style.palette.muted, style.stroke(style.line)
        self.remove(*guesses)
        grey = VGroup(*(pale(chip, style) for chip in guesses))
        self.add(grey)
        return grey, VGroup(
            *(Line(chip.get_left(), chip.get_right(), color=ink, stroke_width=width) for chip in guesses)
        )

    def _through(self, place: int) -> Animation:
        """Layer after layer changes the token's vector."""
        self.add(self.columns[place])
        return shutter(self.columns[place], self.style, opens=True)

    def _come_out(self, answer: VGroup, words: Sequence[Animation]) -> Sequence[VGroup]:
        """The token leaves the top layer, the heading changes, and the guesses before it are struck out.

        Returns what is left of those.
        """
        pace, (chip, *others) = self.style.pace, answer
        rise = (chip.get_y() - self.style.at(0, self.places.top)[1]) * UP
        self.move(FadeIn(chip, shift=rise), *words, seconds=pace.move)
        struck = self._strike_out() if any(guess in self.mobjects for guess in self.guesses.values()) else ()
        lines = [Create(line) for line in struck[1]] if struck else []
        self.move(FadeIn(*others), *lines, seconds=pace.quick)
        if struck:
            self.rest(pace.rest)
        return struck

    def _feed(self, fed: int, answer: VGroup, left: VMobject, struck: Sequence[VGroup]) -> None:
        """The token that came out flies to the end of the input; what is left of it above is pale.

        The guesses that are struck out go.
        """
        chip, way = self.fed[fed]
        flying = chip.copy().move_to(answer[0])
        self.remove(answer[0])
        self.add(left, flying)
        home = chip.get_center()
        corner = np.array([home[0], flying.get_y(), 0])
        flight = Flight(flying, [corner, home], self.style)
        gone = [FadeOut(*struck, rate_func=squish_rate_func(smooth, 0, 0.4))] if struck else []
        self.move(flight, Create(way), *gone, seconds=self.style.pace.slow)
        self.remove(flying)
        self.add(chip, way)

    def _subject(self) -> Label | None:
        """How many layers the model has that the loop explains, where another was traced."""
        style, content = self.style, self.content
        if content.traced:
            return None
        text = self.wording.plural(
            "{name}: {count} such layer",
            "{name}: {count} such layers",
            content.subject_layers,
            name=content.subject,
        )
        return Label(text, style.type.small, style.palette.muted)

    def _axis(self) -> VGroup:
        """The way up through the layers, left of the columns, and beside it how many there are."""
        style, places = self.style, self.places
        count = round(self.content.layers.number)
        layers = self.wording.plural("{count} layer", "{count} layers", count)
        words = Label(layers, style.type.small, style.palette.muted).rotate(PI / 2)
        words.move_to(style.at(0, (places.floor + places.top) / 2)).align_to(style.at(style.margin, 0), LEFT)
        x = words.get_right()[0] * RIGHT + style.px(_TIP) * RIGHT
        low, high = (style.at(0, y) * UP for y in (places.floor, places.top))
        return VGroup(words, arrow.straight(x + low, x + high, style))

    def _legend(self) -> VGroup:
        """What the shade means, and how many layers the explained model has: beside it, or below."""
        style, w = self.style, self.wording
        scale, text, subject = shade_scale(style), w("stronger: changes the token more"), self._subject()
        beside = subject.width if subject and not style.frame.is_tall else 0
        room = (style.px(style.room) - scale.width - beside) / style.px(1) - 60
        legend = VGroup(
            scale,
            Paragraph(text, style, size=style.type.small, color=style.palette.muted, width=room, lines=2),
        )
        legend.arrange(RIGHT, buff=style.px(24))
        corner = style.at(style.margin, self.places.legend - 20)
        legend.align_to(corner, LEFT).align_to(corner, UP)
        if subject is None:
            return legend
        if style.frame.is_tall:
            subject.next_to(legend, DOWN, buff=style.px(16)).align_to(corner, LEFT)
        else:
            subject.align_to(style.at(style.right, 0), RIGHT).set_y(legend.get_y())
        return VGroup(*legend, subject)

    def _spoken(self, piece: DisplayToken, letters: int) -> VGroup:
        """A token that came out, in at most so many letters, and over it how likely the model found it."""
        style = self.style
        spoken = VGroup(TokenChip(piece, self.snug, longest=letters).move_to(style.at(0, self.places.output)))
        if piece.probability is not None:
            chance = self.wording.percent(piece.probability)
            label = Label(chance, style.type.small, style.palette.text)
            spoken.add(label.move_to(style.at(0, self.places.chance)))
        return spoken

    def _answer(self, number: int) -> VGroup:
        """A token that came out, over its column: its chip, its probability, and the arrow to it."""
        style, spoken = self.style, self.spoken[number]
        x = self._x(self.content.prompt_length - 1 + number)
        spoken.set_x(x)
        top = style.at(0, self.places.top)[1] + style.px(8)
        foot = spoken[0].get_bottom() + style.px(style.touch) * DOWN
        way = arrow.straight(np.array([x, top, 0]), foot, style, style.palette.output_edge)
        return VGroup(*spoken, way)

    def _looked(self) -> dict[int, float]:
        """The tokens that the last one of the prompt looks at, the first one left out, and how much."""
        if self.content.attention is None:
            return {}
        weights = enumerate(self.content.attention.numbers)
        return {place: weight for place, weight in weights if place and weight >= LEAST_DRAWN}

    def _beams(self) -> VGroup:
        """From the last prompt token back over the columns to those it looked at."""
        asker, places = self.content.prompt_length - 1, self.places
        x, floor = self._x(asker), self.style.at(0, places.floor)[1]
        half = (places.floor - places.top) * _HALF
        start = np.array([x, floor + self.style.px(half), 0])
        ends = {
            place: np.array([self._x(place), floor, 0])
            for place in self._looked()
            if place in self.columns and place not in self._folded
        }
        # the furthest reaches over the columns, the others lie under it
        furthest = max((start[0] - end[0] for end in ends.values()), default=1.0)
        highest = min(_HIGH * half, _STEEP * furthest / self.style.px(1))
        return VGroup(
            *(
                beam(start, end, highest * (start[0] - end[0]) / furthest, self._looked()[place], self.style)
                for place, end in ends.items()
            )
        )

    def _cells(self) -> list[_Cell]:
        """The columns' labels, all or the most important, and what stands for those between."""
        content, frame = self.content, self.style.frame
        # several template tokens in a row have one chip; the last token of the prompt has its own
        found = spans(content.tokens, content.prompt_length - 1)
        self._folded = {place for span in found if len(span) > 1 for place in span}
        names = names_of(found, self.wording)
        order, few = self._order(found), min(self.places.few, len(found))
        choices = [(many, _LETTERS) for many in range(min(len(found), 2 * frame.columns), few - 1, -1)]
        if len(found) <= frame.columns:
            choices = [(len(found), letters) for letters in range(_LETTERS, _CUT - 1, -1)] + choices
        choices += [(few, letters) for letters in range(_LETTERS - 1, _SHORTEST - 1, -1)]
        # the names of a template's tokens are not cut
        fewer = range(few - 1, 1, -1)
        choices += [(many, letters) for many in fewer for letters in range(_LETTERS, _SHORTEST - 1, -1)]
        for many, letters in choices:
            cells = list(self._row(found, sorted(order[:many]), letters, names))
            if self._width(cells) <= self._room:
                break
        return cells

    def _order(self, found: Sequence[range]) -> list[int]:
        """The spans by how much their labels matter: what the story is about, then the last ones."""
        last = self.content.prompt_length - 1
        looked = self._looked()
        strongest = sorted(looked, key=lambda place: looked[place], reverse=True)[:2]
        first = [last, *range(last + 1, len(self.content.tokens)), *strongest, 0]
        spots = [next(spot for spot, span in enumerate(found) if place in span) for place in first]
        return list(dict.fromkeys([*spots, *range(len(found) - 1, -1, -1)]))

    def _row(
        self, found: Sequence[range], shown: Sequence[int], letters: int, names: Mapping[int, str]
    ) -> Iterator[_Cell]:
        """The cells of the spans, those of the ``shown`` under their chips."""
        hidden = sum(len(span) for spot, span in enumerate(found) if spot not in shown)
        part = min(1.0, _HIDDEN / max(1, hidden))
        self._pitch = min(self.style.px(_PITCH), _SHARE * self._room / max(1, hidden * part))
        for labelled, spots in groupby(range(len(found)), lambda spot: spot in shown):
            if labelled:
                for spot in spots:
                    piece = self.content.tokens[found[spot].start]
                    last = found[spot][0] == self.content.prompt_length - 1
                    chip = TokenChip(piece, self.snug, followed=last, longest=letters, name=names.get(spot))
                    yield self._labelled(found[spot], chip)
                continue
            run = [place for spot in spots for place in found[spot]]
            drawn = [run[i] for i in evenly(len(run), max(1, round(len(run) * part)))]
            half = max(len(drawn) * self._pitch, self.style.px(60)) / 2
            yield _Cell(drawn, self._between(len(run), 2 * half), half, half)

    def _labelled(self, span: range, chip: TokenChip) -> _Cell:
        """The cell of tokens with a label; where an answer stands above it, that has room too."""
        left = right = max(chip.width, self.broad if len(span) == 1 else 0) / 2
        answer = span[-1] - (self.content.prompt_length - 1)
        if 0 <= answer < len(self.spoken):
            half = max(part.width for part in self.spoken[answer]) / 2
            # right of its chip is the way of what came out, down to the input
            right = max(half, right + self.style.px(_WAY if answer + 1 < len(self.spoken) else 0))
            left = max(left, half if answer or span[-1] == 0 else 0)
        return _Cell([span[i] for i in evenly(len(span), _HIDDEN)], chip, left, right)

    def _between(self, count: int, width: float) -> Label:
        """What stands for the chips of so many columns."""
        style, w, ink = self.style, self.wording, self.style.palette.muted
        text = Label(w.plural("… {count} token …", "… {count} tokens …", count), style.type.small, ink)
        return text if text.width <= width else Label("…", style.type.heading, ink)

    @property
    def _room(self) -> float:
        return float(self.style.at(self.style.right, 0)[0] - self.left)

    def _width(self, cells: Sequence[_Cell]) -> float:
        """How wide the cells are, with the least gaps between them."""
        return sum(cell.left + cell.right for cell in cells) + (len(cells) - 1) * self.style.px(_GAP)

    def _set_columns(self, cells: Sequence[_Cell]) -> None:
        """Set the columns, all of one width, and the chips under them, over the whole width."""
        style, content = self.style, self.content
        pitches = {id(cell): self._pitch_of(cell) for cell in cells}
        width = min(
            self.broad,
            *(pitches[id(cell)] * (_FILLED if len(cell.places) > 1 else 1) for cell in cells),
        )
        # a few columns stay near each other
        gap = min(
            style.px(_APART if len(content.tokens) <= _FEW else 90),
            (self._room - self._width(cells)) / max(1, len(cells) - 1),
        ) + style.px(_GAP)
        self.columns: dict[int, VGroup] = {}
        self.given: list[VMobject] = []
        self.fed: dict[int, VGroup] = {}
        x = self.left
        for cell in cells:
            x += cell.left
            cell.chip.move_to(style.at(0, self.places.input)).set_x(x)
            for number, place in enumerate(cell.places):
                middle = x + (number - (len(cell.places) - 1) / 2) * pitches[id(cell)]
                self.columns[place] = self._column(place, width, middle)
            if cell.places[0] < content.prompt_length:
                self.given.append(cell.chip)
            else:
                self.fed[cell.places[0]] = VGroup(cell.chip)
            x += cell.right + gap

    def _pitch_of(self, cell: _Cell) -> float:
        """From one of the cell's columns to the next."""
        if not isinstance(cell.chip, TokenChip):
            return self._pitch
        wide = (
            max(cell.chip.width, self.broad) if len(cell.places) == 1 else cell.chip.width / len(cell.places)
        )
        return float(max(wide, 1e-3))

    def _column(self, place: int, width: float, x: float) -> VGroup:
        style, places = self.style, self.places
        height = style.px(places.floor - places.top)
        column = slabs(self.content.updates[place], style, width=width, height=height)
        return column.align_to(style.at(0, places.floor), DOWN).set_x(x)

    def _x(self, place: int) -> float:
        """The middle of a column."""
        return float(self.columns[place].get_x())

    def _way_back(self, place: int, chip: VMobject) -> VGroup:
        """The way of a token that came out, down to the end of the input."""
        style, px = self.style, self.style.px
        number = place - self.content.prompt_length
        above = self.spoken[number][0]
        before = self.given[-1] if number == 0 else self.fed[place - 1][0]
        down = before.get_right()[0] + px(_WAY / 2)
        start = np.array([down, above.get_bottom()[1] - px(style.arrow_gap_small), 0])
        if down > above.get_right()[0] - px(style.chip_radius):
            start = above.get_right() + px(style.arrow_gap_small) * RIGHT
            down = max(down, start[0] + px(_WAY / 4))
        corners: list[Point] = [
            start,
            *([np.array([down, start[1], 0])] if down > start[0] else []),
            np.array([down, chip.get_y(), 0]),
            chip.get_left() + px(style.touch) * LEFT,
        ]
        return arrow.bent(corners, style, style.palette.output_edge)

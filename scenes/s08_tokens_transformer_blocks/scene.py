"""Draws loop 08: every token flows through the whole stack; we listen only after the prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise, zip_longest
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Create,
    Group,
    Mobject,
    Rectangle,
    SurroundingRectangle,
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
from scenes.parts.dropped import dropped
from scenes.parts.flight import Flight, pale
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.title import title
from scenes.parts.token import TokenChip, names_of
from scenes.parts.tracks import shade_scale, shutter, slabs
from scenes.s08_tokens_transformer_blocks.content import _ANSWER, Content
from scenes.style import Point, Style
from scenes.vectors import evenly

_COLUMN, _PITCH, _FILLED = 44, 58, 0.76  # pixels: a column, from one without a label to the next; its part
_FEW, _BROAD, _APART = 8, 96, 240  # of so few tokens the columns are so wide, and at most so far apart
_HIDDEN, _SHARE = 24, 0.4  # the most columns without a label, and how much of the width they take
_LETTERS, _CUT, _SHORTEST = 9, 6, 3  # of a token's text: at most, rather than no label, at least
_UNHEARD = 6  # letters of an output that is ignored
_GAP, _WAY = 8, 52  # pixels between chips, at least; for the way of a token from output to input
_HIGH, _STEEP = 0.93, 0.75  # how high arches are, at most: of the columns, of how far they reach
_DIM, _MARK = 0.75, 6  # how pale the columns are while the last token looks back; pixels of a mark
_BESIDE = 56  # pixels between the word for what is ignored and the answer's probability
_TIP, _AXIS = 14, 22  # pixels left and right of the way up through the layers


@dataclass(frozen=True)
class _Places:
    """How many pixels from the top the rows stand; ``few`` tokens carry labels in any case."""

    subject: float
    chance: float
    output: float
    layers: float
    top: float
    floor: float
    input: float
    legend: float
    few: int


_WIDE = _Places(86, 166, 228, 296, 330, 822, 870, 960, few=7)
_TALL = _Places(142, 232, 296, 366, 400, 980, 1030, 1130, few=4)


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
        style, w, content = self.style, self.wording, self.content
        self.places = _TALL if style.frame.is_tall else _WIDE
        self.snug: Style = replace(style, chip_padding=10)
        subject = self._subject()
        beside = 0 if style.frame.is_tall else sum(label.width for label in subject) / style.px(1) + 60
        heading = title(w("Every token goes through all layers"), style, width=style.room - beside)
        self.broad = style.px(_BROAD if len(content.tokens) <= _FEW else _COLUMN)
        axis = self._axis()
        count = round(content.layers.number)
        layers = w.plural("{count} layer", "{count} layers", count)
        self.layers = Label(layers, style.type.small, style.palette.muted)
        self.layers.move_to(style.at(0, self.places.layers)).align_to(style.at(style.margin, 0), LEFT)
        self.left = axis.get_right()[0] + style.px(_AXIS)
        for letters in range(_ANSWER, _SHORTEST - 1, -1):
            self.spoken = [self._spoken(piece, letters) for piece in content.answers]
            cells = self._cells()
            if self._width(cells) <= self._room:
                break
        self._set_columns(cells)
        self.ignored = self._ignored()
        self.dropped = self._dropped()
        self.beams = self._beams()
        self.answers = [self._answer(number) for number in range(len(self.spoken))]
        for place, fed in self.fed.items():
            fed.add(self._way_back(place, fed[0]))
        corner = self.credit(content.text_source)
        self.told = self._told()
        self.fixed = [heading, *subject, axis, self.layers, self._legend(), corner, *self.given]
        return Group(*self.fixed, *self.columns.values(), self.dropped, *self.answers, *self.fed.values())

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        """The columns empty from the top down, after all that came later has gone."""
        columns = VGroup(*self.columns.values())
        later = [part for pair in zip_longest(self.answers, self.fed.values()) for part in pair if part]
        return [unwind(shutter(columns, self.style, opens=False), self.dropped, *later)]

    def story(self) -> None:
        pace, content = self.style.pace, self.content
        self.remove(*self.columns.values())
        with self.beat("the prompt flows through"):
            self._read([place for place in self.columns if place < content.prompt_length])
            self.rest(pace.rest)
        if self._looked():
            with self.beat("the last token looks back"):
                self._look_back()
        for number, answer in enumerate(self.answers):
            with self.beat(f"answer {number + 1}"):
                self._come_out(answer)
                fed = content.prompt_length + number
                if fed in self.columns:
                    self.rest(pace.rest)
                    self._feed(fed, answer)
                    self.move(self._through(fed), seconds=pace.move)

    def _look_back(self) -> None:
        """The columns dim, arches reach back, the tokens they land on are marked, and a line says it.

        Then the arches are gone: what comes next is about the columns.
        """
        pace = self.style.pace
        if not len(self.beams):
            self.rest(pace.rest)
            return
        veil = self._veil()
        self.add(veil)
        self.remove(self.dropped)
        self.move(FadeIn(veil, self.told), seconds=pace.quick)
        marks = FadeIn(self.marks, rate_func=squish_rate_func(smooth, 0.7, 1))
        self.move(*(Create(each) for each in self.beams), marks, seconds=pace.slow)
        self.rest(pace.rest)
        self.move(FadeOut(veil, self.beams, self.marks, self.told), FadeIn(self.dropped), seconds=pace.quick)

    def _veil(self) -> VMobject:
        """The ground over the prompt's columns, so that they are pale."""
        style = self.style
        columns = VGroup(
            *(self.columns[place] for place in self.columns if place < self.content.prompt_length)
        )
        veil = Rectangle(width=columns.width, height=columns.height, stroke_width=0)
        return veil.set_fill(style.palette.background, opacity=_DIM).move_to(columns)

    def _told(self) -> Paragraph:
        """The line that says what the arches are, where the ignored outputs are named before."""
        style, w = self.style, self.wording
        text = w("the last token looks back at the marked ones")
        told = Paragraph(
            text, style, size=style.type.body, color=style.palette.text, weight="SEMIBOLD",
            width=style.room, lines=1,
        )  # fmt: skip
        told.move_to(style.at(0, self.places.output)).align_to(style.at(style.margin, 0), LEFT)
        landed = {round(float(each.get_end()[0]), 4) for each in self.beams}
        self.marks = VGroup(
            *(
                SurroundingRectangle(
                    chip, buff=style.px(5), corner_radius=style.px(style.chip_radius),
                    color=style.palette.track, stroke_width=style.stroke(_MARK),
                )
                for chip in self.given
                if isinstance(chip, TokenChip) and any(self._stands_over(chip, x) for x in landed)
            )
        )  # fmt: skip
        return told

    @staticmethod
    def _stands_over(chip: VMobject, x: float) -> bool:
        """Whether the chip is under this place."""
        return bool(chip.get_left()[0] <= x <= chip.get_right()[0])

    def _read(self, places: Sequence[int]) -> None:
        """The prompt's columns fill one after the other; what comes out above them is pale, and is left."""
        out: list[VMobject] = []
        done = 0
        up = UP * self.style.px(self.places.top - self.places.output)
        stay = self.ignored[0] in self.dropped if self.ignored else False
        for count, seconds in self.stream(len(places), self.style.pace.move, 2.2):
            new = places[done : done + count]
            gone = [] if stay else out
            out = [self.ignored[place] for place in places[max(0, done - 1) : done] if place in self.ignored]
            self.move(
                *(self._through(place) for place in new),
                *(FadeIn(chip, shift=up) for chip in out),
                *(FadeOut(chip, shift=up / 2) for chip in gone),
                seconds=seconds,
            )
            done += count
        leaving = [] if stay else [FadeOut(chip, shift=up / 2) for chip in out]
        rest = [part for part in self.dropped if part not in self.mobjects]
        if leaving or rest:
            self.move(*leaving, *(FadeIn(part) for part in rest), seconds=self.style.pace.quick)
        self.remove(*self.dropped)
        self.add(self.dropped)

    def _ignored(self) -> dict[int, VMobject]:
        """By their place, what comes out above the tokens of the prompt, and nobody listens to."""
        chips: dict[int, VMobject] = {}
        for place in self.columns:
            if place < self.content.prompt_length - 1:
                piece = DisplayToken(self.content.unheard[place], "output")
                chip = TokenChip(piece, self.snug, longest=_UNHEARD)
                chip.move_to(self.style.at(0, self.places.output)).set_x(self._x(place))
                chips[place] = pale(chip, self.style)
        return chips

    def _through(self, place: int) -> Animation:
        """Layer after layer changes the token's vector."""
        self.add(self.columns[place])
        return shutter(self.columns[place], self.style, opens=True)

    def _come_out(self, answer: VGroup) -> None:
        """The token leaves the top layer."""
        chip, *others = answer
        rise = (chip.get_y() - self.style.at(0, self.places.top)[1]) * UP
        self.move(FadeIn(chip, shift=rise), seconds=self.style.pace.move)
        self.move(FadeIn(*others), seconds=self.style.pace.quick)

    def _feed(self, fed: int, answer: VGroup) -> None:
        """The token that came out flies to the end of the input."""
        chip, way = self.fed[fed]
        flying = chip.copy().move_to(answer[0])
        self.remove(answer[0])
        left = pale(answer[0], self.style)
        self.add(left, flying)
        home = chip.get_center()
        corner = np.array([home[0], flying.get_y(), 0])
        self.move(Flight(flying, [corner, home], self.style), Create(way), seconds=self.style.pace.slow)
        self.remove(flying, left)
        self.add(answer[0], chip, way)

    def _subject(self) -> list[Label]:
        """How many layers the model has that the loop explains, where another was traced."""
        style, content = self.style, self.content
        if content.traced:
            return []
        text = self.wording.plural(
            "{name}: {count} such layer",
            "{name}: {count} such layers",
            content.subject_layers,
            name=content.subject,
        )
        label = Label(text, style.type.small, style.palette.muted)
        label.set_y(style.at(0, self.places.subject)[1])
        if style.frame.is_tall:
            return [label.align_to(style.at(style.margin, 0), LEFT)]
        return [label.align_to(style.at(style.right, 0), RIGHT)]

    def _axis(self) -> VMobject:
        """The way up through the layers, left of the columns."""
        style, places = self.style, self.places
        x = style.margin + _TIP
        return arrow.straight(style.at(x, places.floor), style.at(x, places.top), style)

    def _legend(self) -> VGroup:
        """What the shade means."""
        style, w = self.style, self.wording
        legend, text = VGroup(shade_scale(style)), w("how much a layer changes the token")
        room = (style.px(style.room) - legend.width) / style.px(1) - 24
        legend.add(
            Paragraph(text, style, size=style.type.small, color=style.palette.muted, width=room, lines=2)
        )
        legend.arrange(RIGHT, buff=style.px(24))
        corner = style.at(style.margin, self.places.legend - 20)
        return legend.align_to(corner, LEFT).align_to(corner, UP)

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

    def _dropped(self) -> VGroup:
        """What comes out before the prompt's end."""
        style, w, last = self.style, self.wording, self.content.prompt_length - 1
        columns = [self._x(place) for place in self.columns if place < last]
        y = style.at(0, self.places.output)[1]
        words = (w("ignored: we listen only to the last"), w("ignored until the prompt ends"), w("ignored"))
        kept = self._kept(words)
        if kept is not None:
            return kept
        found = [dropped(columns, y, word, style) for word in words]
        # the first for which there is room
        return next((each for each in found if len(each) and isinstance(each[-1], Label)), found[-1])

    def _kept(self, words: Sequence[str]) -> VGroup | None:
        """All that comes out before, each over its column, and the first of the words that has room above.

        None where they would stand on each other, on the answer, or on the word at the left.
        """
        style, gap = self.style, self.style.px(_GAP)
        chips = [self.ignored[place] for place in sorted(self.ignored)]
        if not chips or len(chips) < self.content.prompt_length - 1:
            return None
        answer = self.spoken[0].copy().set_x(self._x(self.content.prompt_length - 1))
        if any(left.get_right()[0] + gap > right.get_left()[0] for left, right in pairwise([*chips, answer])):
            return None
        low, high = style.at(style.margin, 0)[0], answer.get_left()[0] - style.px(_BESIDE)
        for word in words:
            label = Label(word, style.type.small, style.palette.muted)
            label.set_y(style.at(0, self.places.chance)[1]).set_x(VGroup(*chips).get_x())
            label.shift(min(0, high - label.get_right()[0]) * RIGHT)
            label.shift(max(0, low - label.get_left()[0]) * RIGHT)
            if label.get_right()[0] <= high and chips[0].get_left()[0] >= low:
                return VGroup(*chips, label)
        return None

    def _looked(self) -> dict[int, float]:
        """The tokens that the last one of the prompt looks at, the first one left out, and how much."""
        if self.content.attention is None:
            return {}
        weights = enumerate(self.content.attention.numbers)
        return {place: weight for place, weight in weights if place and weight >= LEAST_DRAWN}

    def _beams(self) -> VGroup:
        """From the last prompt token back over the columns to those it looked at."""
        asker, places = self.content.prompt_length - 1, self.places
        start = np.array([self._x(asker), self.style.at(0, places.floor)[1], 0])
        ends = {
            place: np.array([self._x(place), start[1], 0])
            for place in self._looked()
            if place in self.columns and place not in self._folded
        }
        # the furthest reaches over the columns, the others lie under it
        furthest = max((start[0] - end[0] for end in ends.values()), default=1.0)
        highest = min(_HIGH * (places.floor - places.top), _STEEP * furthest / self.style.px(1))
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
            # the first column's answer stands beside the word on the layers
            beside = self.layers.get_right()[0] + self.style.px(24) - self.left
            left = max(left, half if answer else beside if span[-1] == 0 else 0)
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

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
    Mobject,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.attention import LEAST_DRAWN
from scenes.display_token import DisplayToken, spans
from scenes.fade import FadeIn, at
from scenes.loop import LoopScene, unwind
from scenes.marks import show
from scenes.parts import arrow
from scenes.parts.beam import beam
from scenes.parts.flight import Flight, pale
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.layer_column import LayerColumn
from scenes.parts.paragraph import Paragraph
from scenes.parts.token import TokenChip, names_of
from scenes.s08_tokens_transformer_blocks.content import _ANSWER, Content
from scenes.style import Point, Style
from scenes.vectors import evenly

_COLUMN, _PITCH, _FILLED = 44, 58, 0.76  # pixels: a column, from one without a label to the next; its part
_FEW, _APART = 8, 330  # so few tokens have broad columns, which are at most so far apart
_LETTERS, _CUT = 9, 6  # of a token's text: at most, rather than no label
_LEAST, _SHORTEST = 5, 3  # of it, rather than no label where few are left; at least
_LARGE, _CHIP = 52, 84  # pixels: letters, where all words have room in them, and their chips
_SMALL, _LOW = 41, 62  # the same of guesses that do not count
_UNHEARD = 7  # letters of such a guess
_GAP, _WAY = 8, 60  # pixels between chips, at least; for the way of a token from output to input
_THIRD = 0.55  # seconds in which the last token climbs a third of the layers
_CLIMB = 0.7  # of the time of a token before that: it goes up; in the rest its guess comes out
_LINK = 10  # pixels between columns, at least, that a link from a guess down to the next token takes
_TIPPED = 34  # pixels before the token, at least, where the link has a tip
_TIP, _AXIS = 14, 26  # pixels left and right of the way up through the layers
_UNDER, _BESIDE, _WIDEST = (
    6,
    40,
    34,
)  # pixels from a word to its arches, from those to what they mean; an arch


@dataclass(frozen=True)
class _Places:
    """How many pixels below the heading and from the top the rows stand, and where the arches end.

    ``broad`` is the width of few columns; about ``few`` tokens carry labels in any case; at most
    so many of the ``hidden`` are drawn, in such a ``share`` of the width.
    """

    chance: float
    output: float
    top: float
    floor: float
    input: float
    arches: float
    broad: float
    few: int
    hidden: int
    share: float

    def below(self, head: float) -> _Places:
        """The rows of what comes out, below a heading that ends there; all from the top."""
        return replace(self, chance=head + self.chance, output=head + self.output, top=head + self.top)


_WIDE = _Places(46, 112, 210, 740, 796, 978, 150, few=7, hidden=24, share=0.4)
_TALL = _Places(66, 132, 236, 946, 1002, 1190, 112, few=4, hidden=12, share=0.3)


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
        self.heading = Heading(self._sentences(), style, lines=2 if style.frame.is_tall else 1)
        self.places = (_TALL if style.frame.is_tall else _WIDE).below(self._from_top(self.heading.bottom))
        self.broad = style.px(self.places.broad if len(content.tokens) <= _FEW else _COLUMN)
        axis = self._axis()
        self.left = axis.get_right()[0] + style.px(_AXIS)
        cells = self._fitting()
        self._set_columns(cells, axis)
        self.guesses = self._guesses()
        self.passed = VGroup(*(pale(chip, style) for chip in self.guesses.values()))
        self.arches = self._arches()
        self.answers = [self._answer(number) for number in range(len(self.spoken))]
        # what went in again is pale above
        self.heard = [
            VGroup(pale(chip, style), *others) if content.prompt_length + number in self.fed else answer
            for number, answer in enumerate(self.answers)
            for chip, *others in [answer]
        ]
        for place, fed in self.fed.items():
            fed.add(self._way_back(place, fed[0]))
        read = [column for place, column in self.columns.items() if place < content.prompt_length]
        self.grown = [column for place, column in self.columns.items() if place >= content.prompt_length]
        corner = self.credit(content.text_source)
        self.fixed = [self.heading, axis, corner, *self.given, *read]
        later = [self.passed, self.arches, *self.heard, *self.fed.values(), *self.grown]
        return Group(*self.fixed, *later)

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        """All that came later goes; then the columns go dark, from the top down."""
        read = VGroup(*(part for part in self.fixed if isinstance(part, LayerColumn)))

        def sink(mobject: Mobject, alpha: float) -> None:
            for column in mobject:
                column.reach(1 - alpha)

        grown = [part for three in zip_longest(self.heard, self.fed.values(), self.grown) for part in three]
        later = [part for part in (*grown, self.passed, self.arches) if part]
        return [unwind(UpdateFromAlphaFunc(read, sink), VGroup(*later)), *self.heading.says(0)]

    def story(self) -> None:
        pace, content = self.style.pace, self.content
        last = content.prompt_length - 1
        for column in self.grown:
            column.reach(0)
        with self.beat("the prompt flows through"):
            self.rest(pace.rest)
            self._read([place for place in self.columns if place < last])
            if self.guesses:
                self.rest(pace.rest)
                self._pass_over()
            if not self._looked():
                self.move(self.columns[last].climb(), seconds=pace.slow)
        if self._looked():
            with self.beat("the last token looks back"):
                self._look_back(self.columns[last])
        for number, answer in enumerate(self.answers):
            with self.beat(f"answer {number + 1}"):
                fed = last + 1 + number
                # of one token alone there is nothing to leave out
                words = self.heading.says(4 if self.guesses else 1) if number == 0 else []
                self._come_out(answer, words)
                if number == 0:
                    self.rest(pace.rest)
                if fed in self.columns:
                    self._feed(fed, answer, self.heard[number][0])
                    self.move(self.columns[fed].climb(), *self.heading.says(5), seconds=pace.slow)
        if still := self.heading.says(5):
            self.move(*still, seconds=pace.quick)

    def _sentences(self) -> list[str]:
        """What the heading says. A text that was given is no guess of the model."""
        w, content = self.wording, self.content
        climbs = w.plural(
            "Every token climbs {count} layer", "Every token climbs all {count} layers", content.layers
        )
        if not content.traced:
            climbs = w.plural(
                "Every token climbs {count} layer ({name}: {layers})",
                "Every token climbs {count} layers ({name}: {layers})",
                content.layers,
                name=content.subject,
                layers=w.integer(content.subject_layers),
            )
        known = w("The text already has its next token")
        looks_back = w("The last column looks back as it climbs")
        again = bool(content.answers[1:])
        if content.text_source in ("model", "continued"):
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
        return [climbs, each, known, looks_back, only, new if again else last]

    def _look_back(self, column: LayerColumn) -> None:
        """While the last token climbs, arches go from it back to the words before."""
        pace = self.style.pace
        if not len(self.arches):
            self.move(column.climb(), seconds=pace.slow)
            return
        arches, meaning = self.arches
        grow = [Create(each) for each in arches]
        said = [FadeIn(each, rate_func=at(0.9)) for each in meaning]
        ends = (1 / 3, 2 / 3)
        self.move(column.climb(0, ends[0]), *self.heading.says(3), seconds=_THIRD)
        self.move(column.climb(*ends), *grow, *said, seconds=_THIRD)
        self.move(column.climb(ends[1], 1), seconds=_THIRD)

    def _read(self, places: Sequence[int]) -> None:
        """The columns light up one after the other, and a guess comes out above each."""
        done, pace = 0, self.style.pace
        up = UP * self.style.px(self.places.top - self.places.output)
        for count, seconds in self.stream(len(places), pace.rest, pace.rest):
            here = places[done : done + count]
            out = [self.guesses[place] for place in here if place in self.guesses]
            looks = [self.columns[place].climb(share=_CLIMB) for place in here]
            looks += [FadeIn(chip, shift=up, rate_func=squish_rate_func(smooth, _CLIMB, 1)) for chip in out]
            if done:
                looks += self.heading.says(1 if self.guesses else 0)
            self.move(*looks, seconds=seconds)
            done += count
        if self.guesses and (words := self.heading.says(1)):
            self.move(*words, seconds=pace.quick)

    def _pass_over(self) -> None:
        """The guesses before the last turn grey: the token that follows is there, below."""
        pace, places = self.style.pace, list(self.guesses)
        done, ways = 0, VGroup()
        shown: dict[VMobject, VMobject] = {}
        for count, seconds in self.stream(len(places), 0.4, 0.4, least=0.2):
            here = range(done, done + count)
            self.remove(*(self.guesses[places[number]] for number in here))
            self.add(*(self.passed[number] for number in here))
            links = [link for number in here for link in self._link(places[number])]
            real = {under: lit for number in here for under, lit in self._real(places[number]).items()}
            self.remove(*real)
            self.add(*real.values())
            shown.update(real)
            ways.add(*links)
            looks = [*(Create(each) for each in links), *self.heading.says(2)]
            if looks:
                self.move(*looks, seconds=seconds)
            done += count
        self.rest(pace.rest)
        self.remove(*ways, *shown.values())
        self.add(*shown)

    def _real(self, place: int) -> dict[VMobject, VMobject]:
        """The token that really follows in the text, and it lit: in the colour of the correct word."""
        palette, chip = self.style.palette, self.under.get(place + 1)
        if not isinstance(chip, TokenChip) or place + 1 in self._folded:
            return {}
        lit = chip.copy()
        lit.box.set_fill(palette.label_fill).set_stroke(palette.label_edge)
        return {chip: lit}

    def _link(self, place: int) -> list[VMobject]:
        """The way from a guess down to the token that really follows, between their columns."""
        style, px, chip = self.style, self.style.px, self.under.get(place + 1)
        guess, columns = self.guesses[place], self.columns
        if not isinstance(chip, TokenChip) or place + 1 in self._folded or place + 1 not in columns:
            return []
        left = max(float(part.get_right()[0]) for part in (columns[place], self.under[place]))
        right = float(chip.get_left()[0])
        if columns[place + 1].get_left()[0] - left < px(_LINK) or right - left < px(style.line):
            return []
        x, touch, ink = (left + right) / 2, px(style.touch), style.palette.label_edge
        start = guess.get_right() + touch * RIGHT
        corners = [start, np.array([x, start[1], 0])]
        if start[0] > x - touch:
            beside = x > guess.get_right()[0]
            corners = [np.array([x, guess.get_y() if beside else guess.get_bottom()[1] - touch, 0])]
        corners.append(np.array([x, chip.get_y(), 0]))
        end = chip.get_left()
        if right - x < px(_TIPPED):
            return [arrow.route([*corners, end], style, ink)]
        return [arrow.bent([*corners, end + touch * LEFT], style, ink)]

    def _guesses(self) -> dict[int, TokenChip]:
        """By their place, the guesses above the tokens before the prompt's last, where they have room."""
        last, gap = self.content.prompt_length - 1, self.style.px(_GAP)
        small = _of_size(self.style, _SMALL, _LOW)
        low = self.style.at(self.style.margin, 0)[0]
        high = self.spoken[0].copy().set_x(self._x(last)).get_left()[0] - gap
        chips: dict[int, TokenChip] = {}
        for place in sorted((place for place in self.columns if place < last), reverse=True):
            chip = TokenChip(DisplayToken(self.content.unheard[place], "output"), small, longest=_UNHEARD)
            chip.move_to(self.style.at(0, self.places.output)).set_x(self._x(place))
            if low <= chip.get_left()[0] and chip.get_right()[0] <= high:
                chips[place] = chip
                high = chip.get_left()[0] - gap
        return dict(sorted(chips.items()))

    def _come_out(self, answer: VGroup, words: Sequence[Animation]) -> None:
        """The token leaves the top layer, and the heading changes."""
        pace, (chip, *others) = self.style.pace, answer
        rise = (chip.get_y() - self.style.at(0, self.places.top)[1]) * UP
        follow = FadeIn(*others, rate_func=squish_rate_func(smooth, 0.5, 1))
        self.move(FadeIn(chip, shift=rise), follow, *words, seconds=pace.move)

    def _feed(self, fed: int, answer: VGroup, left: VMobject) -> None:
        """The token that came out flies to the end of the input; what is left of it above is pale."""
        (chip, way), column = self.fed[fed], self.columns[fed]
        flying = chip.copy().move_to(answer[0])
        self.remove(answer[0])
        self.add(left, flying)
        home = chip.get_center()
        corner = np.array([home[0], flying.get_y(), 0])
        self.move(Flight(flying, [corner, home], self.style), Create(way), seconds=self.style.pace.slow)
        self.remove(flying)
        self.add(column, chip, way)

    def _axis(self) -> VGroup:
        """The way up through the layers, left of the columns, and beside it how many there are."""
        style, places = self.style, self.places
        count = round(self.content.layers.number)
        layers = self.wording.plural("{count} layer of the model", "{count} layers of the model", count)
        words = Label(layers, style.type.small, style.palette.muted).rotate(PI / 2)
        words.move_to(style.at(0, (places.floor + places.top) / 2)).align_to(style.at(style.margin, 0), LEFT)
        x = words.get_right()[0] * RIGHT + style.px(_TIP) * RIGHT
        low, high = (style.at(0, y) * UP for y in (places.floor, places.top))
        return VGroup(words, arrow.straight(x + low, x + high, style))

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

    def _arches(self) -> VGroup:
        """Under the words, from the last one of the prompt back to those it looked at; and what they mean.

        Of one alone the width says nothing.
        """
        style, px, asker = self.style, self.style.px, self.content.prompt_length - 1
        chip = self.given[-1]
        floor = chip.get_bottom()[1] - px(_UNDER)
        ends = {
            place: np.array([self._x(place), floor, 0])
            for place in sorted(self._looked(), reverse=True)
            if place in self.columns and place not in self._folded
        }
        if not ends:
            return VGroup()
        furthest = self._x(asker) - min(end[0] for end in ends.values())
        deep = (floor - style.at(0, self.places.arches)[1]) / px(1)
        # side by side under the word, so that none crosses another
        reach = min(chip.width / 2 - px(_WIDEST), px(_WIDEST) * (len(ends) - 1)) if len(ends) > 1 else 0
        starts = self._x(asker) + np.linspace(-reach, reach, len(ends))
        weights = self.content.attention
        assert weights is not None
        arches = []
        for start, (place, end) in zip(starts, ends.items(), strict=True):
            fall = deep * ((self._x(asker) - end[0]) / furthest) ** 0.5
            arch = beam(np.array([start, floor, 0]), end, -fall, weights.numbers[place], style)
            arches.append(show(arch, weights, cell=place))
        left, right = min(end[0] for end in ends.values()), float(chip.get_right()[0])
        meaning = [self._meaning(left, right, floor)] if len(arches) > 1 else []
        return VGroup(VGroup(*arches), VGroup(*meaning))

    def _meaning(self, left: float, right: float, floor: float) -> Paragraph:
        """What the width of the arches between these places means, beside them."""
        style, px = self.style, self.style.px
        low, high = (style.at(x, 0)[0] for x in (style.margin, style.right))
        rooms = [(left - px(_BESIDE) - low) / px(1), (high - right - px(_BESIDE)) / px(1)]
        first = rooms[0] >= min(rooms[1], 400)
        text, most = self.wording("thicker: more attention"), max(150, int(rooms[0 if first else 1]))

        def lines(width: int, count: int) -> Paragraph:
            size, ink = style.type.body, style.palette.track_deep
            return Paragraph(text, style, size=size, color=ink, width=width, lines=count)

        words = lines(most, 1)
        if words.shortened:  # two lines of about one length
            tries = (lines(width, 2) for width in range(min(most, 150), most + 1, 10))
            words = next((each for each in tries if not each.shortened), lines(most, 3))
        words.set_y((floor + style.at(0, self.places.arches)[1]) / 2)
        beside = px(_BESIDE) + words.width / 2
        return words.set_x(left - beside if first else right + beside)

    def _fitting(self) -> list[_Cell]:
        """The labels, in large letters where none is cut or left out for them."""
        content, style = self.content, self.style
        large = _of_size(style, _LARGE, _CHIP)
        for letters, size in [
            (_ANSWER, large),
            *((many, style) for many in range(_ANSWER, _SHORTEST - 1, -1)),
        ]:
            self.snug = replace(size, chip_padding=10)
            self.spoken = [self._spoken(piece, letters) for piece in content.answers]
            cells = self._cells()
            whole = all(
                isinstance(cell.chip, TokenChip) and len(cell.chip.piece.text) <= _LETTERS for cell in cells
            )
            if self._width(cells) <= self._room and (whole or size is style):
                break
        return cells

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
        choices += [(few, letters) for letters in range(_LETTERS - 1, _LEAST - 1, -1)]
        # the names of a template's tokens are not cut
        fewer = range(few - 1, 1, -1)
        choices += [(many, letters) for many in fewer for letters in range(_LETTERS, _LEAST - 1, -1)]
        choices += [(min(2, few), letters) for letters in range(_LEAST - 1, _SHORTEST - 1, -1)]
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
        part = min(1.0, self.places.hidden / max(1, hidden))
        self._pitch = min(self.style.px(_PITCH), self.places.share * self._room / max(1, hidden * part))
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
        return _Cell([span[i] for i in evenly(len(span), self.places.hidden)], chip, left, right)

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

    def _set_columns(self, cells: Sequence[_Cell], axis: VMobject) -> None:
        """Set the columns, all of one width, with the chips under them over the whole width, and the axis."""
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
        )
        # few columns stand in the middle
        free = max(0.0, self._room - self._width(cells) - (len(cells) - 1) * gap)
        axis.shift(free / 2 * RIGHT)
        gap += style.px(_GAP)
        self.columns: dict[int, LayerColumn] = {}
        self.given: list[VMobject] = []
        self.under: dict[int, VMobject] = {}  # what stands under a column
        self.fed: dict[int, VGroup] = {}
        x = self.left + free / 2
        for cell in cells:
            x += cell.left
            cell.chip.move_to(style.at(0, self.places.input)).set_x(x)
            for number, place in enumerate(cell.places):
                middle = x + (number - (len(cell.places) - 1) / 2) * pitches[id(cell)]
                self.columns[place] = self._column(place, width, middle)
                self.under[place] = cell.chip
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

    def _column(self, place: int, width: float, x: float) -> LayerColumn:
        style, places = self.style, self.places
        height = style.px(places.floor - places.top)
        column = LayerColumn(self.content.updates[place], style, width=width, height=height)
        return column.align_to(style.at(0, places.floor), DOWN).set_x(x)

    def _from_top(self, y: float) -> float:
        """How many pixels from the top a height is."""
        return float(self.style.at(0, 0)[1] - y) / self.style.px(1)

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


def _of_size(style: Style, letters: float, chip: float) -> Style:
    """The style with token letters and chips of so many pixels."""
    return replace(style, type=replace(style.type, token=letters), chip_height=chip)

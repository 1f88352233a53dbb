"""Draws loop 05: a model has places for tokens; a text takes the first and can go on to the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Group,
    Mobject,
    Polygon,
    Rectangle,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
    there_and_back,
)

from scenes.display_token import DisplayToken, spans
from scenes.fade import FadeIn, FadeOut, at
from scenes.loop import LoopScene, unwind
from scenes.marks import decoration
from scenes.parts.flight import Flight, behind
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.rounded import Rounded
from scenes.parts.token import LONGEST, TokenChip, names_of
from scenes.parts.token_lines import travel
from scenes.parts.track_grid import TrackGrid, free
from scenes.parts.tracks import column_chips, labelled
from scenes.s05_context_window.content import Content


@dataclass(frozen=True)
class _Plan:
    """Pixels from the top of the frame, and heights.

    Attributes:
        output: Where a token stands that has come out of the model.
        box: Where the model begins and ends.
        foot: How high the part of it is that bears its name.
        count: Where the number of the taken places stands.
    """

    output: float
    box: tuple[float, float]
    foot: float
    count: float


_WIDE = _Plan(166, (208, 994), 94, 947)
_TALL = _Plan(186, (228, 1200), 172, 1148)
_STEPS, _STEP = 16, 0.1  # in how many steps the other places fill, and the seconds of each
# pixels: between the box's edge and the window, and inside the window; to the model's name
_FRAME, _PADDING, _INSET = 16, 16, 40
# pixels: the caption's height, that of an enlarged place, and from there down to all of them
_CAPTION, _PLACE, _FALL = 56, 88, 58
_AROUND, _APART = 10, 8  # pixels: what an enlarged place is wider than its token, and between two
_DOTS = 55  # pixels: what the "…" between the places takes
_NOTE = 50  # pixels: what a line below all places takes
_EVEN = (0.6,)  # the light's strength: what the layers do is another loop's story
_LOOK = 1.0  # seconds for the free places, after the clearing
_PUSH = 30  # pixels: how far the token pushes for which there is no place
_LARGE = 1.2  # of a chip's height: that token's
_KEY, _PAIR = 44, 16  # pixels: a square of the key, and from there to its word
_VEIL = 0.3  # of the colour between the enlarged places and the same ones among all


class ContextWindow(LoopScene):
    """All places, in the model; above them, enlarged, those that the tokens take."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, px = self.style, self.wording, self.style.px
        content = self.content
        corner = self.credit(content.text_source)
        self.plan = plan = self._above(corner, _TALL if style.frame.is_tall else _WIDE)
        tracks = w.integer(content.tracks)
        self.heading = Heading(
            [
                w("{subject} has room for {tracks} tokens", subject=content.subject, tracks=tracks),
                w("Each token of the text takes a place"),
                w("The next token needs a place, too"),
                w("The text can go on, place by place"),
                w("Full: not one more token fits in"),
            ],
            style,
            lines=2 if style.frame.is_tall else 1,
        )
        top, low = plan.box
        self.box = ModelBox(content.subject, style, style.room, low - top, foot=low - top - plan.foot)
        self.box[0].move_to(style.at(style.frame.width / 2, (top + low) / 2))
        self._name()
        window = Rounded(
            px(style.room - 2 * _FRAME),
            px(low - top - _FRAME - plan.foot),
            px(_PADDING),
            fill_color=style.palette.background,
            fill_opacity=1,
        )
        window.set_stroke(width=0).move_to(style.at(style.frame.width / 2, top + _FRAME), UP)
        decoration(window)
        self.grid, note = self._all(top + _FRAME + _CAPTION + _PLACE + _FALL, low - plan.foot - _PADDING)
        self._enlarge(top + _FRAME + _CAPTION)
        prompt = len(content.prompt)
        self.colours = [self._colour(piece) for piece in (*content.prompt, content.answer)]
        self.taken = self.grid.taken(self.colours)
        self.rest_taken = self.grid.rest(prompt + 1)
        self.words = self._words(self.grid.count)
        self.key = self._key()
        self.said = self._said()
        self.left_over = self._left_over()
        self.fixed = [self.heading, self.box, window, self.grid, note, self.cells, self._glass(), corner]
        self.dots = [part for part in self.inputs if not isinstance(part, TokenChip)]
        self.fixed[-1:-1] = [*self.dots, self._caption(prompt + 1), self.key]
        chips = [part for part in self.inputs if isinstance(part, TokenChip)]
        return Group(*self.fixed, *chips, self.taken, self.rest_taken, self.words, self.left_over)

    def _above(self, corner: VMobject, plan: _Plan) -> _Plan:
        """The plan whose box ends above the line in the corner, which may take two lines."""
        style = self.style
        lowest = style.frame.height / 2 - corner.get_top()[1] / style.px(1) - _AROUND
        less = max(0.0, plan.box[1] - lowest)
        return replace(plan, box=(plan.box[0], plan.box[1] - less), count=plan.count - less)

    def _enlarge(self, top: float) -> None:
        """The places of the prompt's tokens and of the one that comes next, enlarged, in one row."""
        style, w, px = self.style, self.wording, self.style.px
        pieces = (*self.content.prompt, self.content.answer)
        # several template tokens in a row stand in one place, the last of the prompt in its own
        self.spans = spans(pieces, len(pieces) - 2)
        numbers = {
            place: self._number(self.spans[place]) for place in labelled(len(self.spans)) if place is not None
        }
        # a place is wider than its token, as is what stands between two of them
        room, more = self.grid.width, px(2 * _AROUND + _APART - style.gap)
        # in a narrow row the chips of several tokens just tell how many they are
        long = names_of(self.spans, w)
        short = {place: f"… {w.integer(len(self.spans[place]))} …" for place in long}
        for names in (long, short):
            chips = column_chips(
                [pieces[span.start] for span in self.spans],
                style,
                room - px(_DOTS) - len(numbers) * more,
                least={place: number.width for place, number in numbers.items()},
                names=names,
            )
            columns = labelled(len(self.spans), len(chips))
            widths = [
                px(_DOTS)
                if place is None
                else max(chips[place].width, numbers[place].width) + px(2 * _AROUND)
                for place in columns
            ]
            spare = (room - sum(widths) - px(_APART) * (len(columns) - 1)) / len(chips)
            if spare >= 0:
                break
        x = self.grid.get_left()[0]
        self.inputs: list[VMobject] = []
        self.numbers: list[Label | None] = []
        self.cells = VGroup()
        for place, width in zip(columns, widths, strict=True):
            wide = width if place is None else width + spare
            middle = style.at(0, top + _PLACE / 2) * UP + (x + wide / 2) * RIGHT
            x += wide + px(_APART)
            if place is None:
                self.inputs.append(Label("…", style.type.heading, style.palette.muted).move_to(middle))
                self.numbers.append(None)
                continue
            self.cells.add(free(Rectangle(width=wide, height=px(_PLACE)).move_to(middle), style))
            self.inputs.append(chips[place].move_to(middle))
            self.numbers.append(numbers[place].move_to(middle).level_with(self.cells[-1]))
        decoration(self.cells)
        # how many places are taken once a column is: those of the "…" by all that have no column
        self.counts = [
            self.spans[columns[at + 1] or 0].start if place is None else self.spans[place].stop
            for at, place in enumerate(columns)
        ]

    def _all(self, top: float, low: float) -> tuple[TrackGrid, VGroup]:
        """All places, and how many a cell stands for, if it stands for several."""
        style, w, tracks = self.style, self.wording, self.content.tracks
        width = style.room - 2 * (_FRAME + _PADDING)
        place = style.at(style.frame.width / 2, top)
        grid = TrackGrid(tracks, style, width=width, height=low - top).move_to(place, UP)
        if grid.step == 1:
            return grid, VGroup()
        grid = TrackGrid(tracks, style, width=width, height=low - top - _NOTE).move_to(place, UP)
        text = w("one cell for {count}", count=w.integer(grid.step))
        note = Label(text, style.type.small, style.palette.muted)
        return grid, VGroup(note.align_to(style.at(0, low), DOWN).align_to(grid, RIGHT))

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        """The places that nobody in particular took are free first, then those of the text."""
        text = (part for part in picture if part not in (*self.fixed, self.rest_taken, self.words))
        # at once: rows that fade would take half of the whole video
        anyone = FadeOut(self.rest_taken, self.words, rate_func=at(0.5))
        numbers = [number for number in self.numbers if number is not None]
        self.words = self._words(0)
        return [
            unwind(*text, anyone),
            FadeIn(*numbers, rate_func=squish_rate_func(smooth, 0.6, 1)),
            FadeIn(self.words, rate_func=at(0.5)),
            *self.heading.says(0),
        ]

    def story(self) -> None:
        pace, px = self.style.pace, self.style.px
        with self.beat("all places"):
            self.rest(_LOOK)
        with self.beat("the prompt takes its places"):
            self.move(*self.heading.says(1), seconds=pace.quick)
            self.taken = VGroup()
            self._fill()
        with self.beat("the next token comes out"):
            self.move(self.box.sweep(_EVEN, direction=UP), *self.heading.says(2), seconds=pace.slow)
            self._comes_out(self.said)
        with self.beat("it takes the next place"):
            fed, number = self.inputs[-1], self.numbers[-1]
            assert number is not None
            self.add(self.said)
            self.move(
                Flight(self.said, [fed.get_center()], self.style, remover=True),
                FadeOut(number, rate_func=at(0.5)),
                seconds=pace.slow,
            )
            self.add(fed)
            self._take(self.counts[-1])
            self.rest(pace.rest)
        with self.beat("all places are taken"):
            self._fill_rest()
            self._comes_out(self.left_over, *self.heading.says(4))
            self.add(self.left_over)
            pushed = self.left_over.get_center() + px(_PUSH) * DOWN
            self.move(travel(self.left_over, pushed, _twice), seconds=pace.move)

    def _comes_out(self, chip: VMobject, *told: Animation) -> None:
        """A token comes out of the model, over its upper edge."""
        place = chip.get_center()
        chip.move_to(behind(chip, self.box[0], UP, self.style))
        self.bring_to_back(chip)
        self.move(Flight(chip, [place], self.style), *told, seconds=self.style.pace.move)

    def _fill_rest(self) -> None:
        """What is still to come takes all other places, some rows at a time, and they are counted."""
        rows = self.rest_taken
        if len(rows):
            self.move(*self.heading.says(3), seconds=self.style.pace.quick)
        for start, stop in _parts(len(rows), _STEPS):
            # each at once: rows that fade would take half of the whole video
            self.move(FadeIn(*rows[start:stop], rate_func=at(0.5)), seconds=_STEP)
            self._say(self.grid.tracks_but(len(rows) - stop))

    def _say(self, count: int) -> None:
        """Say how many places are taken, where the number before was."""
        self.remove(self.words)
        self.words = self._words(count)
        self.add(self.words)

    def _take(self, count: int) -> None:
        """The first places, so many, are taken."""
        self.remove(self.taken)
        self.taken = self.grid.taken(self.colours[:count])
        self.add(self.taken)
        self._say(count)

    def _fill(self) -> None:
        """The prompt's tokens take their places, one after the other."""
        pace, rise = self.style.pace, self.style.px(_PLACE - self.style.chip_height)
        columns = [place for place, part in enumerate(self.inputs[:-1]) if part not in self.dots]
        done = 0
        for count, seconds in self.stream(len(columns), pace.move, 1.4):
            group = columns[done : done + count]
            done += count
            looks: list[Animation] = [FadeIn(self.inputs[place], shift=rise * DOWN) for place in group]
            numbers = [number for place in group if (number := self.numbers[place]) is not None]
            looks += [FadeOut(*numbers, rate_func=at(0.4))] if numbers else []
            self.move(*looks, seconds=seconds)
            self._take(self.counts[group[-1]])

    def _words(self, count: int) -> Label:
        """How many places are taken, at the model's foot."""
        style, plan = self.style, self.plan
        # as large as the longest of them may be, and where that begins
        words, longest = (self._counted(number) for number in (count, self.grid.count))
        longest.scale(min(1, style.px(style.room - 2 * _INSET) / longest.width))
        words.scale(longest.height / words.height)
        place = style.at(style.margin + _INSET, plan.count)
        if style.frame.is_tall:
            longest.align_to(place, LEFT)
        else:
            longest.align_to(style.at(style.right - _INSET, 0), RIGHT)
        words.align_to(longest, LEFT)
        return words.set_y(place[1])

    def _counted(self, count: int) -> Label:
        style, w, tracks = self.style, self.wording, self.content.tracks
        text = w("{count} of {tracks} places taken", count=w.integer(count), tracks=w.integer(tracks))
        return Label(text, style.type.title, style.palette.model_text, weight="SEMIBOLD")

    def _caption(self, count: int) -> Label:
        """What the row of large places is."""
        style, w = self.style, self.wording
        tracks = w.integer(self.content.tracks)
        text = w("the first {count} of {tracks}, enlarged", count=w.integer(count), tracks=tracks)
        caption = Label(text, style.type.small, style.palette.muted)
        place = style.at(0, self.plan.box[0] + _FRAME + _CAPTION / 2)
        return caption.set_y(place[1]).align_to(self.grid, LEFT)

    def _glass(self) -> Polygon:
        """From the enlarged places down to the same ones among all."""
        style, taken = self.style, self.taken
        top, low = self.cells.get_bottom()[1], taken.get_top()[1]
        corners = [
            (self.cells.get_left()[0], top),
            (self.cells.get_right()[0], top),
            (taken.get_right()[0], low),
            (taken.get_left()[0], low),
        ]
        glass = Polygon(*(x * RIGHT + y * UP for x, y in corners), fill_color=style.palette.cell_edge)
        glass.set_stroke(style.palette.muted, width=style.stroke(style.hairline))
        return decoration(glass.set_fill(opacity=_VEIL))

    def _key(self) -> VGroup:
        """What the two colours mean, over the model's left end."""
        style, w, palette, px = self.style, self.wording, self.style.palette, self.style.px
        looks = (
            (palette.input_fill, palette.input_edge, w("the prompt")),
            (palette.output_fill, palette.output_edge, w("what follows")),
        )
        key = VGroup()
        for fill, edge, text in looks:
            square = decoration(Rectangle(width=px(_KEY), height=px(_KEY), fill_color=fill, fill_opacity=1))
            square.set_stroke(edge, width=style.stroke(style.hairline))
            word = Label(text, style.type.body, palette.text)
            key.add(VGroup(square, word.next_to(square, RIGHT, buff=px(_PAIR)).level_with(square)))
        key[1].next_to(key[0][0], RIGHT, buff=key[0].width - px(_KEY) + px(3 * _PAIR)).align_to(key[0], UP)
        key.align_to(self.grid, LEFT).shift((style.at(0, self.plan.output)[1] - key[0][0].get_y()) * UP)
        return key

    def _name(self) -> None:
        """The model's name stands at its foot on the left, in a tall frame over the number of places."""
        style, plan, name = self.style, self.plan, self.box[1]
        room = style.px(style.room - 2 * _INSET)
        y = plan.box[1] - plan.foot / 2
        if style.frame.is_tall:
            y, name_high = plan.box[1] - plan.foot + 48, style.px(72)
            name.scale(min(1, name_high / name.height))
        else:
            whole = self._counted(round(self.content.tracks.number))
            room -= whole.width + style.px(_INSET)
        name.scale(min(1, room / name.width))
        name.align_to(style.at(style.margin + _INSET, 0), LEFT).set_y(style.at(0, y)[1])

    def _said(self) -> TokenChip:
        """The next token, over its place or, if it is long, as far to the left as the key allows."""
        style = self.style
        free = self.key.get_right()[0] + style.px(_AROUND), self.box.get_right()[0]
        for longest in range(LONGEST, 2, -1):
            chip = TokenChip(self.content.answer, style, longest=longest)
            if chip.width <= free[1] - free[0]:
                break
        chip.move_to(style.at(0, self.plan.output)).set_x(self.inputs[-1].get_x())
        return chip.shift(min(0, free[1] - chip.get_right()[0]) * RIGHT)

    def _left_over(self) -> VGroup:
        """A token for which there is no place."""
        style, palette = self.style, self.style.palette
        size = style.px(_LARGE * style.chip_height)
        chip = Rounded(
            size, size, style.px(style.chip_radius), fill_color=palette.output_fill, fill_opacity=1
        )
        chip.set_stroke(palette.output_edge, width=style.stroke(style.hairline))
        mark = Label("?", _LARGE * style.type.token, palette.text, weight="MEDIUM", mono=True).move_to(chip)
        whole = VGroup(decoration(chip), mark).move_to(style.at(0, self.plan.output))
        # away from the place of the token that came before it
        free = self.key.get_right()[0], self.said.get_left()[0]
        if free[1] - free[0] < whole.width + 2 * style.px(_AROUND):
            return whole.align_to(self.grid, RIGHT)
        return whole.set_x(sum(free) / 2)

    def _number(self, places: range) -> Label:
        """The numbers of these places, which count from 0."""
        ends = dict.fromkeys((places.start + 1, places.stop))
        text = "–".join(self.wording.integer(number) for number in ends)
        return Label(text, self.style.type.small, self.style.palette.muted)

    def _colour(self, piece: DisplayToken) -> str:
        """The full colour of a token's kind."""
        palette = self.style.palette
        return {"input": palette.input_edge, "output": palette.output_edge}.get(
            piece.part, palette.special_edge
        )


def _twice(time: float) -> float:
    """There and back, and again."""
    return float(there_and_back(2 * time % 1))


def _parts(count: int, most: int) -> list[tuple[int, int]]:
    """Where each part of so many begins and ends, if they are parted in at most ``most``."""
    each = -(-count // most)
    return [(start, min(start + each, count)) for start in range(0, count, each)]

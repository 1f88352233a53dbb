"""Draws loop 05: many tracks side by side, of which a prompt's tokens take the first few."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    Group,
    GrowFromEdge,
    Mobject,
    Polygon,
    Rectangle,
    VGroup,
    VMobject,
    linear,
    smooth,
)

from scenes.display_token import DisplayToken, spans
from scenes.fade import FadeIn, FadeOut, at
from scenes.loop import LoopScene, unwind
from scenes.marks import decoration
from scenes.parts import arrow
from scenes.parts.flight import Flight
from scenes.parts.heading import Heading
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.outputs import outputs
from scenes.parts.rounded import Rounded
from scenes.parts.token import TokenChip, names_of
from scenes.parts.token_lines import travel
from scenes.parts.track_grid import TrackGrid
from scenes.parts.tracks import column_chips, labelled
from scenes.s05_context_window.content import Content


@dataclass(frozen=True)
class _Plan:
    """Pixels from the top of the frame, and heights.

    Attributes:
        output: Where the answer stands.
        box: The middle of the tracks seen from near, and how high they are.
        inputs: Where the tokens stand.
        numbers: Where the numbers of their tracks stand.
        grid: Where all tracks begin, and how high they are together.
        words: Where the number of the taken ones stands.
    """

    output: float
    box: tuple[float, float]
    inputs: float
    numbers: float
    grid: tuple[float, float]
    words: float


_WIDE = _Plan(154, (284, 88), 405, 463, (556, 352), 948)
_TALL = _Plan(220, (380, 140), 530, 594, (696, 416), 1160)
_STEPS, _STEP = 12, 0.1  # in how many steps the other tracks fill, and the seconds of each
_LANE, _PULSE = 56, 90  # pixels: a track's width, and the light that runs along it
# pixels: how far the first and the last column stand inside the box, and the least width of a column
_INSET, _LEAST = 44, 96
_GLASS = 4  # pixels: the edge of what is seen from near
_DOTS = 55  # pixels: what the "…" between the columns takes


class ContextWindow(LoopScene):
    """All tracks below; above them, as if seen from near, those that the tokens take."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, px = self.style, self.style.palette, self.wording, self.style.px
        content = self.content
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        tracks = w.integer(content.tracks.number)
        self.heading = Heading(
            [
                w("{subject} has {tracks} tracks, one per token", subject=content.subject, tracks=tracks),
                w("Each prompt token takes a track"),
                w("The answer takes the next track"),
                w("The text can go on until all are full"),
                w("Full: not one more token fits in"),
            ],
            style,
            lines=2 if style.frame.is_tall else 1,
        )

        # the prompt's columns and one for the answer that is fed back
        prompt = len(content.prompt)
        width = px(style.room - 2 * _INSET - _DOTS)
        # several template tokens in a row stand in one column, the followed one in its own
        self.spans = spans((*content.prompt, content.answer), prompt - 1)
        numbers = {
            place: self._number(self.spans[place]) for place in labelled(len(self.spans)) if place is not None
        }
        chips = column_chips(
            [(*content.prompt, content.answer)[span.start] for span in self.spans],
            style,
            lambda _: width,
            least={place: max(number.width, px(_LEAST)) for place, number in numbers.items()},
            names=names_of(self.spans, w),
        )
        columns = labelled(len(self.spans), len(chips))
        self.inputs: list[VMobject] = [
            Label("…", style.type.heading, palette.muted) if place is None else chips[place]
            for place in columns
        ]
        # a column is as wide as its token or its number
        row = VGroup(
            *(
                chip if place is None else VGroup(chip, numbers[place].move_to(chip), self._least(chip))
                for place, chip in zip(columns, self.inputs, strict=True)
            )
        )
        row.arrange(RIGHT, buff=px(style.gap))
        room = px(style.room - 2 * _INSET)
        if row.width < room:
            row.arrange(RIGHT, buff=px(style.gap) + (room - row.width) / (len(row) - 1))
        row.move_to(style.at(style.frame.width / 2, plan.inputs))
        middle, height = plan.box
        self.box = ModelBox(content.subject, style, style.room, height)
        self.box.move_to(style.at(style.frame.width / 2, middle))
        self.numbers = VGroup(*(self._below(numbers[place]) for place in columns if place is not None))
        self.arrows = {id(chip): self._arrow(chip) for chip in self.inputs if isinstance(chip, TokenChip)}

        self.followed = columns.index(len(self.spans) - 2)
        chips_only = [chip for chip in self.inputs if isinstance(chip, TokenChip)]
        lanes = VGroup(*(self._lane(chip) for chip in chips_only))
        # how many tracks are taken once a column is: those of the "…" by all that have no column
        self.counts = [
            self.spans[columns[at + 1] or 0].start if place is None else self.spans[place].stop
            for at, place in enumerate(columns)
        ]
        heard = self.inputs[self.followed]
        self.lane = self._lane(heard, followed=True)
        (self.said,) = outputs(
            [],
            (content.answer, heard),
            style,
            y=plan.output,
            left=self.box.get_left()[0],
            right=self.box.get_right()[0],
        )
        self.way = arrow.straight(
            self.lane.get_top() + px(style.touch) * UP,
            self.said.get_bottom() + px(style.touch) * DOWN,
            style,
            palette.track,
        )
        corner = self.credit(content.text_source)

        top, high = plan.grid
        self.grid = TrackGrid(content.tracks, style, width=style.room, height=high)
        self.grid.move_to(style.at(style.frame.width / 2, top), UP)
        self.colours = [self._colour(piece) for piece in (*content.prompt, content.answer)]
        self.taken = self.grid.taken(self.colours)
        self.rest_taken = self.grid.rest(prompt + 1)
        self.words = self._words(self.grid.count)
        self.fixed = [self.heading, self.grid, self._glass(), self.box[0], lanes, self._name(), self.numbers]
        self.fixed.append(corner)
        return Group(
            *self.fixed,
            *self.inputs,
            *self.arrows.values(),
            self.taken,
            self.rest_taken,
            self.words,
        )

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        """The tracks that nobody in particular took are free first, then those of the text."""
        text = (part for part in picture if part not in (*self.fixed, self.rest_taken, self.words))
        # at once: rows that fade would take half of the whole video
        anyone = FadeOut(self.rest_taken, self.words, rate_func=at(0.5))
        return [unwind(*text, anyone), *self.heading.says(0)]

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("all tracks"):
            self._say(0)
            self.rest(pace.hold)
        with self.beat("the prompt takes its tracks"):
            self.move(*self.heading.says(1), seconds=pace.quick)
            self.taken = VGroup()
            self._fill()
        with self.beat("the followed track answers"):
            place = self.said.get_center()
            self.said.move_to(self.box).set_x(self.lane.get_x())
            self.bring_to_back(self.said)
            self.move(GrowFromEdge(self.lane, DOWN), seconds=pace.quick)
            self.move(*self._pulses([self.lane]), seconds=pace.move)
            self.move(Flight(self.said, [place], self.style), FadeIn(self.way), seconds=pace.move)
        with self.beat("the answer takes the next track"):
            fed = self.inputs[self.followed + 1]
            self.move(
                Flight(self.said, [fed.get_center()], self.style, remover=True),
                *self.heading.says(2),
                FadeOut(self.way),
                seconds=pace.slow,
            )
            self.add(fed)
            self._take(self.counts[-1])
            self.move(FadeIn(self.arrows[id(fed)]), FadeOut(self.lane), seconds=pace.quick)
            self.rest(pace.slow)
        with self.beat("all tracks are taken"):
            if len(self.rest_taken):
                self.move(*self.heading.says(3), seconds=pace.quick)
                self._fill_rest()
            else:
                self.move(*self.heading.says(4), seconds=pace.quick)

    def _fill_rest(self) -> None:
        """What is still to come takes all other tracks, some rows at a time, and they are counted."""
        rows = self.rest_taken
        for start, stop in _parts(len(rows), _STEPS):
            # each at once: rows that fade would take half of the whole video
            # but the last: the loop's last frame is then as fine as its first
            rate = at(0.5) if stop < len(rows) else smooth
            told = self.heading.says(4) if stop == len(rows) else []
            self.move(FadeIn(*rows[start:stop], rate_func=rate), *told, seconds=_STEP)
            self._say(self.grid.tracks_but(len(rows) - stop))

    def _say(self, count: int) -> None:
        """Say how many tracks are taken, in the place of the number before."""
        self.remove(self.words)
        self.words = self._words(count)
        self.add(self.words)

    def _take(self, count: int) -> None:
        """The first tracks, so many, are taken."""
        self.remove(self.taken)
        self.taken = self.grid.taken(self.colours[:count])
        self.add(self.taken)
        self._say(count)

    def _fill(self) -> None:
        """The prompt's tokens take their tracks, and a pulse runs up each."""
        pace, px = self.style.pace, self.style.px
        columns = self.inputs[: self.followed + 1]
        waiting: list[VMobject] = []
        done = 0
        for count, seconds in [*self.stream(len(columns), pace.move, 1.2), (0, pace.quick)]:
            group = columns[done : done + count]
            done += count
            looks: list[Animation] = [FadeIn(chip, shift=px(60) * UP) for chip in group]
            # the "…" between the first columns and the last has no arrow
            looks += [FadeIn(self.arrows[id(chip)]) for chip in group if id(chip) in self.arrows]
            looks += self._pulses(waiting)
            if looks:
                self.move(*looks, seconds=seconds)
            if group:
                self._take(self.counts[done - 1])
            waiting = [chip for chip in group if id(chip) in self.arrows and chip is not columns[-1]]

    def _pulses(self, columns: Sequence[VMobject]) -> list[Animation]:
        """A pulse runs up the track of each column."""
        style = self.style
        moves: list[Animation] = []
        for column in columns:
            light = Rounded(style.px(_LANE), style.px(_PULSE), style.px(_LANE / 3))
            light.set_fill(style.palette.model_text, opacity=0.85).set_stroke(width=0).set_x(column.get_x())
            half = (self.box.height - light.height) / 2
            light.set_y(self.box.get_y() - half)
            up = travel(light, light.get_center() + 2 * half * UP, linear)
            up.remover = True
            moves.append(up)
        return moves

    def _words(self, count: int) -> VGroup:
        """How many tracks are taken, below all of them, and how many a cell stands for if for several."""
        style, w, plan = self.style, self.wording, self.plan
        room, note = style.px(style.room), None
        if self.grid.step > 1:
            cells = w("one cell for {count}", count=w.integer(self.grid.step))
            note = Label(cells, style.type.small, style.palette.muted)
            room -= note.width + style.px(24)
        # as large as the longest of them may be
        words, longest = (self._counted(number) for number in (count, self.grid.count))
        words.scale(min(1, room / longest.width))
        words.align_to(style.at(style.margin, 0), LEFT).set_y(style.at(0, plan.words)[1])
        if note is None:
            return VGroup(words)
        note.align_to(style.at(style.right, 0), RIGHT).shift((words.line[0] - note.line[0]) * UP)
        return VGroup(words, note)

    def _counted(self, count: int) -> Label:
        style, w, tracks = self.style, self.wording, self.content.tracks
        text = w("{count} of {tracks} tracks taken", count=w.integer(count), tracks=w.integer(tracks))
        return Label(text, style.type.title, style.palette.text, weight="SEMIBOLD")

    def _glass(self) -> Polygon:
        """From the text's tracks among all to the same ones seen from near."""
        style, taken = self.style, self.taken
        top = style.at(0, self.plan.numbers + 30)[1]
        low = taken.get_top()[1]
        corners = [
            (self.box.get_left()[0], top),
            (self.box.get_right()[0], top),
            (taken.get_right()[0], low),
            (taken.get_left()[0], low),
        ]
        glass = Polygon(*(x * RIGHT + y * UP for x, y in corners), fill_color=style.palette.track_fill)
        glass.set_stroke(style.palette.track_edge, width=style.stroke(_GLASS))
        return decoration(glass.set_fill(opacity=1))

    def _name(self) -> VMobject:
        """The model's name over a corner of its box, beside the followed track."""
        style = self.style
        left, right, track = self.box.get_left()[0], self.box.get_right()[0], self.lane.get_x()
        name = Label(self.content.subject, style.type.heading, style.palette.muted, weight="SEMIBOLD")
        room = max(track - left, right - track) - style.px(60)
        name.scale(min(1, room / name.width))
        name.next_to(self.box, UP, buff=style.px(10))
        if track - left - style.px(60) >= name.width:
            return name.align_to(self.box, LEFT).shift(style.px(10) * RIGHT)
        return name.align_to(self.box, RIGHT).shift(style.px(10) * LEFT)

    def _arrow(self, chip: VMobject) -> VMobject:
        """From a token into its track."""
        gap = self.style.px(self.style.arrow_gap_small)
        return arrow.straight(
            chip.get_top() + gap * UP,
            chip.get_x() * RIGHT + (self.box.get_bottom()[1] - gap) * UP,
            self.style,
        )

    def _least(self, chip: VMobject) -> VMobject:
        """The least room of a column, so that no lane stands close to the next one."""
        return Rectangle(width=self.style.px(_LEAST), height=chip.height).move_to(chip)

    def _number(self, places: range) -> Label:
        """The numbers of the tracks at these places, which count from 0."""
        ends = dict.fromkeys((places.start + 1, places.stop))
        text = "–".join(self.wording.integer(number) for number in ends)
        return Label(text, self.style.type.small, self.style.palette.muted)

    def _below(self, number: Label) -> Label:
        """The number of a track, under what stands there."""
        return number.set_y(self.style.at(0, self.plan.numbers)[1])

    def _lane(self, chip: VMobject, *, followed: bool = False) -> Rectangle:
        """A track through the model."""
        style, palette = self.style, self.style.palette
        lane = Rectangle(
            width=style.px(_LANE),
            height=self.box.height + (style.px(40) if followed else 0),
            fill_color=palette.track if followed else palette.model_text,
            fill_opacity=1 if followed else 0.18,
            stroke_color=palette.model_text,
            stroke_width=style.stroke(style.hairline) if followed else 0,
        )
        return decoration(lane).move_to(self.box).set_x(chip.get_x())

    def _colour(self, piece: DisplayToken) -> str:
        """The full colour of a token's kind."""
        palette = self.style.palette
        return {"input": palette.input_edge, "output": palette.output_edge}.get(
            piece.part, palette.special_edge
        )


def _parts(count: int, most: int) -> list[tuple[int, int]]:
    """Where each part of so many begins and ends, if they are parted in at most ``most``."""
    each = -(-count // most)
    return [(start, min(start + each, count)) for start in range(0, count, each)]

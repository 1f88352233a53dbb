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
    Transform,
    VGroup,
    VMobject,
    linear,
    smooth,
    squish_rate_func,
)

from scenes.display_token import spans
from scenes.fade import FadeIn
from scenes.loop import LoopScene
from scenes.marks import decoration
from scenes.parts import arrow
from scenes.parts.barcode import Barcode
from scenes.parts.flight import Flight, pale
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.outputs import outputs
from scenes.parts.rounded import Rounded
from scenes.parts.title import title
from scenes.parts.token import TokenChip, names_of
from scenes.parts.token_lines import travel
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
        codes: Where all tracks begin, and how high they are together.
        stripes: How many of them stand in a row.
        words: Where the number of the taken ones stands.
    """

    output: float
    box: tuple[float, float]
    inputs: float
    numbers: float
    codes: tuple[float, float]
    stripes: int
    words: float


_WIDE = _Plan(163, (326, 150), 486, 550, (652, 222), 128, 944)
_TALL = _Plan(176, (404, 260), 630, 700, (816, 300), 64, 1184)
_BORDER = 20  # pixels: from the edge of the box to all tracks
_STEPS, _ROW = 8, 0.1  # in how many steps the tracks are counted, and the seconds of each
_LANE, _PULSE = 56, 90  # pixels: a track's width, and the light that runs along it
# pixels: how far the first and the last column stand inside the box, and the least width of a column
_INSET, _LEAST = 44, 96
_DOTS = 55  # pixels: what the "…" between the columns takes


class ContextWindow(LoopScene):
    """All tracks below; above them, as if seen from near, those that the tokens take."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, px = self.style, self.style.palette, self.wording, self.style.px
        content = self.content
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        tracks = w.integer(content.tracks.number)
        heading = title(w("Context window: room for {tracks} tokens", tracks=tracks), style)

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
            followed=len(self.spans) - 2,
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
        self.heads = [
            VGroup(self._below(numbers[place]), self._arrow(chip))
            for place, chip in zip(columns, self.inputs, strict=True)
            if place is not None
        ]

        self.followed = columns.index(len(self.spans) - 2)
        lanes = VGroup(*(self._lane(chip) for chip in self.inputs if isinstance(chip, TokenChip)))
        # how many tracks are taken once a column is: those of the "…" by all that have no column
        self.counts = [
            self.spans[columns[at + 1] or 0].start if place is None else self.spans[place].stop
            for at, place in enumerate(columns)
        ]
        heard = self.inputs[self.followed]
        self.lane = self._lane(heard, followed=True)
        self.chance = self._chance()
        (self.said,) = outputs(
            [],
            (content.answer, heard),
            style,
            y=plan.output,
            left=self.box.get_left()[0],
            right=style.at(style.right, 0)[0] - self.chance.width - px(16),
        )
        # the answer itself moves on; its outline stays
        self.answer = pale(self.said, style)
        self.chance.next_to(self.answer, RIGHT, buff=px(16))
        self.way = arrow.straight(
            self.lane.get_top() + px(style.touch) * UP,
            self.answer.get_bottom() + px(style.touch) * DOWN,
            style,
            palette.track,
        )
        corner = self.credit(content.text_source)

        codes_top, codes_height = plan.codes
        self.codes = Barcode(
            content.tracks,
            style,
            columns=plan.stripes,
            width=style.room - 2 * _BORDER,
            height=codes_height,
        )
        self.codes.move_to(style.at(style.frame.width / 2, codes_top), UP)
        around = ModelBox(content.subject, style, style.room, codes_height + 2 * _BORDER).box
        around.move_to(self.codes)
        self.taken = self.codes.taken(prompt + 1)
        self.words = self._words(self._how_many(prompt + 1))
        self.near, self.name = VGroup(self.box[0], lanes), self._name()
        self.glass = self._glass()
        self.fixed = [heading, around, corner]
        return Group(
            *self.fixed,
            self.codes,
            self.words,
            self.glass,
            self.near,
            self.name,
            *self.inputs[: self.followed + 1],
            *self.heads[:-1],
            self.taken,
            self.lane,
            self.way,
            self.answer,
            self.chance,
            self.inputs[self.followed + 1],
            self.heads[-1],
        )

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("all tracks"):
            self._count()
            self.rest(pace.rest)
        with self.beat("the camera comes near"):
            self._come_near()
        with self.beat("the prompt takes its tracks"):
            self._fill()
            self.rest(pace.rest)
        with self.beat("the followed track answers"):
            place = self.said.get_center()
            self.said.move_to(self.box).set_x(self.lane.get_x())
            self.bring_to_back(self.said)
            self.move(GrowFromEdge(self.lane, DOWN), seconds=pace.move)
            self.move(*self._pulses([self.lane]), seconds=pace.move)
            out = FadeIn(self.way, self.chance, rate_func=squish_rate_func(smooth, 0.5, 1))
            self.move(Flight(self.said, [place], self.style), out, seconds=pace.move)
        with self.beat("the answer takes the next track"):
            fed = self.inputs[self.followed + 1]
            flying, _ = self.lift(self.said)
            self.bring_to_back(flying)
            self.move(Flight(flying, [fed.get_center()], self.style, remover=True), seconds=pace.slow)
            self.add(fed)
            self._take(self.counts[-1])
            self.move(FadeIn(self.heads[-1]), seconds=pace.quick)
            self.rest(pace.hold)

    def _count(self) -> None:
        """The rows of all tracks come one after the other, and how many they are is counted."""
        w, tracks = self.wording, round(self.content.tracks.number)
        rows = list(self.codes)
        each = -(-len(rows) // _STEPS)
        for start in range(0, len(rows), each):
            some = rows[start : start + each]
            count = min(tracks, (start + len(some)) * self.codes.columns * self.codes.step)
            self._say(w.plural("{number} track", "{number} tracks", count, number=w.integer(count)))
            # each at once: rows that fade would take half of the whole video
            self.move(*(FadeIn(row, rate_func=_at_once) for row in some), seconds=_ROW)

    def _say(self, text: str) -> None:
        """Show the words in the place of those before."""
        self.remove(self.words)
        self.words = self._words(text)
        self.add(self.words)

    def _take(self, count: int) -> None:
        """The first tracks, so many, are taken."""
        self.remove(self.taken)
        self.taken = self.codes.taken(count)
        self.add(self.taken)
        self._say(self._how_many(count))

    def _how_many(self, count: int) -> str:
        w, tracks = self.wording, self.content.tracks
        return w("{count} of {tracks} tracks taken", count=w.integer(count), tracks=w.integer(tracks))

    def _come_near(self) -> None:
        """The first tracks grow until they can be told apart."""
        pace = self.style.pace
        near, far = self.near.copy(), self.near.copy()
        far.stretch_to_fit_width(self.taken.width).stretch_to_fit_height(self.taken.height)
        far.move_to(self.taken)
        self.move(Transform(far, near), seconds=pace.slow)
        self.remove(far)
        self.add(self.near)
        self.move(FadeIn(self.glass, self.name), seconds=pace.quick)

    def _fill(self) -> None:
        """The prompt's tokens take their tracks, and a pulse runs up each."""
        pace, px = self.style.pace, self.style.px
        columns = self.inputs[: self.followed + 1]
        heads = iter(self.heads)
        # the "…" between the first columns and the last has neither number nor arrow
        headed = [(chip, next(heads) if isinstance(chip, TokenChip) else None) for chip in columns]
        waiting: list[VMobject] = []
        done = 0
        for count, seconds in [*self.stream(len(columns), pace.move, 1.6), (0, pace.quick)]:
            group = headed[done : done + count]
            done += count
            looks: list[Animation] = [FadeIn(chip, shift=px(60) * UP) for chip, _ in group]
            looks += [FadeIn(head) for _, head in group if head is not None]
            looks += self._pulses(waiting)
            if looks:
                self.move(*looks, seconds=seconds)
            if group:
                self._take(self.counts[done - 1])
            waiting = [chip for chip, head in group if head is not None and chip is not columns[-1]]

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

    def _words(self, text: str) -> VGroup:
        """Words below all tracks, and for how many a stripe stands if for more than one."""
        style, w = self.style, self.wording
        words = Label(text, style.type.title, style.palette.text, weight="SEMIBOLD")
        words.scale(min(1, style.px(style.room) / words.width))
        place = style.at(style.margin, self.plan.words)
        whole = VGroup(words.align_to(place, LEFT).set_y(place[1]))
        if self.codes.step > 1:
            stripes = w("one stripe for {count}", count=w.integer(self.codes.step))
            note = Label(stripes, style.type.small, style.palette.muted)
            note.align_to(style.at(style.right, 0), RIGHT).shift((words.line[0] - note.line[0]) * UP)
            whole.add(note)
        return whole

    def _glass(self) -> Polygon:
        """From the taken tracks among all to the same ones seen from near."""
        style, taken = self.style, self.taken
        top = style.at(0, self.plan.numbers + 34)[1]
        low = taken.get_top()[1]
        corners = [
            (self.box.get_left()[0], top),
            (self.box.get_right()[0], top),
            (taken.get_right()[0], low),
            (taken.get_left()[0], low),
        ]
        glass = Polygon(*(x * RIGHT + y * UP for x, y in corners), stroke_width=0)
        return decoration(glass).set_fill(style.palette.track_edge, opacity=0.3)

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

    def _chance(self) -> VGroup:
        """How likely the answer was, if that is known."""
        probability, style, w = self.content.answer.probability, self.style, self.wording
        if probability is None:
            return VGroup()
        lines = [(w("probability"), style.palette.muted), (w.percent(probability), style.palette.text)]
        if style.frame.is_tall:
            lines = lines[1:]
        words = VGroup(*(Label(line, style.type.small, color) for line, color in lines))
        return words.arrange(DOWN, buff=style.px(style.line_gap), aligned_edge=LEFT)


def _at_once(alpha: float) -> float:
    """Nothing until the middle, all from then on."""
    return float(alpha >= 0.5)

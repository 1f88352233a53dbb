"""Draws loop 05: many tracks side by side; the prompt's tokens take theirs, and only then do we listen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UP,
    Animation,
    DashedVMobject,
    Group,
    GrowFromEdge,
    Mobject,
    Rectangle,
    Succession,
    VGroup,
    VMobject,
    linear,
    smooth,
    squish_rate_func,
)

from scenes.display_token import DisplayToken, spaced, spans
from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.barcode import Barcode
from scenes.parts.credit import credit
from scenes.parts.flight import Flight, pale
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.outputs import outputs
from scenes.parts.rounded import Rounded
from scenes.parts.title import title
from scenes.parts.token import TokenChip, box, names_of
from scenes.parts.token_lines import travel
from scenes.parts.tracks import column_chips, labelled
from scenes.s05_context_window.content import Content


@dataclass(frozen=True)
class _Plan:
    """Pixels: heights of what stands in the picture; the empty tracks at its end; of all tracks together the
    stripes in a row, where they begin and how high they are."""

    note: float
    outputs: float
    box: float
    tall: float
    inputs: float
    numbers: float
    ends: int
    stripes: int
    top: float
    codes: float


_WIDE = _Plan(162, 246, 530, 280, 800, 886, 2, 256, 160, 720)
_TALL = _Plan(170, 270, 640, 460, 1010, 1096, 1, 128, 160, 960)
_STEPS, _COUNT = 8, 0.12  # in which all tracks come, and seconds for each
_LANE, _PULSE = 56, 90  # pixels: a track's width, and the light that runs along it
# pixels: the width of an empty track's place, and how far the first and the last column stand inside the box
_EMPTY, _INSET = 104, 44
_DOTS = 110  # pixels: what the "…" before and after the last columns take


class ContextWindow(LoopScene):
    """Tokens below, the model across, outputs above; each column is a track."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, px = self.style, self.style.palette, self.wording, self.style.px
        content = self.content
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        tracks = round(content.tracks.number)
        heading = title(w("Context window: {tracks} tracks", tracks=w.integer(tracks)), style)

        # the prompt's columns and one for the answer that is fed back, then the last tracks, empty
        prompt = len(content.prompt)
        width = px(style.room - 2 * _INSET - plan.ends * (_EMPTY + style.gap) - _DOTS)
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
            least={place: number.width for place, number in numbers.items()},
            names=names_of(self.spans, w),
        )
        columns = labelled(len(self.spans), len(chips))
        self.inputs: list[VMobject] = [
            Label("…", style.type.heading, palette.muted) if place is None else chips[place]
            for place in columns
        ]
        ends = [self._empty() for _ in range(plan.ends)]
        dots = Label("…", style.type.heading, palette.muted)
        # a column is as wide as its token or its number
        wide = [
            chip if place is None else VGroup(chip, numbers[place].move_to(chip))
            for place, chip in zip(columns, self.inputs, strict=True)
        ]
        row = VGroup(*wide, dots, *ends)
        row.arrange(RIGHT, buff=px(style.gap))
        room = px(style.room - 2 * _INSET)
        if row.width < room:
            row.arrange(RIGHT, buff=px(style.gap) + (room - row.width) / (len(row) - 1))
        row.move_to(style.at(style.frame.width / 2, plan.inputs))
        self.box = ModelBox(content.subject, style, style.room, plan.tall)
        self.box.move_to(style.at(style.frame.width / 2, plan.box))
        self.heads = [
            VGroup(self._below(numbers[place]), self._arrow(chip))
            for place, chip in zip(columns, self.inputs, strict=True)
            if place is not None
        ]
        last = VGroup(
            *(
                self._below(self._number(range(tracks - place, tracks - place + 1)).move_to(end))
                for place, end in zip(range(len(ends), 0, -1), ends, strict=True)
            )
        )

        self.followed = columns.index(len(self.spans) - 2)
        lanes = [self._lane(chip) for chip in (*self.inputs, *ends) if not isinstance(chip, Label)]
        heard = self.inputs[self.followed]
        self.lane = self._lane(heard, followed=True)
        *self.unheard, self.said = self._outputs(columns, heard)
        # the answer itself moves on; its outline stays
        self.answer = pale(self.said, style)
        self.way = arrow.straight(
            self.lane.get_top() + px(style.touch) * UP,
            self.answer.get_bottom() + px(style.touch) * DOWN,
            style,
            palette.track,
        )
        self.chance = self._chance().next_to(self.answer, RIGHT, buff=px(16))
        corner = credit(content.model, content.text_source, style, w, spaced=spaced(content))
        note = Label(w("grey: output that is ignored"), style.type.small, palette.muted)
        note.align_to(heading, LEFT).set_y(style.at(0, plan.note)[1])
        self.notes = [note] if self.unheard else []
        self.window = [self.box[0], VGroup(*lanes), self._name(), dots, VGroup(*ends), last]
        self.fixed = [heading, *self.window, corner]
        return Group(
            *self.fixed,
            *self.inputs[: self.followed + 1],
            *self.heads[:-1],
            *self.notes,
            *self.unheard,
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
            self.rest(pace.rest)
        with self.beat("the answer takes the next track"):
            fed = self.inputs[self.followed + 1]
            flying, left = self.lift(self.said)
            self.move(Flight(flying, [fed.get_center()], self.style, remover=True), seconds=pace.slow)
            self.add(fed)
            self.move(FadeIn(self.heads[-1]), seconds=pace.quick)
        with self.beat("all tracks"):
            self._draw_back([*self.window, left])

    def _fill(self) -> None:
        """The prompt's tokens take their tracks; what was computed on the way runs up, and comes out."""
        pace, px = self.style.pace, self.style.px
        columns = self.inputs[: self.followed + 1]
        heads = iter(self.heads)
        # the "…" between the first columns and the last has neither number nor arrow
        headed = [(chip, next(heads) if isinstance(chip, TokenChip) else None) for chip in columns]
        above = {round(chip.get_x(), 3): chip for chip in self.unheard}
        waiting: list[VMobject] = []
        arriving: list[VMobject] = []
        done = 0
        sizes = [*self.stream(len(columns), pace.move, 1.4), (0, pace.quick), (0, pace.quick)]
        noted = FadeIn(*self.notes) if self.notes else None
        for count, seconds in sizes:
            group = headed[done : done + count]
            looks: list[Animation] = [FadeIn(chip, shift=px(60) * UP) for chip, _ in group]
            looks += [FadeIn(head) for _, head in group if head is not None]
            looks += self._pulses(waiting)
            out = [chip for chip in arriving if round(chip.get_x(), 3) in above]
            outputs = [above[round(chip.get_x(), 3)] for chip in out]
            looks += [FadeIn(chip, shift=px(60) * UP) for chip in outputs]
            if outputs and noted is not None:
                looks, noted = [*looks, noted], None
            if looks:
                self.move(*looks, seconds=seconds)
            arriving = waiting
            waiting = [chip for chip, head in group if head is not None and chip is not columns[-1]]
            done += count

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

    def _draw_back(self, window: Sequence[Mobject]) -> None:
        """The camera draws back until all tracks are seen, and comes again."""
        style, w, pace = self.style, self.wording, self.style.pace
        palette, plan, tracks = style.palette, self.plan, round(self.content.tracks.number)
        taken = [palette.input_edge] * len(self.content.prompt) + [palette.output_edge]
        codes = Barcode(tracks, taken, style, columns=plan.stripes, width=style.room, height=plan.codes)
        codes.align_to(style.at(style.margin, plan.top), LEFT).align_to(style.at(0, plan.top), UP)
        seen = [each for each in self.mobjects if each not in (self.fixed[0], self.fixed[-1])]
        corner = codes.get_corner(UP + LEFT)
        away: list[Animation] = [FadeOut(*seen, target_position=corner, scale=0.04)]
        counter = Label("", style.type.title, palette.text, weight="SEMIBOLD")
        rows = list(zip(codes, codes.ends, strict=True))
        size = -(-len(rows) // _STEPS)
        for start in range(0, len(rows), size):
            some = rows[start : start + size]
            self.remove(counter)
            counter = Label(w.integer(some[-1][1]), style.type.title, palette.text, weight="SEMIBOLD")
            counter.next_to(codes, DOWN, buff=style.px(24)).align_to(codes, LEFT)
            # each at once: rows that fade would take half of the whole video
            looks = [*away, *(FadeIn(row, rate_func=partial(_from, 0.9 if away else 0)) for row, _ in some)]
            if not away:
                self.add(counter)
            self.move(*looks, seconds=pace.move if away else _COUNT)
            away = []
        words = Label(
            w("tracks, {count} of them taken", count=w.integer(len(taken))), style.type.body, palette.muted
        )
        words.next_to(counter, RIGHT, buff=style.px(20)).shift((counter.line[0] - words.line[0]) * UP)
        self.move(FadeIn(words), seconds=pace.quick)
        self.rest(pace.rest)
        self.remove(counter, words)
        self.move(Succession(*(FadeOut(row) for row in reversed(codes))), seconds=pace.quick)
        self.move(FadeIn(*seen, target_position=corner, scale=0.04), seconds=pace.move)

    def _name(self) -> VMobject:
        """The model's name over a corner of its box, beside the followed track."""
        style = self.style
        left, right, track = self.box.get_left()[0], self.box.get_right()[0], self.lane.get_x()
        name = Label(self.content.subject, style.type.heading, style.palette.muted, weight="SEMIBOLD")
        room = max(track - left, right - track) - style.px(60)
        name.scale(min(1, room / name.width))
        name.next_to(self.box, UP, buff=style.px(10))
        if right - track - style.px(60) >= name.width:
            return name.align_to(self.box, RIGHT).shift(style.px(10) * LEFT)
        return name.align_to(self.box, LEFT).shift(style.px(10) * RIGHT)

    def _arrow(self, chip: VMobject) -> VMobject:
        """From a token into its track."""
        gap = self.style.px(self.style.arrow_gap_small)
        return arrow.straight(
            chip.get_top() + gap * UP,
            chip.get_x() * RIGHT + (self.box.get_bottom()[1] - gap) * UP,
            self.style,
        )

    def _empty(self) -> VMobject:
        """The place of a track that no token took."""
        palette = self.style.palette
        outline = box(self.style.px(_EMPTY), palette.background, palette.special_edge, self.style)
        return DashedVMobject(outline.set_fill(opacity=0), num_dashes=24)

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
        return lane.move_to(self.box).set_x(chip.get_x())

    def _outputs(self, columns: Sequence[int | None], heard: VMobject) -> list[TokenChip]:
        """What comes out of each of the prompt's tracks, grey where nobody listens; the answer last."""
        style, content = self.style, self.content
        places = [place for place in columns[: self.followed] if place is not None]
        ignored = [
            (
                DisplayToken(content.unheard[self.spans[place].start], "special"),
                self.inputs[columns.index(place)],
            )
            for place in places
            if len(self.spans[place]) == 1
        ]
        return outputs(
            ignored,
            (content.answer, heard),
            style,
            y=self.plan.outputs,
            left=self.box.get_left()[0],
            right=style.at(style.right, 0)[0] - self._chance().width - style.px(16),
        )

    def _chance(self) -> VGroup:
        """How likely the answer was, if that is known."""
        probability, style, w = self.content.answer.probability, self.style, self.wording
        if probability is None:
            return VGroup()
        lines = [(w("probability"), style.palette.muted), (w.percent(probability.number), style.palette.text)]
        if style.frame.is_tall:
            lines = lines[1:]
        words = VGroup(*(Label(line, style.type.small, color) for line, color in lines))
        return words.arrange(DOWN, buff=style.px(style.line_gap), aligned_edge=LEFT)


def _from(moment: float, alpha: float) -> float:
    """Nothing before the moment, all from then on."""
    return float(alpha >= moment)

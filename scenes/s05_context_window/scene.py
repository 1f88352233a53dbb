"""Draws loop 05: many tracks side by side; the prompt's tokens take theirs, and only then do we listen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
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
    Transform,
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
_TALL = _Plan(170, 270, 640, 460, 1010, 1096, 1, 128, 160, 920)
_GONE = 0.6  # of the way, on which what cannot be read from far has faded
_BORDER = 20  # pixels: from the edge of the box to all tracks
_LANE, _PULSE = 56, 90  # pixels: a track's width, and the light that runs along it
# pixels: the width of an empty track's place, and how far the first and the last column stand inside the box,
# and the least width of a column
_EMPTY, _INSET, _LEAST = 104, 44, 96
_DOTS = 110  # pixels: what the "…" before and after the last columns take


class ContextWindow(LoopScene):
    """Tokens below, the model across, outputs above; each column is a track."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, px = self.style, self.style.palette, self.wording, self.style.px
        content = self.content
        self.plan = plan = _TALL if style.frame.is_tall else _WIDE
        heading = title(
            w("Context window: room for {tracks} tokens", tracks=w.integer(content.tracks)), style
        )
        tracks = round(content.tracks.number)

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
            least={place: max(number.width, px(_LEAST)) for place, number in numbers.items()},
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
            chip if place is None else VGroup(chip, numbers[place].move_to(chip), self._least(chip))
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
        # of the columns with a token, their places; then the lanes of all columns
        self.taken = [place for place in columns if place is not None]
        self.lanes = [self._lane(chip) for chip in (*self.inputs, *ends) if not isinstance(chip, Label)]
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
        self.window = [self.box[0], VGroup(*self.lanes), self._name(), dots, VGroup(*ends), last]
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
            flying, _ = self.lift(self.said)
            self.bring_to_back(flying)
            self.move(Flight(flying, [fed.get_center()], self.style, remover=True), seconds=pace.slow)
            self.add(fed)
            self.move(FadeIn(self.heads[-1]), seconds=pace.quick)
        with self.beat("all tracks"):
            self._draw_back([each for each in self.mobjects if each not in (self.fixed[0], self.fixed[-1])])

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
            if noted is not None:
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

    def _draw_back(self, seen: Sequence[Mobject]) -> None:
        """The camera draws back until all tracks are seen, and comes again."""
        pace = self.style.pace
        codes, wider, views = self._views(seen)
        moving = [near.copy() for near, _ in views]
        rates = [partial(_zoom, wider)] * (len(views) - 1) + [
            lambda alpha: min(1.0, _zoom(wider, alpha) / _GONE)
        ]
        self.remove(*seen)
        self.move(
            *(
                Transform(part, far, rate_func=rate)
                for part, (_, far), rate in zip(moving, views, rates, strict=True)
            ),
            seconds=pace.slow,
        )
        self.remove(moving[-1])
        # each at once: rows that fade, or that come nearer, would take half of the whole video
        rows = [FadeIn(row, rate_func=partial(_from, 0.5)) for row in codes.pale]
        self.move(Succession(*rows), seconds=pace.move)
        self.add(codes.bright)
        words = self._room(codes)
        self.move(FadeIn(words), seconds=pace.quick)
        self.rest(pace.rest)
        self.remove(words, codes.bright)
        self.move(
            Succession(*(FadeOut(row, rate_func=partial(_from, 0.5)) for row in codes.pale[::-1])),
            seconds=pace.quick,
        )
        self.add(moving[-1])
        self.move(
            *(
                Transform(part, near, rate_func=partial(_backwards, rate))
                for part, (near, _), rate in zip(moving, views, rates, strict=True)
            ),
            seconds=pace.slow,
        )
        self.remove(*moving)
        self.add(*seen)

    def _views(self, seen: Sequence[Mobject]) -> tuple[Barcode, float, list[tuple[VMobject, VMobject]]]:
        """All tracks; how much nearer the picture is; its parts, each as seen from near and from far."""
        style, plan, tokens = self.style, self.plan, len(self.content.prompt) + 1
        room, lanes = style.room - 2 * _BORDER, self.lanes[: len(self.taken)]
        codes = Barcode(
            self.content.tracks,
            tokens,
            style,
            columns=plan.stripes,
            width=room,
            height=plan.codes,
        )
        codes.align_to(style.at(style.margin + _BORDER, 0), LEFT).align_to(style.at(0, plan.top), UP)
        there, here = codes.get_corner(UP + LEFT), lanes[0].get_corner(UP + LEFT)
        here[1] = self.box.get_top()[1]
        across = lanes[-1].get_x() - lanes[0].get_x()
        wider = max(2.0, across / (max(1, tokens - 1) * codes.pitch))

        def stripe(span: range) -> VMobject:
            thin = Rectangle(width=codes.pitch * (len(span) - 0.4), height=codes.row, stroke_width=0)
            thin.set_fill(style.palette.model_text, opacity=1).move_to(there, aligned_edge=UP + LEFT)
            row, place = divmod(span.start // codes.step, plan.stripes)
            return thin.shift(codes.pitch * place * RIGHT + codes.row / 0.8 * row * DOWN)

        around = Rounded(style.px(style.room), codes.height + 2 * style.px(_BORDER), style.px(_BORDER))
        around.match_style(self.box[0]).set_sheen_direction(self.box[0].sheen_direction).move_to(codes)
        rest = VGroup(
            *(each for each in seen if isinstance(each, VMobject) and each not in self.window[:2]),
            *self.lanes[len(lanes) :],
        )
        # it fades on the way: a picture too small to be read is none
        scale = 1 + _GONE * (1 / wider - 1)
        gone = rest.copy().scale(scale, about_point=here).shift(_GONE * (there - here)).set_opacity(0)
        views = [
            (self.box[0], around),
            *((lane, stripe(self.spans[place])) for lane, place in zip(lanes, self.taken, strict=True)),
            (rest, gone),
        ]
        return codes, wider, views

    def _room(self, codes: Barcode) -> VGroup:
        """How many tokens there is room for, and what the stripes are, below them."""
        style, w = self.style, self.wording
        many = w("room for {count} tokens at once", count=w.integer(self.content.tracks))
        size = style.type.heading if style.frame.is_tall else style.type.title
        words = Label(many, size, style.palette.text, weight="SEMIBOLD")
        text = w("{count} of them taken", count=w.integer(len(self.content.prompt) + 1))
        if codes.step > 1:
            stripes = w("one stripe for {count}", count=w.integer(codes.step))
            text = f"{text} · {stripes}"
        taken = Label(text, style.type.small, style.palette.muted)
        words.align_to(style.at(style.margin, 0), LEFT)
        words.set_y(codes.get_bottom()[1] - style.px(_BORDER + 50))
        if style.frame.is_tall:
            taken.next_to(words, DOWN, buff=style.px(16)).align_to(words, LEFT)
        else:
            taken.next_to(words, RIGHT, buff=style.px(28)).shift((words.line[0] - taken.line[0]) * UP)
        return VGroup(words, taken)

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
        lines = [(w("probability"), style.palette.muted), (w.percent(probability), style.palette.text)]
        if style.frame.is_tall:
            lines = lines[1:]
        words = VGroup(*(Label(line, style.type.small, color) for line, color in lines))
        return words.arrange(DOWN, buff=style.px(style.line_gap), aligned_edge=LEFT)


def _from(moment: float, alpha: float) -> float:
    """Nothing before the moment, all from then on."""
    return float(alpha >= moment)


def _zoom(wider: float, alpha: float) -> float:
    """How far a camera has drawn back that shrinks things at an even pace, from ``wider`` times to once."""
    return float((1 - wider ** -smooth(alpha)) / (1 - 1 / wider))


def _backwards(rate: Callable[[float], float], alpha: float) -> float:
    """The same way back."""
    return 1 - rate(1 - alpha)

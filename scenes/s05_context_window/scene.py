"""Draws loop 05: many tracks side by side; the prompt's tokens take theirs, and only then do we listen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from manim import DOWN, LEFT, RIGHT, UL, UP, DashedVMobject, Group, Mobject, Rectangle, VGroup, VMobject

from scenes.display_token import DisplayToken, spaced, spans
from scenes.fade import FadeIn
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.credit import credit
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.outputs import outputs
from scenes.parts.token import TokenChip, box, names_of
from scenes.parts.token_lines import travel
from scenes.parts.tracks import column_chips, labelled
from scenes.s05_context_window.content import Content

_NOTE, _OUTPUTS = 162, 246  # heights in the frame, in pixels
# pixels: the width of an empty track's place, and how far the first and the last column stand inside the box
_EMPTY, _INSET = 104, 44
_DOTS = 110  # pixels: what the "…" before and after the last columns take


class ContextWindow(LoopScene):
    """Tokens below, the model across, outputs above; each column is a track."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, px = self.style, self.style.palette, self.wording, self.style.px
        content = self.content
        tracks = round(content.tracks.number)
        heading = w("Context window: {tracks} tracks", tracks=w.integer(tracks))
        title = Label(heading, style.type.title, palette.text, weight="SEMIBOLD")
        title.to_corner(UL, buff=px(style.margin)).shift(px(36) * UP)

        # the prompt's columns and one for the answer that is fed back, then the last tracks, empty
        prompt = len(content.prompt)
        width = px(style.room - 2 * _INSET - 2 * (_EMPTY + style.gap) - _DOTS)
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
        ends = [self._empty(), self._empty()]
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
        row.move_to(style.at(960, 800))
        self.box = ModelBox(content.subject, style, style.room, 300).move_to(style.at(960, 520))
        self.heads = [
            VGroup(self._below(numbers[place]), self._arrow(chip))
            for place, chip in zip(columns, self.inputs, strict=True)
            if place is not None
        ]
        last = VGroup(
            *(
                self._below(self._number(range(tracks - 2 + i, tracks - 1 + i)).move_to(end))
                for i, end in enumerate(ends)
            )
        )

        self.followed = columns.index(len(self.spans) - 2)
        self.lanes = [self._lane(chip) for chip in (*self.inputs, *ends) if not isinstance(chip, Label)]
        heard = self.inputs[self.followed]
        self.lane = self._lane(heard, followed=True)
        *self.unheard, self.answer = self._outputs(columns, heard)
        self.way = arrow.straight(
            self.lane.get_top() + px(style.touch) * UP,
            self.answer.get_bottom() + px(style.touch) * DOWN,
            style,
            palette.track,
        )
        self.chance = self._chance().next_to(self.answer, RIGHT, buff=px(16))
        corner = credit(content.model, content.text_source, style, w, spaced=spaced(content))
        note = Label(w("grey: output that is ignored"), style.type.small, palette.muted)
        note.align_to(title, LEFT).set_y(style.at(0, _NOTE)[1])
        name = self._beside_the_track(self.box[1])
        # the model's name stands over its tracks
        self.notes = [note] if self.unheard else []
        self.fixed = [
            title,
            self.box[0],
            VGroup(*self.lanes),
            name,
            dots,
            VGroup(*ends),
            last,
            corner,
        ]
        return Group(
            *self.fixed,
            self.lane,
            *self.inputs,
            *self.heads,
            *self.notes,
            *self.unheard,
            self.way,
            self.answer,
            self.chance,
        )

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def story(self) -> None:
        pace = self.style.pace
        with self.beat("the prompt takes its tracks"):
            columns = self.inputs[: self.followed + 1]
            heads = iter(self.heads)
            # the "…" between the first columns and the last has neither number nor arrow
            headed = [(chip, next(heads) if isinstance(chip, TokenChip) else None) for chip in columns]
            done = 0
            for count, seconds in self.stream(len(columns), pace.move, 1.8):
                group = headed[done : done + count]
                rising = self.style.px(40) * UP
                self.move(
                    *(FadeIn(chip, shift=rising) for chip, _ in group),
                    *(FadeIn(head) for _, head in group if head is not None),
                    seconds=seconds,
                )
                done += count
            self.rest(pace.rest)
        with self.beat("outputs nobody listens to"):
            if self.unheard:
                self.move(
                    *(FadeIn(chip, shift=self.style.px(40) * UP) for chip in self.unheard),
                    *(FadeIn(note) for note in self.notes),
                    seconds=pace.move,
                )
                self.rest(pace.rest)
        with self.beat("the followed track answers"):
            self.move(FadeIn(self.lane, shift=self.style.px(30) * UP), seconds=pace.move)
            self.move(FadeIn(self.way), FadeIn(self.answer), FadeIn(self.chance), seconds=pace.move)
            self.rest(pace.rest)
        with self.beat("the answer takes the next track"):
            fed = self.inputs[self.followed + 1]
            place = fed.get_center()
            self.add(fed.move_to(self.answer))
            self.move(travel(fed, place), seconds=pace.slow)
            self.move(FadeIn(self.heads[-1]), seconds=pace.quick)

    def _beside_the_track(self, name: VMobject) -> VMobject:
        """The model's name in the middle of the wider part that the followed track leaves of the model."""
        left, right, track = self.box.get_left()[0], self.box.get_right()[0], self.lane.get_x()
        start, end = (left, track) if track - left > right - track else (track, right)
        room = end - start - self.style.px(160)
        if name.width > room:
            name.scale(room / name.width)
        if isinstance(name, Label):
            name.level_with(self.box)
        return name.set_x((start + end) / 2)

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
        return number.set_y(self.style.at(0, 886)[1])

    def _lane(self, chip: VMobject, *, followed: bool = False) -> Rectangle:
        """A track through the model."""
        style, palette = self.style, self.style.palette
        lane = Rectangle(
            width=style.px(56),
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
            y=_OUTPUTS,
            left=self.box.get_left()[0],
            right=style.at(style.right, 0)[0] - self._chance().width - style.px(16),
        )

    def _chance(self) -> VGroup:
        """How likely the answer was, if that is known."""
        probability, style, w = self.content.answer.probability, self.style, self.wording
        if probability is None:
            return VGroup()
        lines = (w("probability"), style.palette.muted), (w.percent(probability.number), style.palette.text)
        words = VGroup(*(Label(line, style.type.small, color) for line, color in lines))
        return words.arrange(DOWN, buff=style.px(style.line_gap), aligned_edge=LEFT)

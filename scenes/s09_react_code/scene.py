"""Draws loop 09: examples of descriptions and code in, React code out, token by token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from manim import (
    LEFT,
    UP,
    Animation,
    Create,
    Group,
    Line,
    Mobject,
    Transform,
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.code_panel import CodePanel, KeyedLine
from scenes.parts.flight import Flight, behind, in_turn
from scenes.parts.model_box import ModelBox
from scenes.parts.preview import Page, Preview
from scenes.parts.rounded import Rounded
from scenes.parts.token import OnDemand, chips_of
from scenes.priming import CODE, DESCRIPTION
from scenes.s09_react_code.content import Content, Tie
from scenes.style import Point

_AROUND = 12  # pixels between the lines that are read and the frame around them
_SMALL = 0.3  # how large an element is when the browser begins to draw it


@dataclass(frozen=True)
class _Places:
    """Where the parts stand: left, top, width, height, in pixels. The panel leaves room for arrows."""

    panel: tuple[float, float, float, float]
    box: tuple[float, float, float, float]
    window: tuple[float, float, float, float]


# the model beside the code that it writes, the browser beside the examples that it shows
_WIDE = _Places((90, 64, 1160, 916), (1340, 640, 490, 340), (1340, 64, 490, 480))
_TALL = _Places((60, 40, 960, 900), (60, 1004, 410, 205), (500, 1004, 520, 205))


class ReactCode(LoopScene):
    """The prompt and the code at the left; the model, and what a browser shows of the code, at the right."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        tall = style.frame.is_tall
        self.places = places = _TALL if tall else _WIDE
        left, top, width, height = places.panel
        given = content.text_source == "given"
        written = w("This comes next") if given else w("The model writes the code")
        self.panel = CodePanel(
            [((DESCRIPTION, pair.description), (CODE, pair.code)) for pair in content.examples],
            (DESCRIPTION, content.description),
            CODE,
            chips_of(content.code, style, w),
            style,
            w,
            width=width,
            height=height,
            heads=not tall,
            written=written,
        )
        self.panel.shift(style.at(left, top) - self.panel.frame.get_corner(UP + LEFT))
        left, top, width, height = places.box
        self.box = ModelBox(content.subject, style, width, height)
        self.box.move_to(style.at(left + width / 2, top + height / 2))
        left, top, width, height = places.window
        self.window = Preview(style, w, width=width, height=height)
        self.window.move_to(style.at(left + width / 2, top + height / 2))
        self.shown, self.waiting = self.window.showing(content.preview), self.window.waiting()
        corner = self.credit(content.text_source)
        panel = self.panel
        self.side = UP if tall else LEFT  # of the model, where the prompt comes in and the code goes out
        self.lines: list[KeyedLine] = [*(line for pair in panel.pairs for line in pair), panel.line]
        prompt = [panel.examples, panel.description, panel.asked]
        self.fixed = [panel.frame, *prompt, *self._arrows(), self.window, corner]
        return Group(*self.fixed, panel.output, self.shown, self.box)

    def question(self) -> Sequence[Mobject]:
        return [*self.fixed, self.box]

    def clearing(self, picture: Group) -> list[Animation]:
        waits = FadeIn(self.waiting, rate_func=squish_rate_func(smooth, 0.6, 1))
        return [unwind(*self.panel.output.visible, self.shown), waits]

    def story(self) -> None:
        style, pace, panel = self.style, self.style.pace, self.panel
        examples = self.content.examples[-len(panel.pairs) :] if panel.pairs else ()
        self.page = self.waiting
        self.reader: VMobject | None = None
        if examples:
            with self.beat("examples"):
                for example, pair in zip(examples, panel.pairs, strict=True):
                    self._read(VGroup(*pair))
                    if example.preview is not None:
                        self._show(self.window.showing(example.preview))
                    self.rest(pace.rest)
        with self.beat("description"):
            self._read(panel.line)
            self._feed(pace.move + 0.1)
        with self.beat("code"):
            self._write()
        with self.beat("preview"):
            # what the browser draws is as the tied tokens say
            chips = [panel.output.chips[tie.token] for tie in self.content.ties]
            marks = [
                self._around(chip, style.palette.mark, 0) for chip in chips if chip in panel.output.visible
            ]
            self._show(self.shown, *(Create(mark) for mark in marks))
            if marks:
                self.move(*(FadeOut(mark) for mark in marks), seconds=pace.quick)

    def _read(self, lines: VMobject) -> None:
        """The frame around what is read goes, and another is drawn around these lines."""
        frame = self._around(lines, self.style.palette.input_edge)
        gone = [FadeOut(self.reader)] if self.reader is not None else []
        self.reader = frame
        self.move(Create(frame), *gone, seconds=self.style.pace.quick)

    def _around(self, lines: VMobject, color: str, air: float = _AROUND) -> VMobject:
        """A frame around lines of text, so many pixels from them."""
        style = self.style
        return Rounded(
            lines.width + style.px(2 * air),
            lines.height + style.px(2 * air),
            style.px(style.chip_radius),
            stroke_color=color,
            stroke_width=style.stroke(style.line),
        ).move_to(lines)

    def _show(self, page: Page, *others: Animation) -> None:
        """The code goes to the browser, which draws it in place of what it showed before."""
        style, pace = self.style, self.style.pace
        before, self.page = self.page, page
        arrives = squish_rate_func(smooth, 0.4, 1)
        source = self.window.page.get_edge_center(self.side)
        self.move(
            arrow.pulse(self.to_browser[0], style),
            FadeOut(before, rate_func=squish_rate_func(smooth, 0, 0.4)),
            FadeIn(page, scale=_SMALL, target_position=source, rate_func=arrives),
            *others,
            seconds=pace.slow,
        )

    def _feed(self, seconds: float) -> None:
        """The whole prompt goes into the model, and light through it.

        Its grounds go, the words stay: so much text on its way would take a third of the video's bytes.
        """
        assert self.reader is not None
        box, style = self.box, self.style
        going = VGroup(*(line.box.copy() for line in self.lines))
        whole = [line.box.copy() for line in self.lines]
        for line in self.lines:
            line.box.set_fill(opacity=0)
            line.box.set_stroke(style.palette.special_edge, width=style.stroke(style.hairline))
        # under the words: none of them is covered
        self.bring_to_back(going)
        self.bring_to_front(box)
        size = 0.6 * min(1, box.width / going.width, box.height / going.height)
        place = behind(going.copy().scale(size), box, self.side, style)
        flight = Flight(going, [place], style, size=size, remover=True)
        waits = [] if self.page is self.waiting else [FadeOut(self.page), FadeIn(self.waiting)]
        self.page = self.waiting
        self.move(flight, FadeOut(self.reader), *waits, seconds=seconds)
        back = [Transform(line.box, box) for line, box in zip(self.lines, whole, strict=True)]
        self.move(self._light(), *back, seconds=seconds)

    def _light(self) -> Animation:
        return self.box.sweep(self.content.updates.numbers)

    def _write(self) -> None:
        """The code comes out of the model token by token; lines that are too many scroll.

        Where a token answers a word of the description, a line ties the two for a moment.
        """
        output, pace = self.panel.output, self.style.pace
        chips = output.chips
        output.set_first(0)
        self.add(output)
        self.bring_to_front(self.box)
        done, ties = 0, list(self.content.ties)
        passing: list[Animation] = []
        for count, seconds in self._parts():
            done += count
            moves, newcomers = output.reflow(done)
            flights = []
            for chip, (start, end) in zip(newcomers, in_turn(len(newcomers)), strict=True):
                flights.append(Flight(chip, self._way_out(chip), self.style, start=start, end=end))
            light = [] if done == 1 else [self._light()]
            self.move(*light, *moves, *flights, *passing, seconds=seconds)
            passing = []
            while ties and ties[0].token < done:
                tie = self._tie(ties.pop(0), chips)
                if tie is not None:
                    frame, line = tie
                    # under the chips: it crosses none of them
                    self.bring_to_back(line)
                    self.move(Create(frame), Create(line), seconds=0.4)
                    passing += [FadeOut(frame), FadeOut(line)]
        if passing:
            self.move(*passing, seconds=pace.quick)

    def _way_out(self, chip: VMobject) -> list[Point]:
        """Set the chip behind the model's edge; return its way to where it stood, past the chips there."""
        style, place = self.style, chip.get_center()
        chip.move_to(behind(chip, self.box, self.side, style))
        if style.frame.is_tall:
            # along below its line, where no chip stands yet
            lane = place[1] - style.px(style.chip_height + 1.4 * style.gap)
            return [np.array([chip.get_x(), lane, 0]), np.array([place[0], lane, 0]), place]
        edge = (self.panel.frame.get_right()[0] + self.box.get_left()[0]) / 2
        return [np.array([edge, chip.get_y(), 0]), np.array([edge, place[1], 0]), place]

    def _parts(self) -> list[tuple[int, float]]:
        """How many tokens come in each move, and in how many seconds: a token that is tied ends a move."""
        parts, done = [], 0
        ends = {tie.token + 1 for tie in self.content.ties}
        for count, seconds in self.stream(len(self.content.code), 0.45, 1.6, least=0.4):
            inside = sorted(end - done for end in ends if done < end < done + count)
            for start, end in zip([0, *inside], [*inside, count], strict=True):
                parts.append((end - start, seconds))
            done += count
        return parts

    def _arrows(self) -> list[VMobject]:
        """The prompt goes into the model, the code comes out of it and goes to the browser."""
        style, box, window = self.style, self.box, self.window
        edge = self.panel.frame.get_edge_center(-self.side)
        gap = style.px(style.arrow_gap_small)
        pink = style.palette.output_edge
        if style.frame.is_tall:
            ends = [(box.get_left()[0] + share * box.width, box.get_top()[1]) for share in (0.25, 0.75)]
            ends.append((window.get_x(), window.get_top()[1]))
            pairs = [(np.array([x, edge[1] - gap, 0]), np.array([x, y + gap, 0])) for x, y in ends]
        else:
            right = box.get_left()[0]
            ends = [(right, box.get_y() + share * box.height) for share in (0.3, -0.3)]
            ends.append((window.get_left()[0], window.get_y()))
            pairs = [(np.array([edge[0] + gap, y, 0]), np.array([x - gap, y, 0])) for x, y in ends]
        into, out, shown = pairs
        self.to_browser = VGroup(arrow.straight(*shown, style))
        return [arrow.straight(*into, style), arrow.straight(*out[::-1], style, pink), self.to_browser]

    def _tie(self, tie: Tie, chips: Sequence[VMobject] | OnDemand) -> VGroup | None:
        """A frame around a word of the description and a line to the token that answers it."""
        style, chip = self.style, chips[tie.token]
        frame = self.panel.line.word(tie.start, tie.end)
        if frame is None or chip not in self.panel.output.visible:
            return None
        line = Line(frame.get_bottom(), chip.get_top(), color=style.palette.mark)
        return VGroup(frame, line.set_stroke(width=style.stroke(style.line)))

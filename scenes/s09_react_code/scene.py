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

from scenes.display_token import spaced
from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene, unwind
from scenes.parts import arrow
from scenes.parts.code_panel import CodePanel, KeyedLine
from scenes.parts.credit import credit
from scenes.parts.flight import Flight, behind, in_turn
from scenes.parts.model_box import ModelBox
from scenes.parts.preview import Page, Preview
from scenes.parts.rounded import Rounded
from scenes.parts.token import OnDemand, chips_of
from scenes.priming import CODE, DESCRIPTION
from scenes.s09_react_code.content import Content, Tie

_AROUND = 12  # pixels between the lines that are read and the frame around them
_SMALL = 0.3  # how large code is that arrives in the browser


@dataclass(frozen=True)
class _Places:
    """Where the parts stand: left, top, width, height, in pixels. The panel leaves room for arrows."""

    panel: tuple[float, float, float, float]
    box: tuple[float, float, float, float]
    window: tuple[float, float, float, float]


_WIDE = _Places((90, 64, 1160, 916), (1340, 64, 490, 260), (1340, 370, 490, 610))
_TALL = _Places((60, 54, 960, 836), (60, 960, 410, 245), (500, 960, 520, 245))


class ReactCode(LoopScene):
    """The prompt and the code at the left; the model, and what a browser shows of the code, at the right."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        tall = style.frame.is_tall
        self.places = places = _TALL if tall else _WIDE
        left, top, width, height = places.panel
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
        )
        self.panel.shift(style.at(left, top) - self.panel.frame.get_corner(UP + LEFT))
        left, top, width, height = places.box
        self.box = ModelBox(content.subject, style, width, height)
        self.box.move_to(style.at(left + width / 2, top + height / 2))
        left, top, width, height = places.window
        self.window = Preview(style, w, width=width, height=height)
        self.window.move_to(style.at(left + width / 2, top + height / 2))
        self.shown = self.window.showing(content.preview)
        corner = credit(content.model, content.text_source, style, w, spaced=spaced(content))
        panel = self.panel
        self.side = UP if tall else LEFT  # of the model, where the prompt comes in and the code goes out
        self.lines: list[KeyedLine] = [*(line for pair in panel.pairs for line in pair), panel.line]
        prompt = [panel.examples, panel.description, panel.asked]
        self.fixed = [panel.frame, *prompt, *self._arrows(), self.window, corner]
        return Group(*self.fixed, panel.output, self.shown, self.box)

    def question(self) -> Sequence[Mobject]:
        return [*self.fixed, self.box]

    def clearing(self, picture: Group) -> list[Animation]:
        return [unwind(*self.panel.output.visible, self.shown)]

    def story(self) -> None:
        style, pace, panel = self.style, self.style.pace, self.panel
        examples = self.content.examples[-len(panel.pairs) :] if panel.pairs else ()
        read: Page | None = None
        self.reader: VMobject | None = None
        if examples:
            with self.beat("examples"):
                for example, pair in zip(examples, panel.pairs, strict=True):
                    shown = self.window.showing(example.preview) if example.preview else None
                    self._read(VGroup(*pair), read)
                    if shown is not None:
                        self._send(pair[1].text)
                        self._show(shown, pair[1])
                    read = shown
                    self.rest(pace.rest)
        with self.beat("description"):
            self._read(panel.line, read)
            self._feed(pace.move + 0.1)
        with self.beat("code"):
            self._write()
        with self.beat("preview"):
            # an outline: so many chips on their way would take a tenth of the video's bytes
            frame = self._around(panel.output, style.palette.output_edge)
            size = 0.8 * self.window.page.width / frame.width
            place = self.window.page.get_center()
            self.move(Flight(frame, [place], style, size=size, remover=True), seconds=pace.move)
            self.move(FadeIn(self.shown, scale=_SMALL), seconds=pace.quick)

    def _read(self, lines: VMobject, before: Page | None) -> None:
        """The frame around what is read goes on to these lines; what the browser showed before goes."""
        style = self.style
        frame = self._around(lines, style.palette.input_edge)
        gone = [FadeOut(before)] if before is not None else []
        if self.reader is None:
            self.reader = frame
            self.move(Create(frame), *gone, seconds=style.pace.quick)
        else:
            self.move(Transform(self.reader, frame), *gone, seconds=style.pace.quick)

    def _around(self, lines: VMobject, color: str) -> VMobject:
        """A frame around lines of text."""
        style = self.style
        return Rounded(
            lines.width + style.px(2 * _AROUND),
            lines.height + style.px(2 * _AROUND),
            style.px(style.chip_radius),
            stroke_color=color,
            stroke_width=style.stroke(style.line),
        ).move_to(lines)

    def _send(self, code: VMobject) -> None:
        """The code goes to the browser; its outline stays."""
        going, self.outline = self.lift(code)
        page = self.window.page
        size = min(1, 0.8 * page.width / going.width)
        flight = Flight(going, [page.get_center()], self.style, size=size, remover=True)
        self.move(flight, seconds=self.style.pace.move)

    def _show(self, page: Page, code: VMobject) -> None:
        """The browser draws the code that was sent to it."""
        self.move(FadeIn(page, scale=_SMALL), FadeIn(code), seconds=self.style.pace.quick)
        self.remove(self.outline)

    def _feed(self, seconds: float) -> None:
        """The whole prompt goes into the model, and light through it."""
        assert self.reader is not None
        box, style = self.box, self.style
        going, outline = self.lift(*self.lines)
        self.bring_to_front(box)
        flights = []
        for line, (start, end) in zip(going, in_turn(len(going), 0.34), strict=True):
            size = 0.6 * min(1, box.width / line.width, box.height / line.height)
            place = behind(line.copy().scale(size), box, self.side, style)
            flight = Flight(line, [place], style, size=size, start=start, end=end, remover=True)
            flights.append(flight)
        self.move(*flights, FadeOut(self.reader), seconds=seconds)
        # late and quickly: a fade of so much text takes many bytes
        refill = squish_rate_func(smooth, 0.6, 1)
        back = [FadeIn(line, rate_func=refill) for line in self.lines]
        self.move(self._light(), *back, seconds=seconds)
        self.remove(outline)

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
                place = chip.get_center()
                chip.move_to(behind(chip, self.box, self.side, self.style))
                flights.append(Flight(chip, [place], self.style, start=start, end=end))
            light = [] if done == 1 else [self._light()]
            self.move(*light, *moves, *flights, *passing, seconds=seconds)
            passing = []
            while ties and ties[0].token < done:
                tie = self._tie(ties.pop(0), chips)
                if tie is not None:
                    self.move(*(Create(part) for part in tie), seconds=0.4)
                    passing.append(FadeOut(tie))
        if passing:
            self.move(*passing, seconds=pace.quick)

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
            top, right = box.get_top()[1], box.get_left()[0]
            heights = [top - 0.25 * box.height, top - 0.75 * box.height, self.panel.output.get_y()]
            pairs = [(np.array([edge[0] + gap, y, 0]), np.array([right - gap, y, 0])) for y in heights]
        into, out, shown = pairs
        return [
            arrow.straight(*into, style),
            arrow.straight(*out[::-1], style, pink),
            arrow.straight(*shown, style),
        ]

    def _tie(self, tie: Tie, chips: Sequence[VMobject] | OnDemand) -> VGroup | None:
        """A frame around a word of the description and a line to the token that answers it."""
        style, chip = self.style, chips[tie.token]
        frame = self.panel.line.word(tie.start, tie.end)
        if frame is None or chip not in self.panel.output.visible:
            return None
        line = Line(frame.get_bottom(), chip.get_top(), color=style.palette.mark)
        return VGroup(frame, line.set_stroke(width=style.stroke(style.line)))

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
    VGroup,
    VMobject,
    smooth,
    squish_rate_func,
)

from scenes.fade import FadeIn, FadeOut, at_once
from scenes.loop import LoopScene, unwind
from scenes.marks import decoration
from scenes.parts import arrow
from scenes.parts.code_panel import CodePanel
from scenes.parts.flight import Flight, behind, in_turn
from scenes.parts.heading import Heading
from scenes.parts.model_box import ModelBox
from scenes.parts.preview import Preview
from scenes.parts.rounded import Rounded, around
from scenes.parts.token import chips_of
from scenes.priming import CODE, DESCRIPTION
from scenes.s09_react_code.content import Content, Tie
from scenes.style import Point

_AROUND = 9  # pixels between the lines that are read and the edge around them
_SMALL = 0.3  # how large an element is when the browser begins to draw it
_LEAST = 200  # pixels: how high the browser is
_LEVEL = 46  # pixels from the model's arrow to its lower edge, and from there to the browser
_TIE = 4  # pixels: the width of such an edge, and of a line from word to word


@dataclass(frozen=True)
class _Places:
    """Where the parts stand: left, top, width, height, in pixels. The panel leaves room for arrows.

    In a wide frame the model and the browser share one place, the one above the other.
    """

    panel: tuple[float, float, float, float]
    box: tuple[float, float, float, float]
    window: tuple[float, float, float, float]


# the model beside what it reads and writes, the browser beside the code that it shows
_WIDE = _Places((90, 150, 1160, 840), (1340, 150, 490, 840), (1340, 150, 490, 840))
_TALL = _Places((60, 132, 960, 848), (60, 1030, 410, 178), (500, 1030, 520, 178))


class ReactCode(LoopScene):
    """The prompt and the code at the left; the model, and what a browser shows of the code, at the right."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, w, content = self.style, self.wording, self.content
        tall = style.frame.is_tall
        self.places = places = _TALL if tall else _WIDE
        self.heading = Heading(self._sentences(), style)
        left, top, width, height = places.panel
        self.panel = panel = CodePanel(
            [((DESCRIPTION, pair.description), (CODE, pair.code)) for pair in content.examples],
            (DESCRIPTION, content.description),
            CODE,
            chips_of(content.code, style, w),
            style,
            w,
            width=width,
            height=height,
        )
        panel.shift(style.at(left, top) - panel.frames[0].get_corner(UP + LEFT))
        left, top, width, height = places.box
        foot = top + height
        if not tall:
            # down to the first line of the code, and the browser below
            level = (style.at(0, 0)[1] - panel.level) / style.px(1)
            height = min(level + _LEVEL, foot - _LEAST - 24) - top
        self.box = ModelBox(content.subject, style, width, height)
        self.box.move_to(style.at(left + width / 2, top + height / 2))
        if not tall:
            places = _Places(
                places.panel, places.box, (left, top + height + 24, width, foot - top - height - 24)
            )
        left, top, width, height = places.window
        self.window = Preview(style, w, width=width, height=height)
        self.window.move_to(style.at(left + width / 2, top + height / 2))
        self.shown, self.waiting = self.window.showing(content.preview), self.window.waiting()
        self.side = UP if tall else LEFT  # of the model, where the prompt comes in and the code goes out
        self.echoes = self._echoes()
        self.ties = [tie for each in content.ties if (tie := self._tie(each)) is not None]
        self.fixed = [
            *panel.frames, panel.examples, panel.line, panel.asked, *self._arrows(), self.window,
            self.credit(content.text_source), self.heading,
        ]  # fmt: skip
        lines = [line for _, (line, *_) in self.ties]
        marks = [mark for _, (_, *edges) in self.ties for mark in edges]
        return Group(*lines, *self.fixed, *self.echoes, panel.output, *marks, self.shown, self.box)

    def _sentences(self) -> list[str]:
        w, count = self.wording, len(self.content.examples)
        writes = (
            w("This comes next") if self.content.text_source == "given" else w("The model writes the code")
        )
        if not count:
            return [w("A person writes a description"), writes]
        return [
            w.plural("A person writes {count} example", "A person writes {count} examples", count),
            w("… and a new description"),
            writes,
            w.plural(
                "{count} example shows the model the pattern",
                "{count} examples show the model the pattern",
                count,
            ),
        ]

    def question(self) -> Sequence[Mobject]:
        return [*self.fixed, self.box]

    def clearing(self, picture: Group) -> list[Animation]:
        waits = FadeIn(self.waiting, rate_func=squish_rate_func(smooth, 0.6, 1))
        ties = [part for _, tie in self.ties for part in tie]
        steps = [*self.echoes, *self.panel.output.visible, *ties, self.shown]
        return [unwind(*steps), waits, *self.heading.says(0)]

    def story(self) -> None:
        pace, panel = self.style.pace, self.panel
        self.reader: VMobject | None = None
        if panel.pairs:
            with self.beat("examples"):
                for pair, echo in zip(panel.pairs, self.echoes, strict=True):
                    self._read(VGroup(*pair))
                    self.move(FadeIn(echo), seconds=pace.quick)
                    self.rest(pace.rest)
        with self.beat("description"):
            self._read(panel.line, *(self.heading.says(1) if panel.pairs else ()))
            self.rest(pace.rest)
            self._feed(pace.move + 0.1)
        with self.beat("code"):
            self._write()
            if self.ties:
                self.rest(pace.rest)
        with self.beat("preview"):
            self._show()

    def _read(self, lines: VMobject, *others: Animation) -> None:
        """An edge goes around what is read, that around what was read before goes."""
        gone = [FadeOut(self.reader, rate_func=at_once)] if self.reader is not None else []
        self.reader = self._around(lines, self.style.palette.input_edge)
        self.move(Create(self.reader), *gone, *others, seconds=self.style.pace.quick)

    def _around(self, part: VMobject, color: str, air: float = _AROUND) -> Rounded:
        """An edge around a part, so many pixels from it."""
        style = self.style
        look = {"stroke_color": color, "stroke_width": style.stroke(_TIE)}
        return decoration(around(part, style.px(air), style.px(style.chip_radius), **look))

    def _show(self) -> None:
        """The code goes to the browser, which draws it."""
        style = self.style
        source = self.window.page.get_edge_center(self.side)
        self.move(
            arrow.pulse(self.to_browser, style),
            FadeOut(self.waiting, rate_func=squish_rate_func(smooth, 0, 0.4)),
            FadeIn(
                self.shown,
                scale=_SMALL,
                target_position=source,
                rate_func=squish_rate_func(smooth, 0.4, 1),
            ),
            *self.heading.says(-1),
            seconds=style.pace.slow,
        )

    def _feed(self, seconds: float) -> None:
        """The whole prompt goes into the model, and light through it.

        Its edges go, the words stay: so much text on its way would take a third of the video's bytes.
        """
        assert self.reader is not None
        box, style = self.box, self.style
        edges = [self.reader]
        if self.panel.pairs:
            edges.insert(0, self._around(self.panel.examples, style.palette.input_edge))
        self.add(*edges, box)
        flights = []
        for edge in edges:
            size = 0.6 * min(1, box.width / edge.width, box.height / edge.height)
            place = behind(edge.copy().scale(size), box, self.side, style)
            flights.append(Flight(edge, [place], style, size=size, remover=True))
        self.move(*flights, seconds=seconds)
        self.move(self._light(), seconds=seconds)

    def _light(self) -> Animation:
        return self.box.sweep(self.content.updates.numbers)

    def _write(self) -> None:
        """The code comes out of the model token by token; lines that are too many scroll.

        Where a token takes up a word of the description, a line ties the two, at once or, where the lines
        scroll, when all stand.
        """
        output, told = self.panel.output, self.panel.pairs
        whole = len(output.visible) == len(output.chips)
        output.set_first(0)
        self.add(output)
        self.bring_to_front(self.box)
        done, ties = 0, list(self.ties)
        says = self.heading.says(2 if told else 1)
        for count, seconds in self._parts():
            done += count
            moves, newcomers = output.reflow(done)
            flights = []
            for chip, (start, end) in zip(newcomers, in_turn(len(newcomers)), strict=True):
                flights.append(Flight(chip, self._way_out(chip), self.style, start=start, end=end))
            light = [] if done == 1 else [self._light()]
            self.move(*light, *moves, *flights, *says, seconds=seconds)
            says = []
            while ties and (ties[0][0] < done if whole else done == len(output.chips)):
                line, *edges = ties.pop(0)[1]
                # under the chips: it crosses none of them
                self.bring_to_back(line)
                self.move(Create(line), *map(Create, edges), seconds=0.4)

    def _way_out(self, chip: VMobject) -> list[Point]:
        """Set the chip behind the model's edge; return its way to where it stood, past the chips there."""
        style, place = self.style, chip.get_center()
        chip.move_to(behind(chip, self.box, self.side, style))
        if style.frame.is_tall:
            # along below its line, where no chip stands yet
            lane = place[1] - style.px(style.chip_height + 1.4 * style.gap)
            return [np.array([chip.get_x(), lane, 0]), np.array([place[0], lane, 0]), place]
        edge = (self.panel.frames[-1].get_right()[0] + self.box.get_left()[0]) / 2
        return [np.array([edge, chip.get_y(), 0]), np.array([edge, place[1], 0]), place]

    def _parts(self) -> list[tuple[int, float]]:
        """How many tokens come in each move, and in how many seconds: a token that is tied ends a move."""
        parts, done = [], 0
        ends = {token + 1 for token, _ in self.ties}
        for count, seconds in self.stream(len(self.content.code), 0.45, 1.6, least=0.4):
            inside = sorted(end - done for end in ends if done < end < done + count)
            for start, end in zip([0, *inside], [*inside, count], strict=True):
                parts.append((end - start, seconds))
            done += count
        return parts

    def _arrows(self) -> list[VMobject]:
        """The prompt goes into the model, the code comes out of it and goes to the browser."""
        style, box, window, panel = self.style, self.box, self.window, self.panel
        gap = style.px(style.arrow_gap_small)
        if style.frame.is_tall:
            edge = panel.frames[-1].get_bottom()[1]
            ends = [(box.get_left()[0] + share * box.width, box.get_top()[1]) for share in (0.25, 0.75)]
            ends.append((window.get_x(), window.get_top()[1]))
            pairs = [(np.array([x, edge - gap, 0]), np.array([x, y + gap, 0])) for x, y in ends]
        else:
            edge = panel.frames[-1].get_right()[0]
            low, level = box.get_bottom()[1], max(panel.level, box.get_bottom()[1] + style.px(_LEVEL))
            ends = [(box.get_left()[0], frame.get_y()) for frame in panel.frames[:-1]]
            ends += [(box.get_left()[0], max(panel.line.box.get_y(), level + style.px(60)))]
            ends += [(box.get_left()[0], level), (window.get_left()[0], min(window.get_y(), low - gap))]
            pairs = [(np.array([edge + gap, y, 0]), np.array([x - gap, y, 0])) for x, y in ends]
        *into, out, shown = pairs
        self.to_browser = arrow.straight(*shown, style)
        written = arrow.straight(*out[::-1], style, style.palette.output_edge)
        return [*(arrow.straight(*way, style) for way in into), written, self.to_browser]

    def _echoes(self) -> list[VGroup]:
        """The edges around the words of each example that is shown, where its code takes them up."""
        shown = self.content.examples[-len(self.panel.pairs) :] if self.panel.pairs else ()
        found = []
        for example, (description, code) in zip(shown, self.panel.pairs, strict=True):
            edges = VGroup()
            for echo in example.echoes:
                one, other = description.word(echo.start, echo.end), code.word(*echo.code)
                if one is not None and other is not None:
                    edges.add(one, other)
            found.append(edges)
        return found

    def _tie(self, tie: Tie) -> tuple[int, VGroup] | None:
        """The token that takes up a word of the description; the line that ties them, an edge around each."""
        style, output = self.style, self.panel.output
        chip, frame = output.chips[tie.token], self.panel.line.word(tie.start, tie.end)
        if frame is None or chip not in output.visible:
            return None
        line = Line(frame.get_bottom(), chip.get_top(), color=style.palette.mark)
        edge = self._around(chip, style.palette.mark, 0)
        return tie.token, VGroup(decoration(line).set_stroke(width=style.stroke(_TIE)), frame, edge)

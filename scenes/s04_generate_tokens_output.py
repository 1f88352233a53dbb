"""04: output comes one token at a time, and each is fed back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UL,
    UP,
    Animation,
    FadeIn,
    Group,
    GrowFromEdge,
    Mobject,
    ReplacementTransform,
    VGroup,
    VMobject,
)

from model_trace.trace import Trace
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.credit import credit
from scenes.parts.label import Label
from scenes.parts.model_box import ModelBox
from scenes.parts.probability_bars import Candidate, ProbabilityBars
from scenes.parts.token import TokenChip
from scenes.parts.token_lines import TokenLines, travel
from scenes.pieces import Piece, TextSource, named, prompt_pieces, text_source, token_piece, written_positions
from scenes.shown import REST, Source, recorded

_ROWS = 4
_GUTTER = 1052  # where the chosen token's way runs down, in pixels: between the model and the rows


@dataclass(frozen=True)
class Step:
    """One forward: the distribution it ended in (the last row is all other tokens) and the token taken."""

    candidates: tuple[Candidate, ...]
    chosen: Piece


@dataclass(frozen=True)
class Content:
    """The prompt and one step for each token written."""

    model: str
    text_source: TextSource
    prompt: tuple[Piece, ...]
    steps: tuple[Step, ...]


def content(trace: Trace, *, article: bool = False) -> Content:
    """What 04 says of this trace."""
    steps = tuple(_step(trace, position) for position in written_positions(trace))
    return Content(trace.model.label, text_source(trace, article), prompt_pieces(trace), steps)


def _step(trace: Trace, position: int) -> Step:
    """The likeliest tokens; a chosen one that is not among them takes the last of their rows."""
    row = position - 1
    chosen = token_piece(trace, position)
    ids = [int(i) for i in trace.values("generation/top_ids", (row,))][:_ROWS]
    number = trace.tokens[position].id
    listed = number in ids
    ranks = tuple(range(_ROWS if listed else _ROWS - 1))
    rows = [
        Candidate(
            named(trace, "generation/top_ids", (row, rank)),
            recorded(trace, "percent", Source("generation/top_probabilities", (row, rank))),
            ids[rank] == number,
        )
        for rank in ranks
    ]
    shown = [Source("generation/top_probabilities", (row, ranks))]
    if not listed:
        taken = Source("generation/next_probability", (row,))
        rows.append(Candidate(chosen.shown, recorded(trace, "percent", taken), True))
        shown.append(taken)
    return Step((*rows, Candidate(None, recorded(trace, "percent", *shown, formula=REST))), chosen)


class GenerateTokensOutput(LoopScene):
    """The sequence above, the model, its distribution to the right, the output below, and the way back."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w = self.style, self.style.palette, self.wording
        steps = self.content.steps
        pieces = (*self.content.prompt, *(step.chosen for step in steps))
        # the last token written is not fed back within this picture, so it has no place in the input
        self.input = TokenLines(self._chips(pieces[:-1]), style, w, width=1740, lines=2)
        self.output = TokenLines(self._chips(pieces[-len(steps) :]), style, w, width=_GUTTER - 150, lines=2)
        self.box = ModelBox("GPT-3", style, 840, 290)
        self.counters = [self._counter(number) for number in range(1, len(steps) + 1)]
        so_far = Label(w("output so far"), style.type.body, palette.muted)
        caption = Label(w("each new token is fed back as input"), style.type.body, palette.text)
        above = VGroup(self.counters[-1], self.input).arrange(DOWN, buff=style.px(24), aligned_edge=LEFT)
        below = VGroup(so_far, self.output, caption).arrange(DOWN, buff=style.px(20), aligned_edge=LEFT)
        column = VGroup(above, self.box, below).arrange(DOWN, buff=style.px(68), aligned_edge=LEFT)
        column.to_edge(LEFT, buff=style.px(style.margin)).shift(style.px(16) * UP)
        self.box.shift(RIGHT * style.px(40))
        for counter in self.counters:
            counter.align_to(self.counters[-1], UL)
        self.bars = [self._bars(step) for step in steps]
        title = Label(w("probability of the next token"), style.type.body, palette.muted)
        title.next_to(self.bars[-1], UP, buff=style.px(26)).to_edge(RIGHT, buff=style.px(style.margin))
        self.arrows = self._arrows()
        self.taken = self._taken(len(steps) - 1)
        corner = credit(self.content.model, self.content.text_source, style, w)
        self.fixed = [self.box, so_far, caption, title, self.arrows, corner]
        return Group(*self.fixed, self.counters[-1], self.input, self.bars[-1], self.taken, self.output)

    def question(self) -> Sequence[Mobject]:
        return [*self.fixed, self.input]

    def clearing(self, picture: Group) -> list[Animation]:
        moves, newcomers = self.input.reflow(len(self.content.prompt))
        return [*super().clearing(picture), *moves, *(FadeIn(chip) for chip in newcomers)]

    def story(self) -> None:
        pace = self.style.pace
        self.output.set_first(0)
        done = 0
        for count, seconds in self.stream(len(self.content.steps), pace.move, 3.4):
            slow, step = done < 2, done + count - 1
            with self.beat(f"step {step + 1}"):
                self._predict(done - 1, step, seconds if slow else seconds / 2)
                if slow:
                    self.rest(pace.rest)
                self._take(step, seconds if slow else seconds / 2)
                if slow and step + 1 < len(self.content.steps):
                    self.move(*self._feed(step), seconds=seconds)
            done += count

    def _predict(self, before: int, step: int, seconds: float) -> None:
        """The input goes in, the distribution of ``step`` comes out in place of the one ``before``."""
        bars = self.bars[step]
        changes = self._feed(step - 1)
        self.add(self.counters[step])
        if before < 0:
            changes += [GrowFromEdge(row[1], LEFT) for row in bars]
            changes += [FadeIn(row[0], row[2]) for row in bars]
        else:
            self.remove(self.counters[before])
            for old, new in zip(self.bars[before], bars, strict=True):
                # words change at once, only lengths move: two half-faded words on one place read as neither
                self.remove(old[0], old[2])
                self.add(new[0], new[2])
                changes.append(ReplacementTransform(old[1], new[1]))
        self.move(*changes, seconds=seconds)

    def _take(self, step: int, seconds: float) -> None:
        """The chosen token leaves its row and joins the output."""
        moves, newcomers = self.output.reflow(step + 1)
        for chip in newcomers:
            moves.append(self._arrival(chip, self._chosen_row(step)[0]))
        if step == len(self.content.steps) - 1:
            moves.append(FadeIn(self.taken))
        self.move(*moves, seconds=seconds)

    def _feed(self, step: int) -> list[Animation]:
        """The tokens up to ``step`` stand in the input; those that are new there come from the output."""
        count = min(len(self.content.prompt) + step + 1, len(self.input.chips))
        moves, newcomers = self.input.reflow(count)
        fed = self.input.chips[len(self.content.prompt) :]
        for chip in newcomers:
            moves.append(self._arrival(chip, self.output.visible[-1]) if chip in fed else FadeIn(chip))
        return moves

    def _arrival(self, chip: VMobject, origin: Mobject) -> Animation:
        """A chip that stands in its place comes there from ``origin``."""
        place = chip.get_center()
        return travel(chip.move_to(origin), place)

    def _chosen_row(self, step: int) -> VMobject:
        candidates = self.content.steps[step].candidates
        return self.bars[step][next(i for i, c in enumerate(candidates) if c.chosen)]

    def _chips(self, pieces: Sequence[Piece]) -> list[TokenChip]:
        return [TokenChip(piece, self.style) for piece in pieces]

    def _counter(self, number: int) -> Label:
        total = len(self.content.steps)
        text = self.wording("Step {number} of {total}", number=number, total=total)
        return Label(text, self.style.type.heading, self.style.palette.muted, weight="SEMIBOLD")

    def _bars(self, step: Step) -> ProbabilityBars:
        """The step's bars, all at one place: right of the model, 100 % short of the margin."""
        style = self.style
        bars = ProbabilityBars(step.candidates, style, self.wording, full=380, pitch=78)
        bars.shift(style.at(1920 - style.margin - 150 - 380, 540))
        return bars.shift((self.box.get_top()[1] - style.px(40)) * UP)

    def _arrows(self) -> VGroup:
        """Into the model, out of it, and from the output back to the input."""
        style, px = self.style, self.style.px
        middle = self.box.get_center()[0] * RIGHT
        into = arrow.straight(
            middle + (self.input.get_bottom()[1] - px(12)) * UP,
            middle + (self.box.get_top()[1] + px(12)) * UP,
            style,
        )
        side = self.box.get_right() + px(14) * RIGHT
        out = arrow.straight(side, side + px(46) * RIGHT, style)
        start, end = (lines.visible[0].get_left() + px(14) * LEFT for lines in (self.output, self.input))
        gutter = self.style.at(40, 0)[0]
        back = self._way([start, [gutter, start[1], 0], [gutter, end[1], 0], end])
        return VGroup(into, out, back)

    def _taken(self, step: int) -> VGroup:
        """The way of the chosen token from its row to the output, clear of the other rows' words."""
        px = self.style.px
        start = self._chosen_row(step)[0].get_left() + px(14) * LEFT
        end = self.output.visible[-1].get_right() + px(14) * RIGHT
        gutter = self.style.at(_GUTTER, 0)[0]
        return self._way([start, [gutter, start[1], 0], [gutter, end[1], 0], end])

    def _way(self, corners: Sequence[Any]) -> VGroup:
        return arrow.bent(
            [np.array(corner) for corner in corners], self.style, self.style.palette.output_edge
        )

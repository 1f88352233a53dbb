"""08: every token flows through the whole stack; we listen only after the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from manim import (
    DOWN,
    LEFT,
    RIGHT,
    UL,
    UP,
    Create,
    Dot,
    FadeIn,
    Group,
    GrowFromEdge,
    Line,
    Mobject,
    VGroup,
    VMobject,
)

from model_trace.trace import Trace
from scenes.facts import GPT3, Subject
from scenes.loop import LoopScene
from scenes.parts import arrow
from scenes.parts.credit import credit
from scenes.parts.glance import glances
from scenes.parts.label import Label
from scenes.parts.token import TokenChip
from scenes.parts.tracks import column_chips, labelled, shade_scale, slabs
from scenes.pieces import Piece, TextSource, prompt_pieces, text_source, token_piece
from scenes.shown import MEAN, Shown, Source, recorded
from scenes.vectors import evenly, updates

_LAYERS = 48  # the most that are drawn
_NARROW = 60  # the most columns without a label
_HEADS = 5  # the attention heads whose mean is drawn
_ANSWERS = 2
# where the rows stand, in pixels from the top, and where the columns begin
_OUTPUT, _FLOOR, _HEIGHT, _INPUT, _LEFT = 226, 856, 552, 906, 300


@dataclass(frozen=True)
class Content:
    """The columns of the picture, one per forwarded token, and what came out where we listen.

    ``updates`` [columns][drawn layers]: how much each layer changed that token's vector. ``attention``
    [prompt tokens]: where the last prompt token looked, mean of a few heads; empty where the model's
    family cannot tell. ``layers`` counts all of the traced model's, of which ``drawn`` are shown.
    """

    model: str
    subject: str
    traced: bool
    subject_layers: Shown
    text_source: TextSource
    tokens: tuple[Piece, ...]
    prompt_length: int
    answers: tuple[Piece, ...]
    updates: tuple[Shown, ...]
    attention: Shown | None
    layers: Shown
    drawn: tuple[int, ...]


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """What 08 says of this trace: the prompt and the first two tokens that follow it."""
    prompt = trace.prompt_length
    written = range(prompt, min(prompt + _ANSWERS, len(trace.tokens)))
    answers = tuple(token_piece(trace, i) for i in written if trace.tokens[i].role != "special")
    # the last answer came out, but what it leads to is not part of this picture
    columns = prompt + max(len(answers) - 1, 0)
    drawn = evenly(trace.model.layers, _LAYERS)
    return Content(
        model=trace.model.label,
        subject=subject.name,
        traced=subject.traced,
        subject_layers=subject.layers,
        text_source=text_source(trace, article),
        tokens=prompt_pieces(trace) + answers[:-1],
        prompt_length=prompt,
        answers=answers,
        updates=tuple(updates(trace, column, drawn) for column in range(columns)),
        attention=_attention(trace, prompt - 1),
        layers=recorded(trace, "integer", Source("model.layers", ())),
        drawn=drawn,
    )


def _attention(trace: Trace, position: int) -> Shown | None:
    """Mean pattern of the heads that look hardest at one token between the first and ``position``.

    The first token is left out of the choice: most heads rest on it when they have nothing to say.
    """
    name = "generation/attn_pattern"
    if name not in trace.tensors or position < 2:
        return None
    rows = trace.values(name, (slice(None), slice(None), position, slice(0, position)))
    strength = rows[..., 1:].max(axis=-1)
    chosen = np.argsort(-strength, axis=None, kind="stable")[:_HEADS]
    places = tuple(range(position))
    sources = [
        Source(name, (int(layer), int(head), position, places))
        for layer, head in zip(*np.unravel_index(chosen, strength.shape), strict=True)
    ]
    return recorded(trace, "colour", *sources, formula=MEAN)


class TokensTransformerBlocks(LoopScene):
    """A column of layers per token: inputs below, outputs above, read from left to right."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, px = self.style, self.style.palette, self.wording, self.style.px
        said = self.content
        layers = w.integer(said.subject_layers.number)
        heading = w("Every token flows through the whole stack ({layers} layers)", layers=layers)
        if not said.traced:
            heading = w(
                "Every token flows through the whole stack ({name}: {layers} layers)",
                name=said.subject,
                layers=layers,
            )
        title = Label(heading, style.type.title, palette.text, weight="SEMIBOLD")
        title.to_corner(UL, buff=px(style.margin)).shift(px(36) * UP)
        self.spoken = [TokenChip(piece, style, longest=8) for piece in said.answers]
        self.columns, self.inputs = self._columns()
        foot, top = style.at(0, _FLOOR)[1], style.at(0, _FLOOR - _HEIGHT)[1]
        rows = [
            (w("output"), style.at(0, _OUTPUT)[1]),
            (self._layer(-1), top - px(20)),
            (self._layer(0), foot + px(20)),
            (w("input"), self.inputs[0].get_y()),
        ]
        names = VGroup(
            *(
                Label(text, style.type.small, palette.muted).align_to(style.at(_LEFT - 30, 0), RIGHT).set_y(y)
                for text, y in rows
            )
        )
        last = said.prompt_length - 1
        self.dropped = VGroup(
            *(
                Dot(radius=px(6), color=palette.special_edge).move_to(style.at(0, _OUTPUT)).set_x(self._x(i))
                for i in range(last)
                if i in self._place.values()
            )
        )
        self.arcs = self._arcs()
        self.answers = [
            VGroup(
                chip.move_to(style.at(0, _OUTPUT)).set_x(self._x(last + i)),
                arrow.straight(
                    np.array([self._x(last + i), top + px(8), 0]),
                    chip.get_bottom() + px(4) * DOWN,
                    style,
                    palette.output_edge,
                ),
            )
            for i, chip in enumerate(self.spoken)
        ]
        corner = credit(said.model, said.text_source, style, w)
        self.fixed = [title, names, self._legend(), corner]
        return Group(
            *self.fixed,
            *self.columns.values(),
            *self.inputs,
            self.dropped,
            self.arcs,
            *self.answers,
        )

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def story(self) -> None:
        pace, said = self.style.pace, self.content
        with self.beat("the prompt flows through"):
            places = [place for place in self.columns if place < said.prompt_length]
            done = 0
            for count, seconds in self.stream(len(places), pace.move, 2.4):
                new = places[done : done + count]
                self.move(*(move for place in new for move in self._rise(place)), seconds=seconds)
                done += count
            if len(self.dropped):
                self.move(FadeIn(self.dropped, shift=UP * self.style.px(24)), seconds=pace.quick)
            self.rest(pace.rest)
        if len(self.arcs):
            with self.beat("the last token looks back"):
                self.move(*(Create(arc) for arc in self.arcs), seconds=pace.move)
                self.rest(pace.rest)
        for number, answer in enumerate(self.answers):
            with self.beat(f"answer {number + 1}"):
                self.move(FadeIn(answer, shift=UP * self.style.px(24)), seconds=pace.move)
                fed = said.prompt_length + number
                if fed in self.columns:
                    self.rest(pace.rest)
                    self.move(*self._rise(fed), seconds=pace.move)

    def _rise(self, place: int) -> list[GrowFromEdge | FadeIn]:
        """A token enters below and goes up through all layers."""
        chips = [chip for chip in self.inputs if self._place.get(chip) == place]
        return [*(FadeIn(chip) for chip in chips), GrowFromEdge(self.columns[place], DOWN)]

    def _columns(self) -> tuple[dict[int, VGroup], list[VMobject]]:
        """The slabs by the token's place, and the chips (or "…") under them."""
        style, px, said = self.style, self.style.px, self.content
        places = labelled(len(said.tokens))
        shown = [place for place in places if place is not None]
        hidden = [place for place in range(len(said.tokens)) if place not in shown]
        narrow = [hidden[place] for place in evenly(len(hidden), _NARROW)]
        slot, gap = px(6), px(style.gap)
        between = len(narrow) * slot + 2 * gap
        # an answer stands above its column, which must not be narrower
        spoken = zip(range(said.prompt_length - 1, len(said.tokens)), self.spoken, strict=False)
        least = {shown.index(place): chip.width for place, chip in spoken}
        room = px(1920 - style.margin - _LEFT) - between
        chips = column_chips([said.tokens[place] for place in shown], -1, style, room, least)
        widths = [max(chip.width, least.get(i, 0.0)) for i, chip in enumerate(chips)]
        step = min((room - sum(widths)) / len(chips), px(60))
        self._place: dict[VMobject, int] = {}
        columns: dict[int, VGroup] = {}
        inputs: list[VMobject] = []
        x = style.at(_LEFT, 0)[0]
        standing = iter(zip(chips, widths, strict=True))
        for place in places:
            if place is None:
                x += gap
                for one in narrow:
                    columns[one] = self._column(one, px(4), x + slot / 2)
                    x += slot
                dots = Label("…", style.type.heading, style.palette.muted)
                inputs.append(dots.set_x(x - len(narrow) * slot / 2).set_y(style.at(0, _INPUT)[1]))
                x += gap
                continue
            chip, width = next(standing)
            chip.move_to(style.at(0, _INPUT)).set_x(x + width / 2)
            self._place[chip] = place
            inputs.append(chip)
            columns[place] = self._column(place, width - px(12), chip.get_x())
            x += width + step
        return dict(sorted(columns.items())), inputs

    def _column(self, place: int, width: float, x: float) -> VGroup:
        style = self.style
        column = slabs(self.content.updates[place].numbers, style, width=width, height=style.px(_HEIGHT))
        return column.align_to(style.at(0, _FLOOR), DOWN).set_x(x)

    def _x(self, place: int) -> float:
        """The middle of a column; right of the last one for what has none."""
        if place in self.columns:
            return float(self.columns[place].get_x())
        return float(self.columns[max(self.columns)].get_right()[0] + self.style.px(120))

    def _arcs(self) -> VGroup:
        """From the last prompt token back to the labelled ones it looked at."""
        if self.content.attention is None:
            return VGroup()
        y = self.style.at(0, _INPUT + 44)[1]
        weights = self.content.attention.numbers
        looked = {self._x(place): weights[place] for place in self._place.values() if place < len(weights)}
        return glances(self._x(self.content.prompt_length - 1), looked, y, self.style)

    def _layer(self, index: int) -> str:
        return self.wording("layer {number}", number=self.wording.integer(self.content.drawn[index] + 1))

    def _legend(self) -> VGroup:
        """What the shade says, and of how many layers."""
        style, w, palette = self.style, self.wording, self.style.palette
        scale = shade_scale(style)
        drawn, layers = len(self.content.drawn), self.content.layers.number
        text = w("how much each layer changed the vector")
        if drawn < layers:
            text = w(
                "how much a layer changed the vector ({drawn} of {layers})",
                drawn=w.integer(drawn),
                layers=w.integer(layers),
            )
        legend = VGroup(scale, Label(text, style.type.small, palette.muted)).arrange(RIGHT, buff=style.px(18))
        if len(self.arcs):
            line = Line(stroke_color=palette.track, stroke_width=style.stroke(8)).set_length(style.px(60))
            words = Label(w("where the prompt’s end looks back"), style.type.small, palette.muted)
            looks = VGroup(line, words).arrange(RIGHT, buff=style.px(18))
            legend.add(looks.next_to(legend, RIGHT, buff=style.px(60)))
        return legend.align_to(style.at(style.margin, 0), LEFT).set_y(style.at(0, 152)[1])

"""Draws loop 08: every token flows through the whole stack; we listen only after the prompt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from manim import DOWN, LEFT, RIGHT, UP, Animation, Create, Group, Mobject, VGroup, VMobject

from scenes.display_token import DisplayToken, spaced, spans
from scenes.fade import FadeIn, FadeOut
from scenes.loop import LoopScene
from scenes.parts import arrow, tracks
from scenes.parts.credit import credit
from scenes.parts.dropped import dropped
from scenes.parts.glance import glances
from scenes.parts.label import Label
from scenes.parts.row_names import RowNames
from scenes.parts.title import title
from scenes.parts.token import TokenChip, names_of
from scenes.parts.token_lines import travel
from scenes.parts.tracks import column_chips, even_width, shade_scale, shutter, slabs
from scenes.s08_tokens_transformer_blocks.content import _ANSWER, Content
from scenes.vectors import evenly

_NARROW = 60  # the most columns without a label
# pixels: columns apart, the widest, how wide each is if its chip is so; the place of one without a label
_APART, _WIDEST, _WIDE, _SLOT = 18, 300, 100, 6
# where the rows stand, in pixels from the top
_CHANCE, _OUTPUT, _FLOOR, _HEIGHT, _INPUT, _GLANCES = 212, 270, 856, 506, 906, 966


class TokensTransformerBlocks(LoopScene):
    """A column of layers per token: inputs below, outputs above, read from left to right."""

    content: ClassVar[Content]

    def compose(self) -> Group:
        style, palette, w, px = self.style, self.style.palette, self.wording, self.style.px
        content = self.content
        heading = title(w("Every token flows through the whole stack"), style)
        self.spoken = [self._spoken(piece) for piece in content.answers]
        names = self._names()
        if not content.traced:
            layers = round(content.subject_layers.number)
            such = w.plural(
                "{name}:\n{count} such\nlayer", "{name}:\n{count} such\nlayers", layers, name=content.subject
            )
            names.add(names.bracket(such, _FLOOR - _HEIGHT, _FLOOR))
        self.left = names.edge + px(40)
        self.columns, self.inputs = self._columns()
        self.arcs = self._arcs()
        top = style.at(0, _FLOOR - _HEIGHT)[1]
        last = content.prompt_length - 1
        self.dropped = self._dropped()
        self.answers = [
            VGroup(
                spoken.set_x(self._x(last + i)),
                arrow.straight(
                    np.array([self._x(last + i), top + px(8), 0]),
                    spoken.get_bottom() + px(style.touch) * DOWN,
                    style,
                    palette.output_edge,
                ),
            )
            for i, spoken in enumerate(self.spoken)
        ]
        corner = credit(content.model, content.text_source, style, w, spaced=spaced(content))
        self.fixed = [heading, names, self._legend(), corner]
        return Group(
            *self.fixed, *self.columns.values(), *self.inputs, self.dropped, self.arcs, *self.answers
        )

    def question(self) -> Sequence[Mobject]:
        return self.fixed

    def clearing(self, picture: Group) -> list[Animation]:
        """The columns empty from the top down, all else that is not of the question fades."""
        columns = list(self.columns.values())
        fading = [part for part in picture if part not in self.fixed and part not in columns]
        return [*(FadeOut(part) for part in fading), shutter(VGroup(*columns), self.style, opens=False)]

    def story(self) -> None:
        pace, content = self.style.pace, self.content
        self.remove(*self.columns.values())
        with self.beat("the prompt flows through"):
            places = [place for place in self.columns if place < content.prompt_length]
            done = 0
            for count, seconds in self.stream(len(places), pace.move, 2.0):
                new = places[done : done + count]
                self.move(*(move for place in new for move in self._rise(place)), seconds=seconds)
                done += count
            if len(self.dropped):
                self.move(FadeIn(self.dropped, shift=UP * self.style.px(self.style.rise)), seconds=pace.quick)
            self.rest(pace.rest)
        if len(self.arcs):
            with self.beat("the last token looks back"):
                self.move(*(Create(arc) for arc in self.arcs), seconds=pace.move)
                self.rest(pace.rest)
        for number, answer in enumerate(self.answers):
            with self.beat(f"answer {number + 1}"):
                self.move(FadeIn(answer, shift=UP * self.style.px(self.style.rise)), seconds=pace.move)
                fed = content.prompt_length + number
                if fed in self.columns:
                    self.rest(pace.rest)
                    chip = next(chip for chip in self.inputs if self._place.get(chip) == fed)
                    home = chip.get_center()
                    self.move(travel(chip.move_to(self.spoken[number][0]), home), seconds=pace.move)
                    self.move(self._through(fed), seconds=pace.move)

    def _rise(self, place: int) -> list[Animation]:
        """A token enters below and goes up through all layers; the first without a label brings the "…"."""
        hidden = [each for each in self.columns if each not in self._place.values()]
        chips = [chip for chip in self.inputs if self._place.get(chip, min(hidden, default=-1)) == place]
        return [*(FadeIn(chip) for chip in chips), self._through(place)]

    def _through(self, place: int) -> Animation:
        """Layer after layer changes the token's vector."""
        self.add(self.columns[place])
        return shutter(self.columns[place], self.style, opens=True)

    def _spoken(self, piece: DisplayToken) -> VGroup:
        """A token that came out, and over it how likely the model found it."""
        style = self.style
        spoken = VGroup(TokenChip(piece, style, longest=_ANSWER).move_to(style.at(0, _OUTPUT)))
        if piece.probability is not None:
            chance = self.wording.percent(piece.probability.number)
            label = Label(chance, style.type.small, style.palette.text)
            spoken.add(label.move_to(style.at(0, _CHANCE)))
        return spoken

    def _names(self) -> RowNames:
        """What stands in each row."""
        w = self.wording
        names = [
            (w("probability"), _CHANCE),
            (w("output"), _OUTPUT),
            (self._layer(-1), _FLOOR - _HEIGHT + 20),
            (self._layer(0), _FLOOR - 20),
            (w("input"), _INPUT),
        ]
        if self.content.attention is not None:
            names.append((w("looks back"), _GLANCES))
        return RowNames(names, self.style)

    def _dropped(self) -> VGroup:
        """What comes out before the prompt's end."""
        columns = [self._x(i) for i in self._place.values() if i < self.content.prompt_length - 1]
        return dropped(columns, self.style.at(0, _OUTPUT)[1], self.wording("ignored"), self.style)

    def _columns(self) -> tuple[dict[int, VGroup], list[VMobject]]:
        """The slabs by the token's place, and the chips (or "…") under them."""
        style, px, content = self.style, self.style.px, self.content
        # several template tokens in a row have one chip; the last token of the prompt has its own
        found = spans(content.tokens, content.prompt_length - 1)
        last = next(i for i, span in enumerate(found) if content.prompt_length - 1 in span)
        # an answer stands above its column, which must not be narrower
        least = {last + i: spoken.width for i, spoken in enumerate(self.spoken)}
        whole = style.at(style.right, 0)[0] - self.left
        chips = column_chips(
            [content.tokens[span.start] for span in found],
            style,
            lambda columns: whole - self._between(len(tracks.unlabelled(found, columns))),
            least=least,
            names=names_of(found, self.wording),
        )
        hidden = tracks.unlabelled(found, len(found) - len(chips))
        narrow = [hidden[place] for place in evenly(len(hidden), _NARROW)]
        room = whole - self._between(len(hidden)) - len(chips) * px(_APART)
        widths = {place: max(chip.width, least.get(place, 0.0)) for place, chip in chips.items()}
        even = min(even_width(list(widths.values()), room), px(_WIDEST))
        widths = {place: max(width, even) for place, width in widths.items()}
        spare = (room - sum(widths.values())) / len(chips)
        self._place: dict[VMobject, int] = {chip: found[place].start for place, chip in chips.items()}
        self._folded = {span.start for span in found if len(span) > 1}
        columns: dict[int, VGroup] = {}
        inputs: list[VMobject] = []
        x = self.left + spare / 2
        for place, chip in chips.items():
            if hidden and found[place].start > hidden[0] > max(columns):
                for one, each in enumerate(narrow):
                    columns[each] = self._column(each, px(4), x + px(_SLOT) * (one + 0.5))
                inputs.append(self._unnamed(len(hidden), x, x + px(_SLOT) * len(narrow)))
                x += self._between(len(hidden))
            chip.move_to(style.at(0, _INPUT)).set_x(x + widths[place] / 2)
            inputs.append(chip)
            width = min(widths[place], max(even, px(_WIDE))) - px(12)
            columns[found[place].start] = tracks.side_by_side(self._column, found[place], width, chip.get_x())
            x += widths[place] + px(_APART) + spare
        return dict(sorted(columns.items())), inputs

    def _between(self, hidden: int) -> float:
        """How much room so many columns without a label take."""
        return self.style.px(_SLOT * min(hidden, _NARROW) + _APART) if hidden else 0.0

    def _unnamed(self, count: int, left: float, right: float) -> Label:
        """What stands for the chips of so many columns."""
        style, w, ink = self.style, self.wording, self.style.palette.muted
        text = Label(w.plural("… {count} token …", "… {count} tokens …", count), style.type.small, ink)
        if text.width > right - left:
            text = Label("…", style.type.heading, ink)
        return text.move_to(style.at(0, _INPUT)).set_x((left + right) / 2)

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
        looked = {
            self._x(place): weights[place]
            for place in self._place.values()
            if place < len(weights) and place not in self._folded
        }
        return glances(self._x(self.content.prompt_length - 1), looked, y, self.style)

    def _layer(self, index: int) -> str:
        return self.wording("layer {number}", number=self.wording.integer(self.content.drawn[index] + 1))

    def _legend(self) -> VGroup:
        """Return the legend: what the shade means, and how many layers are drawn."""
        style, w, palette = self.style, self.wording, self.style.palette
        scale = shade_scale(style)
        drawn, layers = len(self.content.drawn), self.content.layers.number
        text = w("how much each layer changed the vector: 0 to 100% or more")
        if drawn < layers:
            text = w(
                "how much each layer changed the vector: 0 to 100% or more ({drawn} of {layers} layers)",
                drawn=w.integer(drawn),
                layers=w.integer(layers),
            )
        legend = VGroup(scale, Label(text, style.type.small, palette.muted)).arrange(RIGHT, buff=style.px(18))
        return legend.align_to(style.at(style.margin, 0), LEFT).set_y(style.at(0, 148)[1])

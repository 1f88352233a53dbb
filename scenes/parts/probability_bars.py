"""The next token's distribution: the likeliest tokens, a bar each, and the rest of the mass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from manim import DOWN, LEFT, ORIGIN, RIGHT, Rectangle, VGroup

from scenes.parts.label import Label
from scenes.parts.token import TokenText
from scenes.shown import Shown
from scenes.style import Style
from wording import Wording


@dataclass(frozen=True)
class Candidate:
    """One row: a token (None stands for all others together), its probability, whether it was chosen."""

    token: Shown | None
    probability: Shown
    chosen: bool = False


class ProbabilityBars(VGroup):
    """Rows of token, bar and printed probability.

    ``full`` pixels are 100 %, ``pitch`` is the way down to the next row.

    The bars start at one line, the tokens end before it, so rows of two drawings lie on each other.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        style: Style,
        wording: Wording,
        *,
        full: float,
        pitch: float,
        thickness: float = 44,
    ) -> None:
        super().__init__()
        self.style = style
        self.thickness = thickness
        for number, candidate in enumerate(candidates):
            name = self._name(candidate, wording)
            bar = self._bar(candidate, full)
            chance = Label(
                wording.percent(candidate.probability.number), style.type.small, style.palette.text
            )
            bar.align_to(ORIGIN, LEFT).shift(DOWN * style.px(pitch * number))
            name.next_to(bar, LEFT, buff=style.px(24))
            chance.next_to(bar, RIGHT, buff=style.px(16))
            self.add(VGroup(name, bar, chance))

    def _name(self, candidate: Candidate, wording: Wording) -> VGroup | Label:
        palette = self.style.palette
        if candidate.token is None:
            return Label(wording("other"), self.style.type.body, palette.muted)
        return TokenText(candidate.token.text, self.style, longest=8)

    def _bar(self, candidate: Candidate, full: float) -> Rectangle:
        palette = self.style.palette
        return Rectangle(
            width=self.style.px(max(full * candidate.probability.number, 3)),
            height=self.style.px(self.thickness),
            fill_color=palette.output_fill if candidate.chosen else palette.track_fill,
            fill_opacity=1,
            stroke_color=palette.output_edge if candidate.chosen else palette.track_edge,
            stroke_width=self.style.stroke(self.style.hairline),
        )

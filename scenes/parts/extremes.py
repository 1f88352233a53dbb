"""The likeliest and the unlikeliest token of an output, with the probabilities that their tints stand for."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, RIGHT, VGroup

from scenes.parts.label import Label
from scenes.parts.token import LONGEST, TokenChip
from scenes.pieces import Piece, probability
from scenes.style import Style
from wording import Wording


class Extremes(VGroup):
    """What the tints mean, then a row of chip and printed probability for each piece."""

    def __init__(
        self, pieces: Sequence[Piece], style: Style, wording: Wording, *, longest: int = LONGEST
    ) -> None:
        palette = style.palette
        super().__init__(Label(wording("The pinker, the likelier"), style.type.small, palette.muted))
        for piece in pieces:
            chance = Label(wording.percent(probability(piece)), style.type.body, palette.text)
            chip = TokenChip(piece, style, faint=True, longest=longest)
            self.add(VGroup(chip, chance.next_to(chip, RIGHT, buff=style.px(24))))
        self.arrange(DOWN, buff=style.px(26), aligned_edge=LEFT)
        column = max((row[1] for row in self[1:]), key=lambda chance: chance.get_left()[0])
        for row in self[1:]:
            row[1].align_to(column, LEFT)

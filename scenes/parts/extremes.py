"""The likeliest and the unlikeliest token of an output, with the probabilities that their tints stand for."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, RIGHT, VGroup

from scenes.display_token import DisplayToken, probability
from scenes.parts.label import Label
from scenes.parts.paragraph import Paragraph
from scenes.parts.token import LONGEST, TokenChip
from scenes.style import Style
from scenes.wording import Wording


class Extremes(VGroup):
    """What the tints mean, then a row of chip and printed probability for each piece.

    Within ``width`` pixels, if given: long words take two lines, long tokens are cut.
    """

    def __init__(
        self,
        pieces: Sequence[DisplayToken],
        style: Style,
        wording: Wording,
        *,
        longest: int = LONGEST,
        width: float = 1920,
    ) -> None:
        size, color = style.type.small, style.palette.muted
        words = wording("the pinker, the likelier")
        super().__init__(Paragraph(words, style, size=size, color=color, width=width, lines=2))
        for letters in range(longest, 1, -1):
            rows = _rows(pieces, style, wording, letters)
            if rows.width <= style.px(width):
                break
        self.add(*rows)
        self.arrange(DOWN, buff=style.px(26), aligned_edge=LEFT)


def _rows(pieces: Sequence[DisplayToken], style: Style, wording: Wording, longest: int) -> VGroup:
    """The chips and, flush beside them, their probabilities."""
    chips = [TokenChip(piece, style, faint=True, longest=longest) for piece in pieces]
    column = max(chip.width for chip in chips) + style.px(24)
    rows = VGroup()
    for piece, chip in zip(pieces, chips, strict=True):
        chance = Label(wording.percent(probability(piece)), style.type.body, style.palette.text)
        chance.level_with(chip).align_to(chip.get_left() + column * RIGHT, LEFT)
        rows.add(VGroup(chip, chance))
    return rows

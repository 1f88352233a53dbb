"""What comes out of columns: ignored outputs, and the answer in full."""

from __future__ import annotations

from collections.abc import Sequence

from manim import RIGHT, VMobject

from scenes.display_token import DisplayToken
from scenes.parts.token import LONGEST, TokenChip
from scenes.style import Style

_LONGEST, _SHORTEST = 9, 1  # letters of an ignored output; the one may be the ellipsis


def outputs(
    ignored: Sequence[tuple[DisplayToken, VMobject]],
    answer: tuple[DisplayToken, VMobject],
    style: Style,
    *,
    y: float,
    left: float,
    right: float,
) -> list[TokenChip]:
    """A chip over the column of each output, ``y`` pixels down the frame; the answer, which is last, in full.

    The answer may stand between ``left`` and ``right`` (scene units): over its column or, where the room is
    short, to a side of it. Ignored outputs that would reach into another or over the left edge are cut, and
    left out where that is not enough.
    """

    def output(piece: DisplayToken, column: VMobject, longest: int) -> TokenChip:
        chip = TokenChip(piece, style, longest=longest)
        return chip.move_to(style.at(0, y)).set_x(column.get_x())

    gap, column = style.px(style.gap), answer[1]
    # how far each ignored output may reach to the left: not to the shortest of the one before it
    least = [left] + [output(*each, _SHORTEST).get_right()[0] + gap for each in ignored]
    last = output(*answer, LONGEST)
    last.shift(max(0, left - last.get_left()[0]) * RIGHT)
    last.shift(min(0, right - last.get_right()[0]) * RIGHT)
    # beside the ignored one next to it, as long as it stands over its column
    beside = min(max(least[-1], last.get_left()[0]), column.get_x() - gap)
    last.shift(min(right - last.get_right()[0], beside - last.get_left()[0]) * RIGHT)
    chips, end = [last], last.get_left()[0] - gap
    for (piece, below), low in reversed(list(zip(ignored, least, strict=False))):
        for longest in range(_LONGEST, _SHORTEST - 1, -1):
            chip = output(piece, below, longest)
            if low <= chip.get_left()[0] and chip.get_right()[0] <= end:
                chips.insert(0, chip)
                end = chip.get_left()[0] - gap
                break
    return chips

"""Columns of a text side by side: which of them are labelled, and chips that fit over them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from scenes.display_token import DisplayToken
from scenes.parts.token import TokenChip
from scenes.style import Style

_MOST, _FEW = 9, 5  # labelled columns
_LONGEST, _CUT, _SHORTEST = 9, 6, 3  # letters of a column's token


def labelled(count: int, most: int = _MOST) -> tuple[int | None, ...]:
    """Which of ``count`` columns carry labels, by place; None stands for those between.

    All of them up to ``most``; otherwise the first two and the last, as many as make ``most`` in all.
    """
    if count <= most:
        return tuple(range(count))
    return (0, 1, None, *range(count - (most - 2), count))


def column_chips(
    pieces: Sequence[DisplayToken],
    style: Style,
    room: float,
    *,
    least: Mapping[int, float] | None = None,
    names: Mapping[int, str] | None = None,
) -> dict[int, TokenChip]:
    """A chip for each labelled column, by place.

    Their columns are together at most ``room`` scene units wide, gaps included. A column is as wide as its
    chip, and at least as wide as ``least`` says for its place. Where the words are long, fewer are labelled
    rather than all cut to a few letters. ``names`` are those of chips that stand for several tokens.
    """

    def chip(place: int, longest: int) -> TokenChip:
        return TokenChip(pieces[place], style, longest=longest, name=(names or {}).get(place))

    def fit(chips: Mapping[int, TokenChip]) -> bool:
        widths = [max(chip.width, (least or {}).get(place, 0.0)) for place, chip in chips.items()]
        return sum(widths) + len(chips) * style.px(style.gap) <= room

    for places, longest in _choices(len(pieces)):
        chips = {place: chip(place, longest) for place in places}
        if fit(chips):
            break
    # what the short words leave is for those that were cut
    for place in chips:
        for longer in range(longest + 1, _LONGEST + 1):
            more = {**chips, place: chip(place, longer)}
            if fit(more):
                chips = more
    return chips


def _choices(count: int) -> Iterator[tuple[list[int], int]]:
    """Which columns to label and how many letters of their tokens to show, the better first."""
    # where some columns have no label anyway, one more without is better than a cut word
    whole = [(most, _LONGEST) for most in range(_MOST, _FEW, -1)] if count > _MOST else []
    few = [(_FEW, longest) for longest in range(_CUT - 1, _SHORTEST - 1, -1)]
    many = [
        (most, longest) for most in range(_MOST, _FEW - 1, -1) for longest in range(_LONGEST, _CUT - 1, -1)
    ]
    for most, longest in whole + many + few:
        yield [place for place in labelled(count, most) if place is not None], longest

"""Columns of a text side by side: which of them are labelled, and chips that fit over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from manim import (
    RIGHT,
    UP,
    Animation,
    Mobject,
    Rectangle,
    UpdateFromAlphaFunc,
    VGroup,
    VMobject,
    interpolate_color,
)
from manim.utils.color import ManimColor

from scenes.display_token import DisplayToken
from scenes.marks import decoration, show
from scenes.parts.token import TokenChip
from scenes.style import Style
from scenes.traced_value import TracedValue
from scenes.vectors import evenly

_MOST, _FEW = 9, 5  # labelled columns
_LONGEST, _CUT, _SHORTEST = 9, 6, 3  # letters of a column's token
_NARROW = 60  # the most columns of one chip
_SHADES = 12
_QUIET = (0.15, 0.85)  # of the way from a track's filling to its edge


def labelled(count: int, most: int = _MOST) -> tuple[int | None, ...]:
    """Which of ``count`` columns carry labels, by place; None stands for those between.

    All of them up to ``most``; otherwise the first two and the last, as many as make ``most`` in all.
    """
    if count <= most:
        return tuple(range(count))
    return (0, 1, None, *range(count - (most - 2), count))


def unlabelled(spans: Sequence[range], columns: int) -> list[int]:
    """The tokens of as many columns without a label, each of which holds those of a span."""
    shown = labelled(len(spans), len(spans) - columns)
    return [place for column, span in enumerate(spans) if column not in shown for place in span]


def column_chips(
    pieces: Sequence[DisplayToken],
    style: Style,
    room: Callable[[int], float],
    *,
    followed: int | None = None,
    least: Mapping[int, float] | None = None,
    names: Mapping[int, str] | None = None,
) -> dict[int, TokenChip]:
    """A chip for each labelled column, by place.

    Their columns are together at most ``room`` scene units wide, gaps included, which depends on how many
    stay without a label. A column is as wide as its chip, and at least as wide as ``least`` says for its
    place. Where the words are long, fewer are labelled rather than all cut to a few letters. The chip at
    ``followed`` is edged in purple; ``names`` are those of chips that stand for several tokens.
    """

    def chip(place: int, longest: int) -> TokenChip:
        return TokenChip(
            pieces[place], style, followed=place == followed, longest=longest, name=(names or {}).get(place)
        )

    def fit(chips: Mapping[int, TokenChip]) -> bool:
        widths = [max(chip.width, (least or {}).get(place, 0.0)) for place, chip in chips.items()]
        return sum(widths) + len(chips) * style.px(style.gap) <= room(len(pieces) - len(chips))

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


def even_width(widths: Sequence[float], room: float) -> float:
    """The width that each of the columns can at least have when they share ``room``."""
    ordered = sorted(widths, reverse=True)
    for wider, width in enumerate(ordered):  # so many stay as wide as they must
        even = (room - sum(ordered[:wider])) / (len(ordered) - wider)
        if even >= width:
            return even
    return ordered[-1]


def shade(value: float, style: Style) -> ManimColor:
    """The purple of a change: 0 is pale, 1 or more is full, in a dozen steps."""
    return _between(style.palette.layer_first, style.palette.track_deep, value)


def quiet(value: float, style: Style) -> ManimColor:
    """The same from a narrower range, so that a column of many slabs is seen as one column."""
    low, high = _QUIET
    return _between(style.palette.track_fill, style.palette.track_edge, low + (high - low) * min(1.0, value))


def _between(low: str, high: str, value: float) -> ManimColor:
    step = round(min(1.0, value) * _SHADES) / _SHADES
    return interpolate_color(ManimColor(low), ManimColor(high), step)


def shade_scale(style: Style) -> VGroup:
    """The shades from no change to a full one, for a legend."""
    shades = VGroup(
        *(
            Rectangle(
                width=style.px(20),
                height=style.px(30),
                fill_color=quiet(value / 8, style),
                fill_opacity=1,
                stroke_width=0,
            )
            for value in range(9)
        )
    ).arrange(RIGHT, buff=0)
    return decoration(shades)


def slabs(values: TracedValue, style: Style, *, width: float, height: float) -> VGroup:
    """One slab per value, the first at the bottom, shaded by it; ``width`` in scene units, as ``height``.

    Slabs of one shade are one path: a long text has thousands.
    """
    pitch = height / len(values.numbers)
    thickness = pitch * 0.88
    by_shade: dict[str, VMobject] = {}
    for row, value in enumerate(values.numbers):
        color = quiet(value, style)
        path = by_shade.setdefault(color.to_hex(), VMobject(fill_color=color, fill_opacity=1, stroke_width=0))
        low = row * pitch
        corners = [(0, low), (width, low), (width, low + thickness), (0, low + thickness), (0, low)]
        start, *rest = [x * RIGHT + y * UP for x, y in corners]
        before = len(path.points)
        path.start_new_path(start).add_points_as_corners(rest)
        show(path, values, cell=row, points=slice(before, len(path.points)))
    return VGroup(*by_shade.values())


def side_by_side(
    column: Callable[[int, float, float], VGroup], places: range, width: float, x: float
) -> VGroup:
    """The ``column`` (of a place, so wide, there) of one token, or narrow ones of several in its room."""
    shown = [places[place] for place in evenly(len(places), _NARROW)]
    pitch = width / len(shown)
    thick = width if len(shown) == 1 else pitch * 0.7
    return VGroup(
        *(column(place, thick, x - width / 2 + pitch * (one + 0.5)) for one, place in enumerate(shown))
    )


def shutter(columns: VMobject, style: Style, *, opens: bool, start: float = 0, end: float = 1) -> Animation:
    """What stands on the page is uncovered from the foot up, or covered from the top down.

    Each pixel changes once; columns that grew or faded would change all of theirs in every frame. It goes
    from ``start`` to ``end`` of the way; its cover is the animation's mobject, which stays where some of the
    columns are still to be covered.
    """
    cover = Rectangle(width=columns.width + style.px(8), height=columns.height + style.px(8), stroke_width=0)
    cover.set_fill(style.palette.background, opacity=1).move_to(columns)
    top, height = cover.get_top(), cover.height

    def stand(mobject: Mobject, alpha: float) -> None:
        share = start + (end - start) * alpha
        share = 1 - share if opens else share
        mobject.stretch_to_fit_height(max(height * share, 1e-4)).move_to(top, aligned_edge=UP)

    return UpdateFromAlphaFunc(cover, stand, remover=end == 1)

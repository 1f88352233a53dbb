"""Every value of a picture as a row of a table: what it is, the value itself, its source, where it stands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from traced_loops.storage.provenance_schema import Provenance, Value

_FINE = 10_000  # of these are as wide or high as the frame
_OFF = 1  # of these a cell in a run may be off
_LONGEST = 200  # cells of a run
_Whole = tuple[int, int, int, int]


@dataclass(frozen=True)
class Row:
    """A value of a picture; ``fact`` is the name of a published one.

    ``boxes`` or ``cells`` say for each shape where it stands, as ``packed`` has it.
    """

    said: str
    raw: str
    source: str
    fact: str | None
    boxes: Mapping[str, str]
    cells: Mapping[str, str]


def rows(said: Provenance, others: Iterable[Provenance] = ()) -> tuple[Row, ...]:
    """The values of a picture in reading order, what is not in the still last.

    ``others`` are the files of the same picture in other shapes.
    """
    shapes = {each.shape: {value.path: value for value in each.values} for each in (*others, said)}
    return tuple(
        Row(
            said=value.sentence,
            raw=value.raw,
            source=said.source_of(value),
            fact=value.fact,
            boxes={
                shape: packed(same.shown_at)
                for shape, values in shapes.items()
                if (same := values.get(value.path)) and same.shown_at and same.cells is None
            },
            cells={
                shape: packed(same.cells)
                for shape, values in shapes.items()
                if (same := values.get(value.path)) and same.cells and same.value == value.value
            },
        )
        for value in in_reading_order(said.values)
    )


def in_reading_order(values: Iterable[Value]) -> Iterator[Value]:
    """The values from the top to the bottom, in rows, each from the left; what is not in the still last."""
    values = list(values)
    shown = [(value.shown_at[0], value) for value in values if value.shown_at]
    shown.sort(key=lambda each: each[0][1] + each[0][3] / 2)
    while shown:
        # in the row of the highest one is all whose middle is not below it
        (_, top, _, height), _ = shown[0]
        row = [each for each in shown if each[0][1] + each[0][3] / 2 <= top + height]
        shown = shown[len(row) :]
        yield from (value for _, value in sorted(row, key=lambda each: each[0][0]))
    yield from (value for value in values if not value.shown_at)


def packed(boxes: Sequence[Sequence[float] | None]) -> str:
    """Boxes as text, in 1/10000 of the frame, with commas between.

    A box is its left, top, width and height; a run of equal ones in equal steps is that of the first, then
    left and top of the last, and how many; a single number is so many that are not drawn.
    """
    whole = [None if box is None else _whole(box) for box in boxes]
    parts = []
    at = 0
    while at < len(whole):
        end = _end_of_run(whole, at)
        first, last = whole[at], whole[end - 1]
        if first is None or last is None:
            parts.append(str(end - at))
        else:
            run = (*last[:2], end - at) if end - at > 1 else ()
            parts.append(" ".join(map(str, (*first, *run))))
        at = end
    return ",".join(parts)


def _whole(box: Sequence[float]) -> _Whole:
    left, top, width, height = (round(part * _FINE) for part in box)
    return left, top, width, height


def _end_of_run(boxes: Sequence[_Whole | None], begin: int) -> int:
    """Where the longest run that begins there ends."""
    first = boxes[begin]
    end = begin + 1
    if first is None:
        while end < len(boxes) and boxes[end] is None:
            end += 1
        return end
    while end < min(len(boxes), begin + _LONGEST) and _is_run(boxes[begin : end + 1]):
        end += 1
    return end


def _is_run(boxes: Sequence[_Whole | None]) -> bool:
    first, last = boxes[0], boxes[-1]
    if first is None or last is None:
        return False
    steps = len(boxes) - 1
    for place, box in enumerate(boxes):
        if box is None:
            return False
        left, top = (a + (b - a) * place / steps for a, b in zip(first[:2], last[:2], strict=True))
        if any(abs(a - b) > _OFF for a, b in zip(box, (left, top, *first[2:]), strict=True)):
            return False
    return True

"""A value and where it was recorded, as text: the same on the page, in the terminal and in a notebook."""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Sequence

Index = Sequence[int | Sequence[int]]


def raw(value: float | int | str | Sequence[float]) -> str:
    """The value unrounded: a text in quotes, a list of numbers with four significant digits each."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, Sequence):
        return " ".join(f"{number:.4g}" for number in value)
    return repr(value)


def source(sources: Iterable[tuple[str, Index]], formula: str = "value") -> str:
    """Where a value was recorded, by tensors and indices, and how it is computed of what stands there."""
    places = ", ".join(f"{tensor}{_index(index)}" for tensor, index in sources)
    return places if formula == "value" else f"{formula}: {places}"


def _index(index: Index) -> str:
    """The index as NumPy writes it, with slices where its lists are those of a block."""
    if not index:
        return ""
    listed = [list(each) for each in index if not isinstance(each, int)]
    by_columns = not _is_block(listed) and _is_block(listed[::-1])
    block = by_columns or _is_block(listed)
    parts = []
    for each in index:
        if isinstance(each, int):
            parts.append(str(each))
        elif block:
            parts.append(f"{min(each)}:{max(each) + 1}")
        else:
            parts.append(f"[{', '.join(map(str, each))}]")
    return f"[{', '.join(parts)}]{'.T' if by_columns else ''}"


def _is_block(listed: Sequence[Sequence[int]]) -> bool:
    """Whether the lists, side by side, go through all combinations of their spans, row by row."""
    if not listed or not all(listed):
        return False
    size = math.prod(max(each) - min(each) + 1 for each in listed)
    if any(len(each) != size for each in listed):
        return False
    spans = [range(min(each), max(each) + 1) for each in listed]
    return list(zip(*listed, strict=True)) == list(itertools.product(*spans))

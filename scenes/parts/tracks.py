"""Columns of a text side by side: which of them are labelled, and where each stands."""

from __future__ import annotations


def labelled(count: int, most: int = 9) -> tuple[int | None, ...]:
    """Which of ``count`` columns carry labels, by place; None stands for those between.

    All of them up to ``most``; otherwise the first two and the last, as many as make ``most`` in all.
    """
    if count <= most:
        return tuple(range(count))
    return (0, 1, None, *range(count - (most - 2), count))

"""Puts figure f02 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.f02_parameters.content import Content, Kind, Parameters


def words(content: Content, w: Wording) -> Words:
    """The same layer's weights, random and trained."""
    model = w("{model} and its untrained twin", model=w.model(content.model))
    before, after = content.untrained, content.trained
    parts = (
        w(
            "{subject} has {parameters} parameters. Unsupervised pre-training turns random values into "
            "appropriate ones.",
            subject=content.subject,
            parameters=w.count(content.parameters.number),
        ),
        w(
            "Coloured grids show parts of the matrices of layer 1, each on a scale of its own. Full colour "
            "stands "
            "for these values or more, before training: {before}; after it: {after}.",
            before=_scales(before, w),
            after=_scales(after, w),
        ),
        w(
            "Below, a histogram of all weights of layer 1 from {low} to {high}: the highest bar counts "
            "{before} weights before training and {after} after it.",
            low=w.decimal(content.ends[0].number),
            high=w.decimal(content.ends[1].number),
            before=w.count(before.tallest.number),
            after=w.count(after.tallest.number),
        ),
        phrases.credit(content, None, w, model),
    )
    return Words(" ".join(parts), finding=_finding(content, w))


def _scales(parameters: Parameters, w: Wording) -> str:
    names: dict[Kind, str] = {
        "query": w("query"),
        "key": w("key"),
        "value": w("value"),
        "q, k, v": w("q, k, v"),
        "output": w("output"),
        "feed-forward": w("feed-forward"),
    }
    return w.listed(
        [
            w("{matrix} ±{value}", matrix=names[grid.kind], value=w.significant(grid.scale.number))
            for grid in parameters.grids
        ]
    )


def _finding(content: Content, w: Wording) -> str:
    """Say how the values spread, if they do."""
    before, after = content.untrained.tallest, content.trained.tallest
    if after.number >= before.number:
        return ""
    return w(
        "Training spreads the values of layer 1: the highest bar of their histogram falls from {before} "
        "weights "
        "to {after}.",
        before=w.count(before.number),
        after=w.count(after.number),
    )

"""Puts figure f02 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.f02_parameters.content import Content


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
            "Coloured grids show parts of the matrices of layer 1: before training the full colour stands "
            "for ±{before} or more, after it for ±{after} or more.",
            before=w.significant(before.scale.number),
            after=w.significant(after.scale.number),
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
    return Words(" ".join(parts))

"""Puts figure f02 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.f02_parameters.content import Content, Weights


def words(content: Content, w: Wording) -> Words:
    """Weights of the same matrix, random and learned, and what each model guesses."""
    model = w("{model} and its untrained twin", model=w.model(content.model))
    parts = (
        w(
            "{subject} has {parameters} parameters before training and after it. Unsupervised pre-training "
            "turns their random values into appropriate ones.",
            subject=content.subject,
            parameters=w.count(content.parameters.number),
        ),
        w(
            "In each model’s box stand some weights, from the same places of a matrix of layer 1, before and "
            "after training; the matrix has more of them. Their cells are blue below 0 and orange above it: "
            "full colour stands for {value} or more, which every second of the trained weights reaches.",
            value=w("±{value}", value=w.significant(content.scale.number)),
        ),
        w(
            "Before training they are {before}; after it {after}.",
            before=_listed(content.untrained, w),
            after=_listed(content.trained, w),
        ),
        w(
            "One question goes into both: what follows {tokens}? The untrained model’s best guess is "
            "{before}, the trained one’s {after}.",
            tokens=phrases.tokens(content.example, w),
            before=phrases.likely(content.untrained.guess, w),
            after=phrases.likely(content.trained.guess, w),
        ),
        phrases.credit(content, content.text_source, w, model),
    )
    return Words(" ".join(parts), finding=_finding(content, w))


def _listed(weights: Weights, w: Wording) -> str:
    return " · ".join(w.decimal(weight.number) for row in weights.rows for weight in row)


def _finding(content: Content, w: Wording) -> str:
    """Say that the values spread, if they do."""
    before, after = content.untrained.histogram.numbers, content.trained.histogram.numbers
    if max(after) >= max(before):
        return ""
    return w("Training does not add weights: it moves them, here away from 0.")

"""Puts loop 03 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s03_training_step.content import Content


def words(content: Content, w: Wording) -> Words:
    """Prediction, error and update of the first step; the probability after each step."""
    label = phrases.token(content.label.shown, w)
    chances = [w.percent(chance.number) for chance in content.probabilities]
    last = w.integer(len(chances) - 1)
    paragraph = w(
        "An untrained model learns from one example, step by step: “{text}” goes in, and the correct next "
        "word is {label}. The probability p of that word is {first} at first and {last} after step {number}.",
        text=phrases.text(content.features),
        label=label,
        first=chances[0],
        last=chances[-1],
        number=last,
    )
    model = w("untrained twin of {model}", model=w.model(content.model))
    later = [
        w("{probability} after step {number}", probability=chance, number=w.integer(step))
        for step, chance in enumerate(chances[2:], 2)
    ]
    return Words(
        f"{paragraph} {phrases.credit(content, content.text_source, w, model)}",
        {
            "predict": w(
                "The features {features} go into the untrained twin of {model}. It predicts: {guesses}.",
                features=phrases.tokens(content.features, w),
                model=phrases.agent(content),
                guesses=phrases.candidates(content.prediction, w),
            ),
            "measure the error": w(
                "The correct word, the label, is {label}. Its probability p is {probability}, so the error, "
                "−log p, is {error} nats.",
                label=label,
                probability=chances[0],
                error=w.decimal(content.error.number),
            ),
            "update the parameters": w(
                "The error leads back to the parameters. Each changes by −rate × gradient: here are some "
                "weights, at most ±{weights}, and beside them their change, at most ±{change}.",
                weights=w.significant(content.weights.largest.number),
                change=w.significant(content.change.largest.number),
            ),
            "predict again": w(
                "After step 1 the probability p of the correct word is {probability}, {factor} times as "
                "large.",
                probability=chances[1],
                factor=w.significant(content.gain.number),
            ),
            "again and again": w(
                "The same again, from step 2 with {optimiser}: {probabilities}. In training this is "
                "repeated millions of times, with other examples.",
                optimiser=content.later,
                probabilities=w.listed(later),
            ),
        },
    )

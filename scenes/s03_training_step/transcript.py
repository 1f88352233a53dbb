"""Puts loop 03 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.candidates import Candidate
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s03_training_step.content import Content


def words(content: Content, w: Wording) -> Words:
    """Prediction, error and update of the first lap; the error after each."""
    label = phrases.token(content.label.shown, w)
    first = _label(content, 0)
    count = len(content.laps) - 1
    errors = [w.decimal(lap.error.number) for lap in content.laps]
    paragraph = w(
        "An untrained model learns from one example, lap by lap: “{text}” goes in, and the correct next word "
        "is {label}. In {number} laps its error goes from {first} to {last}, and its box takes on colour as "
        "the "
        "error falls.",
        text=phrases.text(content.features),
        label=label,
        number=w.integer(count),
        first=errors[0],
        last=errors[-1],
    )
    model = w("untrained twin of {model}", model=w.model(content.model))
    later = [
        w(
            "After lap {number} it guesses {guesses}; the error is {error}.",
            number=w.integer(number),
            guesses=phrases.candidates(lap.guesses, w),
            error=w.decimal(lap.error.number),
        )
        for number, lap in enumerate(content.laps[1:], 1)
    ]
    again = w(
        "Round again with the changed weights, {number} laps in all. A real training is millions of such "
        "steps, with other examples.",
        number=w.integer(count),
    )
    again = " ".join((again, *later))
    one, other = content.optimisers
    if one != other:
        changed = w("From step 2 the steps are those of {optimiser}.", optimiser=other)
        again = f"{again} {changed}"
    return Words(
        f"{paragraph} {phrases.credit(content, content.text_source, w, model)}",
        {
            "predict": w(
                "Guess: the text so far, {features}, goes into the untrained twin of {model}. It guesses: "
                "{guesses}.",
                features=phrases.tokens(content.features, w),
                model=phrases.agent(content),
                guesses=phrases.candidates(content.laps[0].guesses, w),
            ),
            "measure the error": w(
                "Compare: the correct next word is {label}. Its probability p is {probability}, so the error "
                "is {error} (−log p, in nats); no error would be perfect. There are {count} tokens to choose "
                "from.",
                label=label,
                probability=w.percent(first.probability.number),
                count=w.integer(content.vocabulary.number),
                error=errors[0],
            ),
            "update the parameters": w(
                "Adjust: the error leads back to the parameters. Each changes by −rate × gradient. In the "
                "model’s box are some weights, at most ±{weights}. The largest of their first changes come "
                "in on a scale of their own, at most ±{change}, {factor} times smaller, and are added to "
                "them; the changes of later laps are not drawn.",
                weights=w.significant(content.weights.largest.number),
                change=w.significant(content.change.largest.number),
                factor=w.significant(content.smaller.number),
            ),
            "again and again": again,
        },
        _finding(content, count, w),
    )


def _label(content: Content, lap: int) -> Candidate:
    return next(each for each in content.laps[lap].guesses if each.chosen)


def _finding(content: Content, count: int, w: Wording) -> str:
    """Say how far the error fell and what became of the correct word; nothing where it did not fall."""
    first, last = content.laps[0], content.laps[-1]
    if last.error.number >= first.error.number:
        return ""
    label = phrases.token(content.label.shown, w)
    error = w(
        "In {number} laps the error falls from {first} to {last}.",
        number=w.integer(count),
        first=w.decimal(first.error.number),
        last=w.decimal(last.error.number),
    )
    place, chance = _label(content, 0).place, _label(content, -1).probability.number
    if place is None:
        return error
    rise = w(
        "{label} was the {place} of {count} guesses at first, and gets {probability} in the end.",
        label=label,
        place=w.ordinal(round(place.number)),
        count=w.integer(content.vocabulary.number),
        probability=w.percent(chance),
    )
    return f"{error} {rise}"

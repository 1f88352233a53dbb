"""Puts loop 02 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s02_training_language_model.content import Content


def words(content: Content, w: Wording) -> Words:
    """What the model guesses before its training and after it, and what the training takes."""
    *features, label = content.example
    paragraph = w(
        "{model} before and after its training is asked which word follows “{text}”.",
        model=phrases.agent(content),
        text=phrases.text(features),
    )
    model = w("{model} and its untrained twin", model=w.model(content.model))
    training = w("In the chamber it reads text, line by line, with one objective: predict the next word.")
    facts = content.pretraining
    if facts is not None:
        training = w(
            "Text streams through the chamber, here beginnings of old books. The chamber stands for the "
            "training of {subject}: {tokens} tokens of text, {years} GPU-years, "
            "{dollars}. Its one objective is to predict the next word.",
            subject=content.subject,
            tokens=w.count(facts.tokens.number),
            years=w.integer(facts.gpu_years.number),
            dollars=w.dollars(facts.dollars.number),
        )
    return Words(
        f"{paragraph} {phrases.credit(content, content.text_source, w, model)}",
        {
            "random guesses": w(
                "An example: {features}. Correct would be {label}. The untrained model’s guesses "
                "among {count} tokens: {guesses}.",
                features=phrases.tokens(features, w),
                label=phrases.token(label.shown, w),
                count=w.integer(content.vocabulary.number),
                guesses=phrases.candidates(content.untrained, w),
            ),
            "into the chamber": w("The untrained model enters the chamber: unsupervised pre-training."),
            "training": training,
            "trained": w("It has taken on colour: the trained model leaves the chamber."),
            "better guesses": w(
                "The trained model’s guesses for the same place: {guesses}.",
                guesses=phrases.candidates(content.trained, w),
            ),
        },
        _finding(content, w),
    )


def _finding(content: Content, w: Wording) -> str:
    """Say where the correct word stood before training and what became of it, if it rose."""
    before, after = (next(row for row in rows if row.chosen) for rows in (content.untrained, content.trained))
    if before.place is None or after.probability.number <= before.probability.number:
        return ""
    label = phrases.token(content.example[-1].shown, w)
    place, count = w.ordinal(round(before.place.number)), w.integer(content.vocabulary.number)
    if after.place is None:
        return w(
            "Before training {label} is the {place} of {count} guesses, after it {label} gets {probability}.",
            label=label,
            place=place,
            count=count,
            probability=w.percent(after.probability.number),
        )
    return w(
        "Before training {label} is the {place} of {count} guesses, after it the {later}.",
        label=label,
        place=place,
        count=count,
        later=w.ordinal(round(after.place.number)),
    )

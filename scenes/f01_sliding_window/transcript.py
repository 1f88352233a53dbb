"""Puts figure f01 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.f01_sliding_window.content import Content


def words(content: Content, w: Wording) -> Words:
    """The text, and each training example that is drawn."""
    whole = w.plural(
        "A window of {count} token slides over the text “{text}”: wherever it stops is an exercise.",
        "A window of {count} tokens slides over the text “{text}”: wherever it stops is an exercise.",
        content.window,
        text=phrases.spelt(content.text),
    )
    examples = [
        w(
            "Exercise {number}: the question (features) is {features}, the answer (label) {label}.",
            number=w.integer(number),
            features=phrases.tokens(example.features, w),
            label=phrases.token(example.label.shown, w),
        )
        for number, example in enumerate(content.examples, 1)
    ]
    parts = [whole, *examples]
    if content.more:
        parts.append(w.plural("There is {count} more.", "There are {count} more.", content.more))
    if content.text_source == "article":
        parts.append(w("The text is the article’s."))
    if content.text_source == "continued":
        parts.append(w("An end of the text that would have come first was passed over."))
    if content.text_source == "given":
        parts.append(w("The text was given, not generated."))
    return Words(" ".join((*parts, w("Tokens: {model}.", model=w.model(content.model)))))

"""Puts loop 06 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s06_embedding.content import Content


def words(content: Content, w: Wording) -> Words:
    """From the word to its vector, through the model to another vector, and to a word again."""
    word, answer = phrases.token(content.prompt[-1].shown, w), phrases.likely(content.answer, w)
    many = w.integer(content.vocabulary.number)
    size, layers = w.integer(content.width.number), w.integer(content.layers.number)
    paragraph = w(
        "Three steps: the last token, {word}, becomes a vector, the layers of {model} make another vector "
        "of it, and that one points to the next token, {answer}.",
        word=word,
        model=phrases.agent(content),
        answer=answer,
    )
    # For translators: between numbers, which may hold a comma themselves
    some = w(", ").join(w.decimal(value.number) for value in content.printed)
    embedding = w(
        "Its embedding is a vector of {size} numbers; {cells} of them are drawn, blue below 0 and orange "
        "above it. The first ones: {some}.",
        size=size,
        cells=w.integer(len(content.embedding.numbers)),
        some=some,
    )
    prediction = w(
        "{model} computes the prediction, in {layers} layers.", model=phrases.agent(content), layers=layers
    )
    if not content.traced:
        width = w(
            "In {subject} it has {width}.",
            subject=content.subject,
            width=w.integer(content.subject_width.number),
        )
        embedding = f"{embedding} {width}"
        such = w.integer(content.subject_layers.number)
        depth = w("{subject} has {layers} such layers.", subject=content.subject, layers=such)
        prediction = f"{prediction} {depth}"
    if len(content.prompt) > 1:
        before = w("They mix in what the tokens before it say.")
        prediction = f"{prediction} {before}"
    scores = w.listed(
        [
            w("{token}: {logit}", token=phrases.token(each.token, w), logit=w.decimal(each.logit.number))
            for each in content.scores
        ]
    )
    asked = w(
        "The prompt is {tokens}; which of {count} tokens comes next?",
        tokens=phrases.tokens(content.prompt, w),
        count=many,
    )
    turns = w("The last token is {word}.", word=word)
    points = w(
        "Multiplied with the vector of each of {count} tokens, it gives all of them a score at once, their "
        "logit. Some of the highest: {scores}; {others} more have one, too.",
        count=many,
        scores=scores,
        others=w.integer(content.others.number),
    )
    following = w("The highest score is the next token’s: {answer}.", answer=answer)
    finding = w("Of {count} words the result points most clearly to {answer}.", count=many, answer=answer)
    if not content.first:
        following = w("The word that follows in the text is {answer}.", answer=answer)
        finding = ""
    return Words(
        f"{paragraph} {phrases.credit(content, content.text_source, w)}",
        {
            "question": asked,
            "embedding": f"{turns} {embedding}",
            "compute the prediction": prediction,
            "result vector": w("The result is a vector of {size} numbers again.", size=size),
            "the word it points to": f"{points} {following}",
        },
        finding,
    )

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
    word, answer = phrases.token(content.word.shown, w), phrases.likely(content.answer, w)
    size, layers = w.integer(content.width.number), w.integer(content.layers.number)
    paragraph = w(
        "One track, three steps: the token {word} becomes a vector, the layers of {model} make another "
        "vector of it, and that one points to the next token, {answer}.",
        word=word,
        model=phrases.agent(content),
        answer=answer,
    )
    # For translators: between numbers, which may hold a comma themselves
    some = w(", ").join(w.decimal(value.number) for value in content.printed)
    embedding = w(
        "Its embedding is a vector of {size} numbers; {cells} of them are drawn. The first ones: {some}.",
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
    return Words(
        f"{paragraph} {phrases.credit(content, content.text_source, w)}",
        {
            "the word": w("The word is {word}, the last token of the prompt.", word=word),
            "embedding": embedding,
            "compute the prediction": prediction,
            "result vector": w("The result is a vector of {size} numbers again.", size=size),
            "the word it points to": w(
                "The tokens it points to: {candidates}. The next token is {answer}.",
                candidates=phrases.candidates(content.candidates, w),
                answer=answer,
            ),
        },
    )

"""06 in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes.transcripts import Words, phrases
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s06_embedding.content import Content


def words(said: Content, w: Wording) -> Words:
    """From the word to its vector, through the model to another vector, and to a word again."""
    word, answer = phrases.token(said.word.shown, w), phrases.likely(said.answer, w)
    size, layers = w.integer(said.width.number), w.integer(said.layers.number)
    paragraph = w(
        "One track, three steps: the token {word} becomes a vector, the layers of {model} make another "
        "vector of it, and that one points to the next token, {answer}.",
        word=word,
        model=phrases.agent(said),
        answer=answer,
    )
    # For translators: between numbers, which may hold a comma themselves
    some = w(", ").join(w.decimal(value.number) for value in said.printed)
    embedding = w(
        "Its embedding is a vector of {size} numbers; {cells} of them are drawn. The first ones: {some}.",
        size=size,
        cells=w.integer(len(said.embedding.numbers)),
        some=some,
    )
    prediction = w(
        "{model} computes the prediction, in {layers} layers.", model=phrases.agent(said), layers=layers
    )
    if not said.traced:
        width = w(
            "In {subject} it has {width}.", subject=said.subject, width=w.integer(said.subject_width.number)
        )
        embedding = f"{embedding} {width}"
        such = w.integer(said.subject_layers.number)
        depth = w("{subject} has {layers} such layers.", subject=said.subject, layers=such)
        prediction = f"{prediction} {depth}"
    return Words(
        f"{paragraph} {phrases.credit(said, said.text_source, w)}",
        {
            "the word": w("The word is {word}, the last token of the prompt.", word=word),
            "embedding": embedding,
            "compute the prediction": prediction,
            "result vector": w("The result is a vector of {size} numbers again.", size=size),
            "the word it points to": w(
                "The tokens it points to: {candidates}. The next token is {answer}.",
                candidates=phrases.candidates(said.candidates, w),
                answer=answer,
            ),
        },
    )

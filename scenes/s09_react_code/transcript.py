"""09 in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes.transcripts import Words, phrases
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s09_react_code.content import Content


def words(said: Content, w: Wording) -> Words:
    """The examples, the description, the code token by token, and what a browser shows of it."""
    description = phrases.spelt(said.description)
    names = {"description": description, "code": phrases.text(said.code)}
    paragraph = w(
        "{model} writes code. The prompt gives examples, then the description “{description}”; the code that "
        "follows is “{code}”.",
        model=phrases.agent(said),
        **names,
    )
    tokens = w.listed([phrases.likely(piece, w) for piece in said.code])
    code = w("The model generates the code, token by token: {tokens}.", tokens=tokens)
    if said.text_source != "model":
        paragraph = w(
            "The prompt gives examples, then the description “{description}”; the code that follows is "
            "“{code}”, and {model} gives each token its probability.",
            model=phrases.agent(said),
            **names,
        )
        code = w("The code comes token by token: {tokens}.", tokens=tokens)
    examples = [
        w(
            "Example {number}: “{description}” is “{code}”.",
            number=w.integer(number),
            description=phrases.spelt(pair.description),
            code=phrases.spelt(pair.code),
        )
        for number, pair in enumerate(said.examples, 1)
    ]
    preview = w("There is no preview, since the code is not one simple element.")
    if said.preview is not None:
        preview = w(
            "A browser shows it: <{tag}>, with the text “{text}”.",
            tag=said.preview.tag,
            text=phrases.spelt(said.preview.text),
        )
    likely = w.listed([phrases.likely(said.code[place], w) for place in said.extremes])
    return Words(
        " ".join((paragraph, *examples, phrases.credit(said, said.text_source, w))),
        {
            "description": w(
                "After the examples stands a new description: “{description}”.", description=description
            ),
            "code": code,
            "preview": preview,
            "probabilities": w.plural(
                "The token and its probability: {tokens}.",
                "The likeliest of the tokens and the unlikeliest: {tokens}.",
                len(said.extremes),
                tokens=likely,
            ),
        },
    )

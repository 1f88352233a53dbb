"""Puts loop 09 into words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s09_react_code.content import Content


def words(content: Content, w: Wording) -> Words:
    """The examples, the description, the code token by token, and what a browser shows of it."""
    description = phrases.spelt(content.description)
    names = {"description": description, "code": phrases.text(content.code)}
    paragraph = w(
        "{model} writes code. The prompt gives examples, then the description “{description}”; the code that "
        "follows is “{code}”.",
        model=phrases.agent(content),
        **names,
    )
    tokens = w.listed([phrases.likely(piece, w) for piece in content.code])
    code = w("The model generates the code, token by token: {tokens}.", tokens=tokens)
    if content.text_source != "model":
        paragraph = w(
            "The prompt gives examples, then the description “{description}”; the code that follows is "
            "“{code}”, and {model} gives each token its probability.",
            model=phrases.agent(content),
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
        for number, pair in enumerate(content.examples, 1)
    ]
    preview = w("There is no preview, since the code is not one simple element.")
    if content.preview is not None:
        preview = w(
            "A browser shows it: <{tag}>, with the text “{text}”.",
            tag=content.preview.tag,
            text=phrases.spelt(content.preview.text),
        )
    read = {}
    if content.examples:
        read["examples"] = w.plural(
            "{count} example is read, a description and its code.",
            "{count} examples are read, each a description and its code.",
            len(content.examples),
        )
    repeated = [
        phrases.spelt(pair.description[echo.start : echo.end])
        for pair in content.examples
        for echo in pair.echoes
    ]
    if repeated:
        read["examples"] += " " + w(
            "The code takes up words of the description: {words}.", words=_quoted(repeated, w)
        )
    taken = [phrases.spelt(content.description[tie.start : tie.end]) for tie in content.ties]
    if taken:
        code += " " + w("It takes up words of the new description: {words}.", words=_quoted(taken, w))
    return Words(
        " ".join((paragraph, *examples, phrases.credit(content, content.text_source, w))),
        {
            **read,
            "description": w(
                "After the examples stands a new description: “{description}”.", description=description
            ),
            "code": code,
            "preview": preview,
        },
    )


def _quoted(words: Sequence[str], w: Wording) -> str:
    return w.listed([w("“{token}”", token=word) for word in words])

"""Puts loop 01 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s01_language_model_overview.content import Content


def words(content: Content, w: Wording) -> Words:
    """The prompt that goes in, the output with its probabilities."""
    names = {"prompt": phrases.text(content.prompt), "output": phrases.text(content.output)}
    paragraph = w(
        "Given the prompt “{prompt}”, {model} writes “{output}”, token by token.",
        model=phrases.agent(content),
        **names,
    )
    if content.text_source != "model":
        paragraph = w(
            "The prompt “{prompt}” is followed by “{output}”, and {model} gives each token its probability.",
            model=phrases.agent(content),
            **names,
        )
    tokens = phrases.tokens(content.prompt, w)
    extremes = [phrases.likely(content.output[place], w) for place in content.extremes]
    if len(extremes) > 1:
        probabilities = w(
            "The likeliest of these tokens is {likeliest}, the unlikeliest {unlikeliest}.",
            likeliest=extremes[0],
            unlikeliest=extremes[-1],
        )
    else:
        probabilities = w("The output and its probability: {token}.", token=extremes[0])
    output = w(
        "The model computes, layer by layer, and the output comes out token by token, each as pink as it was "
        "likely: {tokens}.",
        tokens=w.listed([phrases.likely(piece, w) for piece in content.output]),
    )
    return Words(
        f"{paragraph} {phrases.credit(content, content.text_source, w)}",
        {
            "prompt": w.plural(
                "The prompt goes into the model as {count} token: {tokens}.",
                "The prompt goes into the model as {count} tokens: {tokens}.",
                len(content.prompt),
                tokens=tokens,
            ),
            "forward pass and output": f"{output} {probabilities}",
        },
    )

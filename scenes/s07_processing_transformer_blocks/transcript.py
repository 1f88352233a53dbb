"""Puts loop 07 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.candidates import Candidate
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s07_processing_transformer_blocks.content import Content, Depth


def words(content: Content, w: Wording) -> Words:
    """The vector's way up the layers, with the best guess at each."""
    layers, each = w.integer(content.subject_layers.number), content.parameters_per_layer
    answer = phrases.likely(content.answer, w)
    stack = w("{subject} has {layers} decoder layers.", subject=content.subject, layers=layers)
    if each is not None:
        stack = w(
            "{subject} has {layers} decoder layers, with {parameters} parameters each.",
            subject=content.subject,
            layers=layers,
            parameters=w.count(each.number),
        )
    paragraph = w(
        "The last token of “{prompt}” climbs those of {model} as a vector, and beside each layer stands the "
        "best guess so far; out comes {answer}. {rows} of the {all} layers are drawn, and {cells} of the "
        "vector’s {width} values.",
        prompt=phrases.text(content.prompt),
        model=phrases.agent(content),
        answer=answer,
        rows=w.integer(len(content.depths)),
        all=w.integer(content.layers.number),
        cells=w.integer(len(content.embedding.numbers)),
        width=w.integer(content.width.number),
    )
    return Words(
        f"{stack} {paragraph} {phrases.credit(content, content.text_source, w)}",
        {
            "word to vector": w(
                "The prompt is {tokens}. Its last token, {last}, becomes a vector.",
                tokens=phrases.tokens(content.prompt, w),
                last=phrases.token(content.prompt[-1].shown, w),
            ),
            **{f"layer {depth.layer}": _layer(depth, w) for depth in content.depths},
            "vector to word": w("The vector becomes a word again: {answer}.", answer=answer),
        },
    )


def _layer(depth: Depth, w: Wording) -> str:
    return w(
        "After layer {number} the best guess is {guess}.",
        number=w.integer(depth.layer),
        guess=phrases.candidate(Candidate(depth.guess, depth.probability), w),
    )

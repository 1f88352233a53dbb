"""07 in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes.candidates import Candidate
from scenes.transcripts import Words, phrases
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s07_processing_transformer_blocks.content import Content, Depth


def words(said: Content, w: Wording) -> Words:
    """The vector's way up the layers, with the best guess at each."""
    layers, each = w.integer(said.subject_layers.number), said.parameters_per_layer
    answer = phrases.likely(said.answer, w)
    stack = w("{subject} has {layers} decoder layers.", subject=said.subject, layers=layers)
    if each is not None:
        stack = w(
            "{subject} has {layers} decoder layers, with {parameters} parameters each.",
            subject=said.subject,
            layers=layers,
            parameters=w.count(each.number),
        )
    paragraph = w(
        "The last token of “{prompt}” climbs those of {model} as a vector, and beside each layer stands the "
        "best guess so far; out comes {answer}. {rows} of the {all} layers are drawn, and {cells} of the "
        "vector’s {width} values.",
        prompt=phrases.text(said.prompt),
        model=phrases.agent(said),
        answer=answer,
        rows=w.integer(len(said.depths)),
        all=w.integer(said.layers.number),
        cells=w.integer(len(said.embedding.numbers)),
        width=w.integer(said.width.number),
    )
    return Words(
        f"{stack} {paragraph} {phrases.credit(said, said.text_source, w)}",
        {
            "word to vector": w(
                "The prompt is {tokens}. Its last token, {last}, becomes a vector.",
                tokens=phrases.tokens(said.prompt, w),
                last=phrases.token(said.prompt[-1].shown, w),
            ),
            **{f"layer {depth.layer}": _layer(depth, w) for depth in said.depths},
            "vector to word": w("The vector becomes a word again: {answer}.", answer=answer),
        },
    )


def _layer(depth: Depth, w: Wording) -> str:
    return w(
        "After layer {number} the best guess is {guess}.",
        number=w.integer(depth.layer),
        guess=phrases.candidate(Candidate(depth.guess, depth.probability), w),
    )

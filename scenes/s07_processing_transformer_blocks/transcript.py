"""Puts loop 07 into words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from scenes import phrases
from scenes.s07_processing_transformer_blocks.content import turn
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s07_processing_transformer_blocks.content import Content, Depth

_FAR = 10  # the least place that is far from the first


def words(content: Content, w: Wording) -> Words:
    """The vector's way up the layers, with the answer's place after each."""
    layers, each = w.integer(content.subject_layers.number), content.parameters_per_layer
    answer, likely = phrases.token(content.answer.shown, w), phrases.likely(content.answer, w)
    stack = w("{subject} has {layers} decoder layers.", subject=content.subject, layers=layers)
    if each is not None:
        stack = w(
            "{subject} has {layers} decoder layers, with {parameters} parameters each.",
            subject=content.subject,
            layers=layers,
            parameters=w.count(each.number),
        )
    paragraph = w(
        "The last token of “{prompt}” climbs those of {model} as a vector; out comes {answer}.",
        prompt=phrases.text(content.prompt),
        model=phrases.agent(content),
        answer=likely,
    )
    bars = w(
        "Beside each layer a bar shows at which place of {count} tokens {answer} would stand if the model "
        "stopped there: the longer, the nearer to the first. Their scale is logarithmic.",
        count=w.integer(content.vocabulary.number),
        answer=answer,
    )
    drawn = w(
        "{rows} of the {all} layers are drawn, and {cells} of the vector’s {width} values, from blue "
        "(negative) to orange (positive); the largest of a row has the full colour.",
        rows=w.integer(len(content.depths)),
        all=w.integer(content.layers.number),
        cells=w.integer(len(content.embedding.numbers)),
        width=w.integer(content.width.number),
    )
    start = turn([depth.place.number for depth in content.depths])
    lower, upper = content.depths[:start], content.depths[start:]
    beats = {
        "word to vector": w(
            "The prompt is {tokens}. Its last token, {last}, becomes a vector.",
            tokens=phrases.tokens(content.prompt, w),
            last=phrases.token(content.prompt[-1].shown, w),
        ),
        "through the wall": w("Behind the wall of {model} lie its layers.", model=phrases.agent(content)),
    }
    if lower:
        beats["where the answer is far"] = _places(lower, answer, w)
    beats["where the answer comes near"] = _places(upper, answer, w)
    beats["vector to word"] = w("The vector becomes a word again: {answer}.", answer=likely)
    return Words(
        f"{stack} {paragraph} {bars} {drawn} {phrases.credit(content, content.text_source, w)}",
        beats,
        _finding(content, lower, answer, w),
    )


def _places(depths: Sequence[Depth], answer: str, w: Wording) -> str:
    """Say where the answer stands after these layers, and what was thought best there."""
    places = [
        w("{place} after layer {layer}", place=_place(depth, w), layer=w.integer(depth.layer))
        for depth in depths
    ]
    text = w("The place of {answer}: {places}.", answer=answer, places=w.listed(places))
    before = [None, *(depth.guess for depth in depths)]
    guesses = [
        w("{guess} from layer {layer} on", guess=phrases.token(depth.guess, w), layer=w.integer(depth.layer))
        for depth, last in zip(depths, before, strict=False)
        if depth.guess is not None and (last is None or depth.guess.text != last.text)
    ]
    if guesses:
        best = w("The best guess there: {guesses}.", guesses=w.listed(guesses))
        return f"{text} {best}"
    return text


def _place(depth: Depth, w: Wording) -> str:
    return w.ordinal(round(depth.place.number))


def _finding(content: Content, lower: Sequence[Depth], answer: str, w: Wording) -> str:
    """Say up to where the answer is far, and where it ends; nothing where it never is far."""
    best = min((round(depth.place.number) for depth in lower), default=0) - 1
    if best < _FAR:
        return ""
    unit: int = 10 ** (len(str(best)) - 1)
    far = w(
        "Until layer {layer} {answer} is not among the first {bound} of {count} tokens.",
        layer=w.integer(lower[-1].layer),
        answer=answer,
        bound=w.integer(best // unit * unit),
        count=w.integer(content.vocabulary.number),
    )
    last = content.depths[-1]
    if last.place.number == 1:
        end = w("After layer {layer} it is the first.", layer=w.integer(last.layer))
    else:
        end = w("After layer {layer} it is the {place}.", layer=w.integer(last.layer), place=_place(last, w))
    return f"{far} {end}"

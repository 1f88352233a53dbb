"""Puts loop 11 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s11_attention.content import Content, Head


def words(content: Content, w: Wording) -> Words:
    """The question, where two heads look for it, and how near the answer gets in the same layers."""
    last = phrases.token(content.tokens[-1].shown, w)
    answer, likely = phrases.token(content.answer.shown, w), phrases.likely(content.answer, w)
    paragraph = w(
        "“{prompt}”: what comes next? The last token, {last}, looks back at those before it; {model} answers "
        "{answer}.",
        prompt=phrases.text(content.tokens),
        last=last,
        model=phrases.agent(content),
        answer=likely,
    )
    rule = w(
        "For each earlier token the strongest recorded weight was sought among all layers and heads, the "
        "first token and the last one itself left out; the two greatest are drawn."
    )
    curve = w(
        "The curve shows the rank of {answer} among all {count} tokens if the model stopped after that "
        "layer, on a logarithmic scale, the first at the top. It moves in the same layer; that the "
        "attention is why, it does not show.",
        count=w.integer(content.vocabulary.number),
        answer=answer,
    )
    drawn = w.listed([phrases.token(token.shown, w) for token in content.tokens])
    parts = [paragraph, w("The tokens that are drawn: {tokens}.", tokens=drawn), rule, curve]
    if len(content.tokens) < content.length:
        left_out = content.length - len(content.tokens)
        parts.append(
            w.plural(
                "{count} of the prompt’s tokens is not drawn.",
                "{count} of the prompt’s tokens are not drawn.",
                left_out,
            )
        )
    beats = {"the question": w("The prompt ends with {last}. What comes next?", last=last)}
    for number, head in enumerate(content.heads, 1):
        beats[f"head {number}"] = _head(content, head, w)
    beats["the answer"] = w("Out comes {answer}.", answer=likely)
    paragraph = " ".join((*parts, phrases.credit(content, content.text_source, w)))
    return Words(paragraph, beats, _finding(content, w))


def _head(content: Content, head: Head, w: Wording) -> str:
    """Where a head looks, and the answer's place before and after its layer."""
    looks = w(
        "In layer {layer}, head {head}, {last} looks at {key} with a weight of {weight}. Values of {key} "
        "flow to {last}.",
        layer=w.integer(head.layer),
        head=w.integer(head.head),
        last=phrases.token(content.tokens[-1].shown, w),
        key=phrases.token(content.tokens[head.key].shown, w),
        weight=w.percent(head.weight.number),
    )
    before, after = (round(content.places[depth].number) for depth in (head.layer - 1, head.layer))
    place = w(
        "In the same layer {answer} goes from rank {before} to rank {after}.",
        answer=phrases.token(content.answer.shown, w),
        before=w.integer(before),
        after=w.integer(after),
    )
    return f"{looks} {place}"


def _finding(content: Content, w: Wording) -> str:
    """The head in whose layer the answer came nearer most, and how much; nothing where none did."""
    pairs = [(content.places[h.layer - 1].number, content.places[h.layer].number, h) for h in content.heads]
    before, after, head = max(pairs, key=lambda pair: pair[0] / pair[1])
    if before < 2 * after:
        return ""
    return w(
        "In layer {layer} a head looks at {key} with a weight of {weight}; in the same layer {answer} goes "
        "from rank {before} to rank {after}.",
        layer=w.integer(head.layer),
        key=phrases.token(content.tokens[head.key].shown, w),
        weight=w.percent(head.weight.number),
        answer=phrases.token(content.answer.shown, w),
        before=w.integer(before),
        after=w.integer(after),
    )

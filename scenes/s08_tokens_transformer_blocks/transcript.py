"""Puts loop 08 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.attention import LEAST_DRAWN
from scenes.display_token import DisplayToken
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s08_tokens_transformer_blocks.content import Content


def words(content: Content, w: Wording) -> Words:
    """The prompt's way through the layers, the look back, and the answers."""
    prompt = content.tokens[: content.prompt_length]
    drawn, layers = len(content.drawn), round(content.layers.number)
    paragraph = w(
        "Every token of “{prompt}” flows through all {layers} layers of {model}. Only above the last one do "
        "we listen: {answers}.",
        prompt=phrases.text(prompt),
        model=phrases.agent(content),
        layers=w.integer(layers),
        answers=w.listed([phrases.likely(piece, w) for piece in content.answers]),
    )
    shade = w(
        "Each slab is one layer; the glow that climbs them is the stronger, the more a layer changes the "
        "token’s vector."
    )
    parts = [paragraph, shade]
    if drawn < layers:
        parts.append(w("{drawn} of the layers are drawn.", drawn=w.integer(drawn)))
    if content.unheard:
        parts.append(
            w(
                "The guesses above the prompt’s other tokens do not count, since what follows those stands "
                "in the text: {tokens}.",
                tokens=w.listed([phrases.token(shown, w) for shown in content.unheard]),
            )
        )
    if not content.traced:
        such = w.integer(content.subject_layers.number)
        parts.append(w("{subject} has {layers} such layers.", subject=content.subject, layers=such))
    tokens = phrases.tokens(prompt, w)
    last, most = phrases.token(prompt[-1].shown, w), _most(content)
    beats = {
        "the prompt flows through": w.plural(
            "The prompt’s {count} token enters below and goes up through all layers: {tokens}.",
            "The prompt’s {count} tokens enter below, one after the other, and go up through all layers: "
            "{tokens}. Above each, a guess comes out.",
            len(prompt),
            tokens=tokens,
        )
    }
    finding = ""
    if most is not None:
        token = phrases.token(most.shown, w)
        beats["the last token looks back"] = w(
            "On its way up, the last token, {last}, looks back at those before it, most at {token}. The "
            "arches are the mean of the attention heads that look hardest at one token; the first token is "
            "left out.",
            last=last,
            token=token,
        )
        finding = w(
            "Of the prompt’s {tokens} outputs only the last is heard: {last} looks back, most at {token}, "
            "and out comes {answer}.",
            tokens=w.integer(len(prompt)),
            last=last,
            token=token,
            answer=phrases.likely(content.answers[0], w),
        )
    for number, piece in enumerate(content.answers, 1):
        fed = content.prompt_length + number <= len(content.tokens)
        answer = phrases.likely(piece, w)
        beat = (
            w("Out comes {answer}; it goes in again below and rises too.", answer=answer)
            if fed
            else w("Out comes {answer}.", answer=answer)
        )
        if number == 1 and content.unheard:
            beat = w("Only what comes out above the last token counts.") + f" {beat}"
        beats[f"answer {number}"] = beat
    return Words(" ".join((*parts, phrases.credit(content, content.text_source, w))), beats, finding)


def _most(content: Content) -> DisplayToken | None:
    """The token that the last one of the prompt looks at most, where that is drawn."""
    weights = content.attention.numbers if content.attention else ()
    place = max(range(1, len(weights)), key=lambda place: weights[place], default=0)
    return content.tokens[place] if place and weights[place] >= LEAST_DRAWN else None

"""Puts loop 12 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s12_temperature.content import Content, Lane


def words(content: Content, w: Wording) -> Words:
    """The distribution at each temperature, the draw, and the three texts."""
    coldest, hottest = content.lanes[0], content.lanes[-1]
    number = w.percent(content.number.number)
    paragraph = w(
        "After “{prompt}” {model} gives each token a probability. The temperature divides the logits before "
        "they become probabilities: {texts}.",
        prompt=phrases.text(content.prompt),
        model=phrases.agent(content),
        texts=w.listed([_text(lane, w) for lane in content.lanes]),
    )
    rule = w(
        "Each token is drawn by a seeded number between 0 and 100%: laid end to end from the most probable "
        "on, the token on which it falls is written. The numbers are the same in all three, step by step. "
        "(The usual programs draw in another way, with the same probabilities.)"
    )
    others = w("In the same way the others are drawn, each from a distribution of its own.")
    tokens = w("The prompt’s tokens: {tokens}.", tokens=phrases.tokens(content.prompt, w))
    beats = {
        **{f"temperature {number}": _distribution(lane, w) for number, lane in enumerate(content.lanes, 1)},
        "three ribbons": w("The bars are laid end to end, at each temperature: a ribbon from 0 to 100%."),
        "the same number": w(
            "The same number, {number}, falls on all three and draws {tokens}.",
            number=number,
            tokens=w.listed([phrases.likely(lane.tokens[0], w) for lane in content.lanes]),
        ),
        "eight tokens": " ".join((others, *(_written(lane, w) for lane in content.lanes))),
    }
    first = content.lanes[content.usual].candidates[0]
    finding = w(
        "At temperature {cold} {token} has {colder}, at {hot} it has {hotter}: with the same random numbers "
        "the model writes another text.",
        cold=w.decimal(coldest.temperature.number),
        hot=w.decimal(hottest.temperature.number),
        token=phrases.token(first.token, w) if first.token else "",
        colder=w.percent(coldest.candidates[0].probability.number),
        hotter=w.percent(hottest.candidates[0].probability.number),
    )
    return Words(f"{paragraph} {tokens} {rule} {phrases.credit(content, None, w)}", beats, finding)


def _written(lane: Lane, w: Wording) -> str:
    """The tokens that were drawn at a temperature."""
    return w(
        "At temperature {temperature}: {candidates}.",
        temperature=w.decimal(lane.temperature.number),
        candidates=w.listed([phrases.likely(piece, w) for piece in lane.tokens]),
    )


def _distribution(lane: Lane, w: Wording) -> str:
    return w(
        "At temperature {temperature}: {candidates}.",
        temperature=w.decimal(lane.temperature.number),
        candidates=phrases.candidates(lane.candidates, w),
    )


def _text(lane: Lane, w: Wording) -> str:
    """What was written at a temperature."""
    return w(
        "at {temperature} it writes “{text}”",
        temperature=w.decimal(lane.temperature.number),
        text=phrases.text(lane.tokens),
    )

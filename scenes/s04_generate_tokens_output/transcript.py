"""Puts loop 04 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s04_generate_tokens_output.content import Content, Step


def words(content: Content, w: Wording) -> Words:
    """The distribution of each step and the token taken from it."""
    names = {
        "model": phrases.agent(content),
        "prompt": phrases.text(content.prompt),
        "output": phrases.text([step.chosen for step in content.steps]),
    }
    written = w("After “{prompt}” {model} writes “{output}”, one token at a time.", **names)
    if content.text_source != "model":
        written = w(
            "After “{prompt}” comes “{output}”, one token at a time, each with the probability that {model} "
            "gives it.",
            **names,
        )
    paragraph = w(
        "Each goes back in as input before the next one comes. The prompt’s tokens: {tokens}.",
        tokens=phrases.tokens(content.prompt, w),
    )
    return Words(
        f"{written} {paragraph} {phrases.credit(content, content.text_source, w)}",
        {f"step {number}": _step(content, number, step, w) for number, step in enumerate(content.steps, 1)},
    )


def _step(content: Content, number: int, step: Step, w: Wording) -> str:
    return w(
        "Step {number} of {total}: the next token could be {candidates}. The one taken is {chosen}.",
        number=w.integer(number),
        total=w.integer(len(content.steps)),
        candidates=phrases.candidates(step.candidates, w),
        chosen=phrases.likely(step.chosen, w),
    )

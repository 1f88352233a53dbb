"""Loop 77 in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from .content import Content


def words(content: Content, w: Wording) -> Words:
    """Return the transcript: the prompt, and the token that follows it."""
    paragraph = w("The prompt is {prompt}.", prompt=phrases.tokens(content.prompt, w))
    answer = w(
        "{model} gives {token} as the next token.",
        model=phrases.agent(content),
        token=phrases.likely(content.answer, w),
    )
    return Words(f"{paragraph} {phrases.credit(content, content.text_source, w)}", {"answer comes": answer})

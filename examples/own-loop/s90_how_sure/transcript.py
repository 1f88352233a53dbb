"""Loop 90 in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from .content import Content


def words(content: Content, w: Wording) -> Words:
    """Return the transcript: the prompt, and each token that follows it with its probability."""
    paragraph = w(
        "After {prompt} a row for each token: a bar shows how probable the model found it.",
        prompt=phrases.tokens(content.prompt, w),
    )
    steps = {
        f"token {number}": w("The next token is {token}.", token=phrases.likely(token, w))
        for number, token in enumerate(content.written, start=1)
    }
    return Words(f"{paragraph} {phrases.credit(content, content.text_source, w)}", steps)

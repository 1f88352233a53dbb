"""05 in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes.transcripts import Words, phrases
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s05_context_window.content import Content


def words(said: Content, w: Wording) -> Words:
    """The tokens on their tracks, the outputs that are ignored, the one that is not."""
    count, tokens = len(said.prompt), phrases.tokens(said.prompt, w)
    last, answer = phrases.token(said.prompt[-1].shown, w), phrases.likely(said.answer, w)
    paragraph = w(
        "The context window of {subject} has {tracks} tracks side by side, one for each token.",
        subject=said.subject,
        tracks=w.integer(said.tracks.number),
    )
    prompt = w(
        "The prompt “{prompt}” takes the first ones; above its last token comes the answer of {model}, "
        "{answer}.",
        model=phrases.agent(said),
        prompt=phrases.text(said.prompt),
        answer=answer,
    )
    beats = {
        "the prompt takes its tracks": w.plural(
            "The prompt’s {count} token takes its track: {tokens}.",
            "The prompt’s {count} tokens take their tracks, one after the other: {tokens}.",
            count,
            tokens=tokens,
        )
    }
    if said.unheard:
        beats["outputs nobody listens to"] = w(
            "What the model would say before the prompt ends is ignored: {tokens}.",
            tokens=w.listed([phrases.token(shown, w) for shown in said.unheard]),
        )
    beats["the followed track answers"] = w(
        "The track of the last token, {last}, turns purple and answers: {answer}.", last=last, answer=answer
    )
    beats["the answer takes the next track"] = w(
        "The answer takes the next track, number {number}.", number=w.integer(count + 1)
    )
    return Words(f"{paragraph} {prompt} {phrases.credit(said, said.text_source, w)}", beats)

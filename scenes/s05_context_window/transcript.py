"""Puts loop 05 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s05_context_window.content import Content


def words(content: Content, w: Wording) -> Words:
    """How many tracks there are, and the few that the tokens take."""
    count, tokens = len(content.prompt), phrases.tokens(content.prompt, w)
    tracks = w.integer(content.tracks.number)
    last, answer = phrases.token(content.prompt[-1].shown, w), phrases.likely(content.answer, w)
    paragraph = w(
        "The context window of {subject} has {tracks} tracks side by side, one for each token.",
        subject=content.subject,
        tracks=tracks,
    )
    prompt = w(
        "The prompt “{prompt}” takes the first ones; above its last token comes the answer of {model}, "
        "{answer}.",
        model=phrases.agent(content),
        prompt=phrases.text(content.prompt),
        answer=answer,
    )
    beats = {
        "all tracks": w("All {tracks} tracks are empty.", tracks=tracks),
        "the prompt takes its tracks": w.plural(
            "The prompt’s {count} token takes its track: {tokens}.",
            "The prompt’s {count} tokens take their tracks, one after the other: {tokens}.",
            count,
            tokens=tokens,
        ),
        "the followed track answers": w(
            "The track of the last token, {last}, turns purple and answers: {answer}.",
            last=last,
            answer=answer,
        ),
        "the answer takes the next track": w(
            "The answer takes the next track, number {number}.", number=w.integer(count + 1)
        ),
        "all tracks are taken": w(
            "The text can go on until all {tracks} tracks are taken; then not one more token fits in.",
            tracks=tracks,
        ),
    }
    all_of_them = w(
        "Together they take {taken} of {tracks} tracks; as the text goes on, it can take all of them.",
        taken=w.integer(count + 1),
        tracks=tracks,
    )
    finding = w(
        "{subject} reads up to {tracks} tokens at once, each on a track of its own. This prompt takes "
        "{count}, and the next word, {answer}, the one after them.",
        subject=content.subject,
        tracks=tracks,
        count=w.integer(count),
        answer=phrases.token(content.answer.shown, w),
    )
    told = f"{paragraph} {prompt} {all_of_them} {phrases.credit(content, content.text_source, w)}"
    return Words(told, beats, finding)

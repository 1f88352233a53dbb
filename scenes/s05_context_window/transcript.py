"""Puts loop 05 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s05_context_window.content import Content


def words(content: Content, w: Wording) -> Words:
    """How many places there are, and the few that the tokens take."""
    count, tokens = len(content.prompt), phrases.tokens(content.prompt, w)
    tracks = w.integer(content.tracks.number)
    answer = phrases.likely(content.answer, w)
    paragraph = w(
        "The context window of {subject} has {tracks} places, one for each token.",
        subject=content.subject,
        tracks=tracks,
    )
    prompt = w(
        "The prompt “{prompt}” takes the first ones, the next token the one after them: {answer}.",
        prompt=phrases.text(content.prompt),
        answer=answer,
    )
    beats = {
        "all places": w("All {tracks} places are free.", tracks=tracks),
        "the prompt takes its places": w.plural(
            "The prompt’s {count} token takes its place: {tokens}.",
            "The prompt’s {count} tokens take their places, one after the other: {tokens}.",
            count,
            tokens=tokens,
        ),
        "the next token comes out": w(
            "{model} computes how likely the next token is: {answer}.",
            model=phrases.agent(content),
            answer=answer,
        ),
        "it takes the next place": w(
            "It needs a place, too, and takes number {number}.", number=w.integer(count + 1)
        ),
        "all places are taken": w(
            "The text can go on until all {tracks} places are taken; then not one more token fits in.",
            tracks=tracks,
        ),
    }
    all_of_them = w(
        "Together they take {taken} of {tracks} places; as the text goes on, it can take all of them.",
        taken=w.integer(count + 1),
        tracks=tracks,
    )
    finding = w(
        "{subject} has room for {tracks} tokens. This prompt takes {count} places, and the next word, "
        "{answer}, the one after them.",
        subject=content.subject,
        tracks=tracks,
        count=w.integer(count),
        answer=phrases.token(content.answer.shown, w),
    )
    told = f"{paragraph} {prompt} {all_of_them} {phrases.credit(content, content.text_source, w)}"
    return Words(told, beats, finding)

"""Puts loop 10 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.display_token import DisplayToken
    from scenes.s10_fine_tuning.content import Content
    from scenes.traced_value import TracedValue


def words(content: Content, w: Wording) -> Words:
    """The weights and their change, the error, and the answer before and after."""
    first, last = (w.decimal(error.number) for error in (content.first_error, content.last_error))
    steps = round(content.steps.number)
    word, expected = (phrases.token(piece.shown, w) for piece in (content.word, content.expected))
    before, after = (phrases.token(piece.shown, w) for piece in (content.answer_before, content.answer_after))
    paragraph = w.plural(
        "{model}, already trained, is fine-tuned to translate English into French. In {count} step its "
        "error on phrases that it is never trained on goes from {first} to {last}.",
        "{model}, already trained, is fine-tuned to translate English into French. In {count} steps its "
        "error on phrases that it is never trained on goes from {first} to {last}.",
        steps,
        model=phrases.agent(content),
        first=first,
        last=last,
    )
    enters = w(
        "A trained model stands in the chamber of fine-tuning; some of its weights are drawn, at most "
        "±{weights}.",
        weights=w.significant(content.before.largest.number),
    )
    change = w(
        "The same weights change by at most ±{change}, {factor} times less than the largest of them. The "
        "model is called after its task now.",
        change=w.significant(content.change.largest.number),
        factor=w.significant(content.smaller.number),
    )
    asked = w(
        "Its error on unseen phrases is {error}. Asked for the French of {word}, it answers {answer}.",
        error=first,
        word=word,
        answer=before,
    )
    again = w(
        "Asked for {word} again, it answers {answer}. Correct is {expected}.",
        word=word,
        answer=after,
        expected=expected,
    )
    pairs = [
        w("{english}: {french}", english=_plain(pair.english, w), french=_plain(pair.french, w))
        for pair in content.pairs
    ]
    tuned = w.plural(
        "It is trained for {count} step on pairs such as {pairs}; the error ends at {error}.",
        "It is trained for {count} steps on pairs such as {pairs}; the error ends at {error}.",
        steps,
        pairs=w.listed(pairs),
        error=last,
    )
    return Words(
        f"{paragraph} {phrases.credit(content, None, w)}",
        {
            "the trained model": enters,
            "before": _told(asked, content.right_before, content, w),
            "fine-tuning": f"{tuned} {change}",
            "after": _told(again, content.right_after, content, w),
        },
        _finding(content, w),
    )


def _plain(piece: DisplayToken, w: Wording) -> str:
    return phrases.token(piece.shown, w)


def _told(text: str, right: TracedValue | None, content: Content, w: Wording) -> str:
    """Add how many of the unseen phrases are answered as expected, where that was recorded."""
    if right is None:
        counted = w("Phrases never trained on: {count}.", count=w.integer(content.held_out.number))
        return f"{text} {counted}"
    counted = w(
        "Of {count} phrases that it is never trained on, {right} are right.",
        count=w.integer(content.held_out.number),
        right=w.integer(right.number),
    )
    return f"{text} {counted}"


def _finding(content: Content, w: Wording) -> str:
    """Say how many phrases were right before and after, and how little the weights changed."""
    before, after = content.right_before, content.right_after
    if before is None or after is None:
        return ""
    return w(
        "Before, {before} of {count} unseen phrases are right, after it {after}; the change of the weights "
        "is "
        "{factor} times smaller than they are.",
        before=w.integer(before.number),
        after=w.integer(after.number),
        count=w.integer(content.held_out.number),
        factor=w.significant(content.smaller.number),
    )

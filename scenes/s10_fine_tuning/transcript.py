"""Puts loop 10 into words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes import phrases
from scenes.transcript import Words
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s10_fine_tuning.content import Content


def words(content: Content, w: Wording) -> Words:
    """The weights and their change, the error, and the answer before and after."""
    first, last = (w.decimal(error.number) for error in (content.first_error, content.last_error))
    steps = round(content.steps.number)
    word, expected = (phrases.token(piece.shown, w) for piece in (content.word, content.expected))
    before, after = (phrases.token(piece.shown, w) for piece in (content.answer_before, content.answer_after))
    paragraph = w.plural(
        "{model}, already trained, is fine-tuned to translate English into French. In {count} step its "
        "error on unseen words goes from {first} to {last}.",
        "{model}, already trained, is fine-tuned to translate English into French. In {count} steps its "
        "error on unseen words goes from {first} to {last}.",
        steps,
        model=phrases.agent(content),
        first=first,
        last=last,
    )
    fell = content.last_error.number < content.first_error.number
    values = w("Its values are better ones for translation now.")
    if not fell:
        values = w("Its values are other ones for translation now.")
    change = w(
        "The picture shows the change of the same weights on a scale of its own, at most ±{change}.",
        change=w.significant(content.change.largest.number),
    )
    enters = w(
        "The trained model enters the chamber of fine-tuning; some of its parameters are drawn, at most "
        "±{weights}.",
        weights=w.significant(content.before.largest.number),
    )
    parameters = w(
        "{subject} has {parameters} parameters.",
        subject=content.subject,
        parameters=w.count(content.parameters.number),
    )
    return Words(
        f"{paragraph} {phrases.credit(content, None, w)}",
        {
            "into the chamber": f"{enters} {parameters}",
            "before": w(
                "Its error on unseen words is {error}. Asked for the French of {word}, it answers {answer}.",
                error=first,
                word=word,
                answer=before,
            ),
            "fine-tuning": w.plural(
                "It is trained for {count} step; the error ends at {error}.",
                "It is trained for {count} steps; the error ends at {error}.",
                steps,
                error=last,
            ),
            "better values": f"{values} {change}",
            "after": w(
                "Asked for {word} again, it answers {answer}. Correct is {expected}.",
                word=word,
                answer=after,
                expected=expected,
            ),
        },
    )

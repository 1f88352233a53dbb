"""10 in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scenes.transcripts import Words, phrases
from scenes.wording import Wording

if TYPE_CHECKING:
    from scenes.s10_fine_tuning.content import Content


def words(said: Content, w: Wording) -> Words:
    """The weights and their change, the error, and the answer before and after."""
    first, last = (w.decimal(error.number) for error in (said.first_error, said.last_error))
    steps = round(said.steps.number)
    word, expected = (phrases.token(piece.shown, w) for piece in (said.word, said.expected))
    before, after = (phrases.token(piece.shown, w) for piece in (said.answer_before, said.answer_after))
    paragraph = w.plural(
        "{model}, already trained, is fine-tuned to translate English into French. In {count} step its "
        "error on unseen words goes from {first} to {last}.",
        "{model}, already trained, is fine-tuned to translate English into French. In {count} steps its "
        "error on unseen words goes from {first} to {last}.",
        steps,
        model=phrases.agent(said),
        first=first,
        last=last,
    )
    fell = said.last_error.number < said.first_error.number
    values = w("Its values are better ones for translation now.")
    if not fell:
        values = w("Its values are other ones for translation now.")
    change = w(
        "The picture shows the change of the same weights on a scale of its own, at most ±{change}.",
        change=w.significant(said.change.largest.number),
    )
    enters = w(
        "The trained model enters the chamber of fine-tuning; some of its parameters are drawn, at most "
        "±{weights}.",
        weights=w.significant(said.before.largest.number),
    )
    parameters = w(
        "{subject} has {parameters} parameters.",
        subject=said.subject,
        parameters=w.count(said.parameters.number),
    )
    return Words(
        f"{paragraph} {phrases.credit(said, None, w)}",
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

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
        "{subject}, already trained, is fine-tuned to translate English into French. In {count} step its "
        "error on unseen words goes from {first} to {last}.",
        "{subject}, already trained, is fine-tuned to translate English into French. In {count} steps its "
        "error on unseen words goes from {first} to {last}.",
        steps,
        subject=said.subject,
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
    return Words(
        f"{paragraph} {phrases.credit(said.model, None, w)}",
        {
            "into the chamber": w(
                "The trained model, with {parameters} parameters of which some are drawn (at most "
                "±{weights}), enters the chamber of fine-tuning.",
                parameters=w.count(said.parameters.number),
                weights=w.significant(said.before.largest.number),
            ),
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

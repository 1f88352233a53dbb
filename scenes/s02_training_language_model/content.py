"""What loop 02 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.candidates import Candidate, ranked
from scenes.display_token import DisplayToken, TextSource, display_token, label_token
from scenes.facts import GPT3, Pretraining, Subject

_GUESSES = 4


@dataclass(frozen=True)
class Content:
    """What training takes, one example of it, and what a model guesses there before and after.

    The last of ``example`` is the correct word, which the picture asks for. A traced model's own
    pre-training is not known.
    """

    model: str
    subject: str
    text_source: TextSource
    pretraining: Pretraining | None
    example: tuple[DisplayToken, ...]
    untrained: tuple[Candidate, ...]
    trained: tuple[Candidate, ...]


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content: the untrained twin's guesses and the model's own for the same place."""
    label = len(trace.tokens) - 1
    features = [place for place in range(label) if trace.tokens[place].role == "prompt"]
    untrained, trained = (ranked(trace, prefix, 0, _GUESSES, label) for prefix in ("untrained", "trained"))
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source="article" if article else "given",
        pretraining=subject.pretraining,
        example=(*(display_token(trace, place) for place in features), label_token(trace, label)),
        untrained=untrained,
        trained=trained,
    )

"""What loop 02 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.candidates import Candidate, placed
from scenes.display_token import DisplayToken, TextSource, display_token, label_token
from scenes.facts import GPT3, Pretraining, Subject
from scenes.traced_value import Source, TracedValue, recorded

_GUESSES = 3
# How books that are free for all begin: what a model reads in its training looks like this.
_READING = (
    "Alice was beginning to …",  # Carroll 1865
    "It was the best of times …",  # Dickens 1859
    "Call me Ishmael. Some …",  # Melville 1851
    "It is a truth universally …",  # Austen 1813
    "You will rejoice to hear …",  # Shelley 1818
    "There were four of us …",  # Jerome 1889
)


@dataclass(frozen=True)
class Content:
    """What training takes, one example of it, and what a model guesses there before and after.

    The last of ``example`` is the correct word, which the picture asks for. A traced model's own
    pre-training is not known. ``reading`` are lines of text such as models are trained on.
    """

    model: str
    subject: str
    text_source: TextSource
    pretraining: Pretraining | None
    reading: tuple[str, ...]
    vocabulary: TracedValue
    example: tuple[DisplayToken, ...]
    untrained: tuple[Candidate, ...]
    trained: tuple[Candidate, ...]


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content: the untrained twin's guesses and the model's own for the same place."""
    label = len(trace.tokens) - 1
    features = [place for place in range(label) if trace.tokens[place].role == "prompt"]
    untrained, trained = (placed(trace, prefix, 0, _GUESSES, label) for prefix in ("untrained", "trained"))
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source="article" if article else "given",
        pretraining=subject.pretraining,
        reading=_READING,
        vocabulary=recorded(trace, "integer", Source("model.vocabulary", ())),
        example=(*(display_token(trace, place) for place in features), label_token(trace, label)),
        untrained=untrained,
        trained=trained,
    )

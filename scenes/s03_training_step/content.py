"""What loop 03 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.blocks import Block, block
from scenes.candidates import Candidate, placed
from scenes.display_token import DisplayToken, TextSource, display_token, label_token
from scenes.facts import GPT3, Subject
from scenes.traced_value import TIMES_SMALLER, Source, TracedValue, recorded

_GUESSES = 3


@dataclass(frozen=True)
class Lap:
    """What the untrained twin guesses after so many steps, and its error, −log p of the correct word."""

    guesses: tuple[Candidate, ...]
    error: TracedValue


@dataclass(frozen=True)
class Content:
    """One example, and the laps of a training on it.

    Attributes:
        vocabulary: How many tokens there are to guess.
        label: The example's correct word.
        laps: One for each number of steps, 0 first.
        errors: Of all laps, as the curve draws them.
        weights: Some weights before the first step.
        change: What the first step changed of them.
        adjusted: The same weights after it.
        smaller: How many times the largest weight is the largest change.
        optimisers: Those of the first step and of the last.
    """

    model: str
    subject: str
    text_source: TextSource
    vocabulary: TracedValue
    features: tuple[DisplayToken, ...]
    label: DisplayToken
    laps: tuple[Lap, ...]
    errors: TracedValue
    weights: Block
    change: Block
    adjusted: TracedValue
    smaller: TracedValue
    optimisers: tuple[str, str]


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content.

    Raises:
        TraceError: the trace records no training.
    """
    steps = trace.training.optimisers
    place = len(trace.tokens) - 1
    before, change = (Source(f"training/block_{name}", ()) for name in ("before", "change"))
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source="article" if article else "given",
        vocabulary=recorded(trace, "integer", Source("model.vocabulary", ())),
        features=tuple(display_token(trace, position) for position in range(place)),
        label=label_token(trace, place),
        laps=tuple(
            Lap(
                guesses=placed(trace, "training", step, _GUESSES, place),
                error=recorded(trace, "decimal", Source("training/loss", (step,))),
            )
            for step in range(len(steps) + 1)
        ),
        errors=recorded(trace, "colour", Source("training/loss", ())),
        weights=block(trace, before.tensor),
        change=block(trace, change.tensor),
        adjusted=recorded(trace, "colour", Source("training/block_after", ())),
        smaller=recorded(trace, "significant", before, change, formula=TIMES_SMALLER),
        optimisers=(steps[0].name, steps[-1].name),
    )

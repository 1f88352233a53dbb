"""What loop 03 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.blocks import Block, block
from scenes.candidates import Candidate, ranked
from scenes.display_token import DisplayToken, TextSource, display_token, label_token
from scenes.facts import GPT3, Subject
from scenes.traced_value import RATIO, Source, TracedValue, recorded

_ROWS = 4


@dataclass(frozen=True)
class Content:
    """One example, the untrained twin's prediction and error, and what the first step changed.

    ``probabilities`` are the label's after 0, 1, 2 … steps and ``gain`` the first step's; ``later`` names the
    optimiser of the others.
    """

    model: str
    subject: str
    text_source: TextSource
    features: tuple[DisplayToken, ...]
    prediction: tuple[Candidate, ...]
    label: DisplayToken
    error: TracedValue
    weights: Block
    change: Block
    probabilities: tuple[TracedValue, ...]
    gain: TracedValue
    later: str


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content.

    Raises:
        TraceError: the trace records no training.
    """
    steps = trace.training.optimisers
    place = len(trace.tokens) - 1
    label = label_token(trace, place)
    chances = [Source("training/next_probability", (step,)) for step in range(len(steps) + 1)]
    return Content(
        model=trace.model.label,
        subject=subject.name,
        text_source="article" if article else "given",
        features=tuple(display_token(trace, position) for position in range(place)),
        prediction=ranked(trace, "training", 0, _ROWS, place),
        label=label,
        error=recorded(trace, "decimal", Source("training/loss", (0,))),
        weights=block(trace, "training/block_before"),
        change=block(trace, "training/block_change"),
        probabilities=tuple(recorded(trace, "percent", chance) for chance in chances),
        gain=recorded(trace, "significant", *chances[:2], formula=RATIO),
        later=steps[-1].name,
    )

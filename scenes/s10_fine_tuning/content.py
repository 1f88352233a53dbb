"""What loop 10 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.blocks import Block, block
from scenes.display_token import DisplayToken
from scenes.facts import GPT3, Subject
from scenes.traced_value import NUMBER_OF, TIMES_SMALLER, Source, TracedValue, quoted, recorded

_PAIRS = 8


@dataclass(frozen=True)
class Pair:
    """A phrase and its translation, which the model is trained on."""

    english: DisplayToken
    french: DisplayToken


@dataclass(frozen=True)
class Content:
    """What fine-tuning did: to a block of weights, to the error on held-out phrases, to one answer.

    ``pairs`` are some of those trained on, in the order of the steps. ``after`` are the weights of ``before``
    when they were changed. The largest change is ``smaller`` times
    smaller than the largest weight.
    The answer is that of the probe, which was chosen before the fine-tuning. ``errors`` has one value more
    than there are ``steps``. Of ``held_out`` phrases ``right_before`` and ``right_after`` were answered as
    expected; both are None in a recording of an earlier version.
    """

    model: str
    subject: str
    pairs: tuple[Pair, ...]
    before: Block
    after: TracedValue
    change: Block
    smaller: TracedValue
    errors: TracedValue
    first_error: TracedValue
    last_error: TracedValue
    steps: TracedValue
    word: DisplayToken
    answer_before: DisplayToken
    answer_after: DisplayToken
    expected: DisplayToken
    held_out: TracedValue
    right_before: TracedValue | None = None
    right_after: TracedValue | None = None


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content; its words are those of the recording."""
    name = "fine_tuning/held_out_loss"
    last = len(trace.fine_tuning.batches)
    blocks = [Source(f"fine_tuning/block_{which}", ()) for which in ("before", "change")]

    def answer(which: str) -> TracedValue:
        return quoted(trace, f"fine_tuning.answers.{which}", 0)

    def right(row: int) -> TracedValue | None:
        counted = "fine_tuning/right"
        return recorded(trace, "integer", Source(counted, (row,))) if counted in trace.tensors else None

    return Content(
        model=trace.model.label,
        subject=subject.name,
        pairs=_pairs(trace),
        before=block(trace, "fine_tuning/block_before"),
        after=recorded(trace, "colour", Source("fine_tuning/block_after", ())),
        change=block(trace, "fine_tuning/block_change"),
        smaller=recorded(trace, "significant", *blocks, formula=TIMES_SMALLER),
        errors=recorded(trace, "colour", Source(name, ())),
        first_error=recorded(trace, "decimal", Source(name, (0,))),
        last_error=recorded(trace, "decimal", Source(name, (last,))),
        steps=recorded(trace, "integer", Source("fine_tuning/loss", ()), formula=NUMBER_OF),
        word=DisplayToken(answer("english"), "input"),
        answer_before=DisplayToken(answer("before"), "output"),
        answer_after=DisplayToken(answer("after"), "output"),
        expected=DisplayToken(answer("expected"), "label"),
        held_out=recorded(trace, "integer", Source("fine_tuning/word_loss", (0,)), formula=NUMBER_OF),
        right_before=right(0),
        right_after=right(1),
    )


def _pairs(trace: Trace) -> tuple[Pair, ...]:
    """Return the first pair of each step, no pair twice."""
    places = dict.fromkeys(batch[0] for batch in trace.fine_tuning.batches if batch)
    return tuple(
        Pair(
            DisplayToken(quoted(trace, "fine_tuning.pairs.english", place), "input"),
            DisplayToken(quoted(trace, "fine_tuning.pairs.french", place), "label"),
        )
        for place in list(places)[:_PAIRS]
    )

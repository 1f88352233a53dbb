"""The next token's distribution, as rows to draw: the likeliest tokens, the chosen one, the rest."""

from __future__ import annotations

from dataclasses import dataclass, replace

from model_trace.trace import Trace
from scenes.display_token import named, token_text
from scenes.traced_value import PLACE, REST, Source, TracedValue, recorded

UNSEEN = 0.01  # a bar of a smaller probability tells nobody anything: the place does


@dataclass(frozen=True)
class Candidate:
    """One row: a token (None stands for all others together), its probability, whether it was chosen.

    ``place`` is the token's among all tokens, where it is told: 1 is the most probable one's.
    """

    token: TracedValue | None
    probability: TracedValue
    chosen: bool = False
    place: TracedValue | None = None


def ranked(trace: Trace, prefix: str, row: int, count: int, position: int) -> tuple[Candidate, ...]:
    """Return the ``count`` likeliest tokens of the distribution in ``row`` of the tensors under ``prefix``.

    There are fewer where fewer were recorded. The token at ``position`` is the one that really follows: it
    is the chosen one, and takes the last row where it is not among the likeliest.
    """
    number = trace.tokens[position].id
    ids = trace.values(f"{prefix}/top_ids", (row,))
    ranks = _ranks(trace, prefix, row, count, number)
    rows = [
        Candidate(
            named(trace, f"{prefix}/top_ids", (row, rank), position),
            recorded(trace, "percent", Source(f"{prefix}/top_probabilities", (row, rank))),
            int(ids[rank]) == number,
        )
        for rank in ranks
    ]
    if not any(candidate.chosen for candidate in rows):
        taken = Source(f"{prefix}/next_probability", (row,))
        rows.append(Candidate(token_text(trace, position), recorded(trace, "percent", taken), True))
    return tuple(rows)


def placed(trace: Trace, prefix: str, row: int, count: int, position: int) -> tuple[Candidate, ...]:
    """Return the same as ``ranked``, with the place of each token whose bar would be too short to see."""
    told, name = [], f"{prefix}/top_probabilities"
    for number, each in enumerate(ranked(trace, prefix, row, count, position)):
        place: TracedValue | None = None
        if each.probability.number < UNSEEN:
            if not each.chosen:
                place = recorded(
                    trace, "integer", Source(name, (row,)), Source(name, (row, number)), formula=PLACE
                )
            elif f"{prefix}/next_rank" in trace.tensors:
                place = recorded(trace, "integer", Source(f"{prefix}/next_rank", (row,)))
        told.append(replace(each, place=place))
    return tuple(told)


def candidates(trace: Trace, position: int, count: int) -> tuple[Candidate, ...]:
    """Return the distribution over the token at ``position``: ``count`` tokens, then all others together.

    The tokens are the likeliest; a chosen one that is not among them takes the last of their rows.
    """
    row, number = position - 1, trace.tokens[position].id
    rows = ranked(trace, "generation", row, count, position)
    ranks = _ranks(trace, "generation", row, count, number)
    shown = [Source("generation/top_probabilities", (row, ranks))]
    if not any(each.chosen for each in rows[: len(ranks)]):
        shown.append(Source("generation/next_probability", (row,)))
    return (*rows, Candidate(None, recorded(trace, "percent", *shown, formula=REST)))


def _ranks(trace: Trace, prefix: str, row: int, count: int, number: int) -> tuple[int, ...]:
    """Return the ranks that take a row: all, or one less where the token ``number`` needs its own."""
    ids = trace.values(f"{prefix}/top_ids", (row,))[:count]
    listed = number in ids
    return tuple(range(len(ids) if listed else min(len(ids), count - 1)))

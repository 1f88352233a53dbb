"""The next token's distribution as a picture shows it: the likeliest tokens, the chosen one, the rest."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.pieces import named, token_piece
from scenes.shown import REST, Shown, Source, recorded


@dataclass(frozen=True)
class Candidate:
    """One row: a token (None stands for all others together), its probability, whether it was chosen."""

    token: Shown | None
    probability: Shown
    chosen: bool = False


def candidates(trace: Trace, position: int, count: int) -> tuple[Candidate, ...]:
    """The distribution over the token at ``position``: ``count`` tokens, then all others together.

    The tokens are the likeliest; a chosen one that is not among them takes the last of their rows.
    """
    row = position - 1
    ids = [int(i) for i in trace.values("generation/top_ids", (row,))][:count]
    number = trace.tokens[position].id
    listed = number in ids
    ranks = tuple(range(count if listed else count - 1))
    rows = [
        Candidate(
            named(trace, "generation/top_ids", (row, rank)),
            recorded(trace, "percent", Source("generation/top_probabilities", (row, rank))),
            ids[rank] == number,
        )
        for rank in ranks
    ]
    shown = [Source("generation/top_probabilities", (row, ranks))]
    if not listed:
        taken = Source("generation/next_probability", (row,))
        rows.append(Candidate(token_piece(trace, position).shown, recorded(trace, "percent", taken), True))
        shown.append(taken)
    return (*rows, Candidate(None, recorded(trace, "percent", *shown, formula=REST)))

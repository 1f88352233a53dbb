"""What loop 06 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.display_token import (
    DisplayToken,
    TextSource,
    display_token,
    named,
    prompt_tokens,
    text_source,
    token_text,
)
from scenes.facts import GPT3, Subject
from scenes.traced_value import LOGIT, OTHERS, Recorded, Source, TracedValue, recorded
from scenes.vectors import evenly, updates

_CELLS = 20
_PRINTED = 3
_RANKS = (0, 4, 9)  # of the likeliest tokens, those whose logits are drawn: spread, so that they differ


@dataclass(frozen=True)
class Score:
    """How clearly the result points to a token: its logit, the product of the result and the token's row."""

    token: TracedValue
    logit: TracedValue
    chosen: bool


@dataclass(frozen=True)
class Content:
    """The prompt; its last token's vector before and after the layers; the tokens that this one points to.

    Some of the ``width`` values of each vector are drawn, evenly spaced; the first few are printed. ``first``
    is whether the token that came next is the one that the result points to most clearly; ``others`` is how
    many tokens have a score that is not drawn.
    """

    model: str
    subject: str
    traced: bool
    subject_width: TracedValue
    subject_layers: TracedValue
    layers: TracedValue
    text_source: TextSource
    prompt: tuple[DisplayToken, ...]
    width: TracedValue
    embedding: TracedValue
    printed: tuple[TracedValue, ...]
    updates: TracedValue
    result: TracedValue
    vocabulary: TracedValue
    scores: tuple[Score, ...]
    others: TracedValue
    first: bool
    answer: DisplayToken


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content: the way of the prompt's last token."""
    position = trace.prompt_length - 1
    scores = _scores(trace, position)
    places = evenly(trace.model.d_model, _CELLS)
    return Content(
        model=trace.model.label,
        subject=subject.name,
        traced=subject.traced,
        subject_width=subject.width,
        subject_layers=subject.layers,
        layers=recorded(trace, "integer", Source("model.layers", ())),
        text_source=text_source(trace, article),
        prompt=prompt_tokens(trace),
        width=recorded(trace, "integer", Source("model.d_model", ())),
        embedding=recorded(trace, "colour", Source("generation/resid_pre", (0, position, places))),
        printed=tuple(
            recorded(trace, "decimal", Source("generation/resid_pre", (0, position, place)))
            for place in places[:_PRINTED]
        ),
        updates=updates(trace, position, range(trace.model.layers)),
        result=recorded(trace, "colour", Source("generation/final_norm", (position, places))),
        vocabulary=recorded(trace, "integer", Source("model.vocabulary", ())),
        scores=scores,
        others=_others(trace, scores),
        first=scores[0].chosen,
        answer=display_token(trace, position + 1),
    )


def _others(trace: Trace, scores: tuple[Score, ...]) -> TracedValue:
    """Return how many tokens the model knows besides those with these scores."""
    origins = [each.logit.origin for each in scores]
    shown = [origin.sources[-1] for origin in origins if isinstance(origin, Recorded)]
    return recorded(trace, "integer", Source("model.vocabulary", ()), *shown, formula=OTHERS)


def _scores(trace: Trace, row: int) -> tuple[Score, ...]:
    """Return the logits of a few of the likeliest tokens, and of the one that came next, which is the last
    of them where it is none of the others."""
    following = trace.tokens[row + 1].id
    ids = [int(each) for each in trace.values("generation/top_ids", (row,))]
    ranks = [rank for rank in _RANKS if rank < len(ids)]
    if following in ids and ids.index(following) not in ranks:
        ranks = sorted([*ranks[:-1], ids.index(following)])
    scores = [
        Score(
            named(trace, "generation/top_ids", (row, rank), row + 1),
            recorded(trace, "decimal", Source("generation/top_logits", (row, rank))),
            ids[rank] == following,
        )
        for rank in ranks
    ]
    if following not in ids:
        sources = (
            Source("generation/top_logits", (row, 0)),
            Source("generation/top_probabilities", (row, 0)),
            Source("generation/next_probability", (row,)),
        )
        logit = recorded(trace, "decimal", *sources, formula=LOGIT)
        scores = [*scores[: len(_RANKS) - 1], Score(token_text(trace, row + 1), logit, True)]
    return tuple(scores)

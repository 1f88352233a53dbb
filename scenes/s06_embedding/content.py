"""What loop 06 shows, chosen from a trace."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.candidates import Candidate, candidates
from scenes.display_token import DisplayToken, TextSource, display_token, text_source
from scenes.facts import GPT3, Subject
from scenes.traced_value import Source, TracedValue, recorded
from scenes.vectors import evenly, updates

_CELLS = 20
_PRINTED = 3


@dataclass(frozen=True)
class Content:
    """The followed token, its vector before and after the layers, and what that last vector answers.

    ``cells`` of the ``width`` values of each vector are drawn, evenly spaced; the first few are printed.
    """

    model: str
    subject: str
    traced: bool
    subject_width: TracedValue
    subject_layers: TracedValue
    layers: TracedValue
    text_source: TextSource
    word: DisplayToken
    width: TracedValue
    embedding: TracedValue
    printed: tuple[TracedValue, ...]
    updates: TracedValue
    result: TracedValue
    candidates: tuple[Candidate, ...]
    answer: DisplayToken


def content(trace: Trace, *, article: bool = False, subject: Subject = GPT3) -> Content:
    """Return the loop's content: the track of the prompt's last token."""
    position = trace.prompt_length - 1
    places = evenly(trace.model.d_model, _CELLS)
    return Content(
        model=trace.model.label,
        subject=subject.name,
        traced=subject.traced,
        subject_width=subject.width,
        subject_layers=subject.layers,
        layers=recorded(trace, "integer", Source("model.layers", ())),
        text_source=text_source(trace, article),
        word=display_token(trace, position),
        width=recorded(trace, "integer", Source("model.d_model", ())),
        embedding=recorded(trace, "colour", Source("generation/resid_pre", (0, position, places))),
        printed=tuple(
            recorded(trace, "decimal", Source("generation/resid_pre", (0, position, place)))
            for place in places[:_PRINTED]
        ),
        updates=updates(trace, position, range(trace.model.layers)),
        result=recorded(trace, "colour", Source("generation/final_norm", (position, places))),
        candidates=candidates(trace, position + 1, 3)[:-1],
        answer=display_token(trace, position + 1),
    )

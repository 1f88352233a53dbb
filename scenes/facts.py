"""The model that the loops explain and its figures: GPT-3's published ones, or the traced model's own.

GPT-3's are the only numbers on screen that no trace recorded; each names its source.
"""

from __future__ import annotations

from dataclasses import dataclass

from model_trace.trace import Trace
from scenes.traced_value import Fact, Form, Source, TracedValue, recorded

_BROWN = "Brown et al. 2020, Language Models are Few-Shot Learners, arXiv:2005.14165"
_LI = "Li 2020, OpenAI's GPT-3 Language Model: A Technical Overview, Lambda"

_LONGEST = 24  # letters of a model's name


@dataclass(frozen=True)
class Pretraining:
    """What a pre-training took: tokens, GPU-years, dollars."""

    tokens: TracedValue
    gpu_years: TracedValue
    dollars: TracedValue


@dataclass(frozen=True)
class Subject:
    """A model that loops explain. ``traced``: it is the recorded one, not one that this stands in for."""

    name: str
    traced: bool
    layers: TracedValue
    width: TracedValue
    context_window: TracedValue
    parameters: TracedValue
    parameters_per_layer: TracedValue | None = None
    pretraining: Pretraining | None = None


def _fact(name: str, value: float, form: Form, source: str) -> TracedValue:
    return TracedValue(value, form, Fact(f"gpt3.{name}", source))


GPT3 = Subject(
    name="GPT-3",
    traced=False,
    layers=_fact("layers", 96, "integer", f"{_BROWN}, table 2.1"),
    width=_fact("width", 12_288, "integer", f"{_BROWN}, table 2.1"),
    context_window=_fact("context_window", 2_048, "integer", f"{_BROWN}, section 2.1"),
    parameters=_fact("parameters", 175_000_000_000, "count", f"{_BROWN}, table 2.1"),
    parameters_per_layer=_fact(
        "parameters_per_layer",
        1_800_000_000,
        "count",
        f"{_BROWN}, table 2.1: 12 x 12288 x 12288 weights each; rounded as in Alammar 2020, How GPT3 Works",
    ),
    pretraining=Pretraining(
        tokens=_fact("training_tokens", 300_000_000_000, "count", f"{_BROWN}, table 2.1"),
        gpu_years=_fact("gpu_years", 355, "integer", f"{_LI}: on one Tesla V100"),
        dollars=_fact("dollars", 4_600_000, "dollars", f"{_LI}: at the lowest cloud price of the time"),
    ),
)


def traced(trace: Trace) -> Subject:
    """Return the traced model as the subject, with the figures of its card."""

    def figure(name: str, form: Form = "integer") -> TracedValue:
        return recorded(trace, form, Source(f"model.{name}", ()))

    name = trace.model.name
    return Subject(
        name=name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…",
        traced=True,
        layers=figure("layers"),
        width=figure("d_model"),
        context_window=figure("context_window"),
        parameters=figure("parameters", "count"),
    )

"""Choose a loop's content from a trace, as JSON that travels without the trace."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from model_trace.trace import FineTuning, Generation, Part, Temperatures, Trace, TraceError, TrainingRun
from scenes.display_token import text_of, written_positions
from scenes.entry import Entry
from scenes.facts import GPT3, traced
from scenes.priming import pairs

SUBJECTS = ("gpt3", "model")

_RECORDS: Mapping[str, type[Part]] = {
    "text": Generation,
    "code": Generation,
    "training": TrainingRun,
    "fine-tuning": FineTuning,
    "attention": Generation,
    "temperatures": Temperatures,
}


class UndrawableError(TraceError):
    """The trace lacks something that this loop shows; others may be drawn."""


@dataclass(frozen=True)
class ChosenContent:
    """A loop's content as JSON text; where it comes from; and the tags its video carries in any language."""

    content: str
    origin: Mapping[str, Any]
    tags: Mapping[str, str]


def serves(entry: Entry, trace: Trace) -> bool:
    """Return whether the trace is a recording of what ``entry`` needs."""
    if not any(isinstance(part, _RECORDS[entry.needs]) for part in trace.parts):
        return False
    if entry.needs == "attention":
        return "generation/v" in trace.tensors
    if entry.needs == "code":
        try:
            pairs(trace.generation.prompt)
        except TraceError:
            return False
    return True


def choose_content(entry: Entry, trace: Trace, *, article: bool, subject: str = "gpt3") -> ChosenContent:
    """Return the content of ``entry`` for ``trace``; ``article``: the given text is the article's.

    ``subject`` is the model whose name and figures it gives: "gpt3", or "model" for the traced one.

    Raises:
        UndrawableError: the trace lacks something that the loop shows.
        TraceError: it is no recording of what the loop needs, or nothing follows its prompt.
    """
    if not serves(entry, trace):
        raise TraceError(f"loop {entry.number} needs a recording of a {entry.needs}: record it for this loop")
    if _RECORDS[entry.needs] is Generation and not written_positions(trace):
        raise TraceError("the model ended the text at once: try another prompt or give a completion")
    module = importlib.import_module(f"{entry.package}.content")
    about = GPT3 if subject == "gpt3" else traced(trace)
    try:
        content = module.content(trace, article=article, subject=about)
    except TraceError as error:
        raise UndrawableError(f"{entry.number} cannot be drawn: {error}") from error
    origin = {
        "trace": trace.digest,
        "model": asdict(trace.model),
        **{name: value for part in trace.parts for name, value in _origin(part).items()},
        "tokens": [{"id": token.id, "text": token.text, "role": token.role} for token in trace.tokens],
        "certificate": dict(trace.certificate),
        "made_with": dict(trace.provenance),
    }
    prompt = text_of(token for token in trace.tokens if token.role == "prompt")
    # a tag ends at a NUL, so a sign stands for it
    text = prompt.replace("\0", "\N{REPLACEMENT CHARACTER}")
    tags = {"model": trace.model.name, "prompt": text}
    return ChosenContent(TypeAdapter(module.Content).dump_json(content).decode(), origin, tags)


def _origin(part: Part) -> dict[str, Any]:
    """Return what the provenance holds of a recording."""
    match part:
        case Generation():
            return {"generation": asdict(part)}
        case TrainingRun():
            return {"training": _some(part, "text", "seed", "optimisers", "searches", "block")}
        case FineTuning():
            names = ("prompt_format", "answer_format", "seed", "optimiser", "search", "answers", "block")
            return {"fine_tuning": _some(part, *names)}
        case Temperatures():
            return {"temperatures": _some(part, "prompt", "seed", "chat", "temperatures")}


def _some(part: Part, *names: str) -> dict[str, Any]:
    return {name: value for name, value in asdict(part).items() if name in names}

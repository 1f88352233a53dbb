"""What the end of a run says of its texts beside what was made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from model_trace.trace import Generation, Trace

QUESTION_MARKS = ("?", "？", "؟")  # Latin, Chinese and Japanese, Arabic


def of_traces(traces: Iterable[Trace]) -> list[str]:
    """A line for each thing worth saying of the recordings, each once."""
    parts = ((part, trace.provenance) for trace in traces for part in trace.parts)
    return of_origins(
        {"generation": asdict(part), "made_with": made_with}
        for part, made_with in parts
        if isinstance(part, Generation)
    )


def of_origins(origins: Iterable[Mapping[str, Any]]) -> list[str]:
    """The same of what a job's ``origin`` says of them: ``generation``, and how it was ``made_with``."""
    return list(dict.fromkeys(line for origin in origins for line in _notes(origin)))


def _notes(origin: Mapping[str, Any]) -> Iterator[str]:
    made, text = origin.get("generation"), origin["made_with"].get("text")
    if made is None:
        return
    text = text if isinstance(text, Mapping) else {}
    left_off = text.get("left_off")
    if isinstance(left_off, list) and left_off:
        names = " ".join(map(str, left_off))
        yield f"left off: {names}, which the tokenizer puts behind a text, since the text goes on there"
    if made["passed_over"] is not None:
        yield "the model would have ended the text at once; its next likeliest token was taken instead"
    asks = made["prompt"].rstrip().endswith(QUESTION_MARKS)
    if asks and text.get("chat_template") is True and not made["chat"] and made["completion"] is None:
        yield "the prompt reads like a question, and this model answers questions with --chat"

"""From a trace to what one loop says of it, as JSON that travels without the trace."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pydantic import TypeAdapter

from model_trace.trace import Trace, TraceError
from scenes import Entry
from scenes.pieces import written_positions


@dataclass(frozen=True)
class Choice:
    """A loop's content as JSON text; where it comes from; and the tags its video carries."""

    content: str
    origin: Mapping[str, Any]
    tags: Mapping[str, str]


def choose(entry: Entry, trace: Trace, *, article: bool) -> Choice:
    """What ``entry`` shows of ``trace``; ``article`` says that the given text is the article's.

    Raises:
        TraceError: the trace lacks a tensor the loop shows, or nothing follows its prompt.
    """
    if not written_positions(trace):
        raise TraceError(
            "the model ended the text at once, nothing to draw: try another prompt or give a completion"
        )
    module = importlib.import_module(entry.module)
    content = TypeAdapter(module.Content).dump_json(module.content(trace, article=article)).decode()
    origin = {
        "trace": trace.digest,
        "model": asdict(trace.model),
        "generation": asdict(trace.generation),
        "tokens": [{"id": token.id, "text": token.text, "role": token.role} for token in trace.tokens],
        "certificate": dict(trace.certificate),
        "made_with": dict(trace.provenance),
    }
    tags = {"title": entry.idea, "model": trace.model.name, "prompt": trace.generation.prompt}
    return Choice(content, origin, tags)

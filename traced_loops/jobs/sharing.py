"""What rows share: each run of a model is asked for once, however many rows tell of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from model_trace.progress import Progress, silent
from model_trace.request import AnyRequest
from model_trace.store import store
from scenes.chosen_content import serves
from scenes.entry import Entry
from traced_loops.jobs.options import RecordingOptions
from traced_loops.jobs.requests import (
    KeptRecording,
    PendingTraining,
    RequestOrPending,
    UsageError,
    request_for,
    subject_of,
    texts_of,
)
from traced_loops.jobs.rows import Row

# What is run, or lies there, for loops to be drawn from.
Source = AnyRequest | KeptRecording


@dataclass(frozen=True, slots=True)
class Ask:
    """What one loop is to show: of a recording, about a subject; ``article`` if the text is the article's."""

    entry: Entry
    request_for: RequestOrPending | KeptRecording
    article: bool
    subject: str

    @property
    def source(self) -> Source:
        """The run of a model that it comes from, or begins with."""
        return self.request_for.request if isinstance(self.request_for, PendingTraining) else self.request_for


def asks_of(row: Row, progress: Progress = silent) -> tuple[Ask, ...]:
    """What each loop of the row is to show, in the catalogue's order.

    Of a row that is drawn from a recording, only the loops that it serves.

    Raises:
        UsageError, UserFileError, TraceError: a text is missing or a file cannot be used.
    """
    if row.drawing.trace is not None:
        return _asks_of_a_recording(row, row.drawing.trace, progress)
    texts = texts_of(row.recording)
    told = [(entry, texts[entry.number]) for entry in row.entries]
    subject = subject_of(row.recording, row.drawing)
    return tuple(
        Ask(entry, request_for(entry, text, row.recording), text.article, subject) for entry, text in told
    )


def _asks_of_a_recording(row: Row, path: Path, progress: Progress) -> tuple[Ask, ...]:
    if row.recording != RecordingOptions():
        raise UsageError("--trace is drawn as it was recorded: leave out --prompt, --model and other texts")
    held = {each: store.open_checked(each, progress) for each in (path, *store.inner(path))}
    found = {
        entry: next((each for each, trace in held.items() if serves(entry, trace)), None)
        for entry in row.entries
    }
    served = {entry: each for entry, each in found.items() if each is not None}
    if not served:
        raise UsageError(f"{path} records none of what these loops show: choose other loops, or record them")
    subject = subject_of(row.recording, row.drawing, [held[each] for each in served.values()])
    return tuple(Ask(entry, KeptRecording(each), False, subject) for entry, each in served.items())


class Sharing:
    """The runs that some rows need: what is asked of each, and how many rows still wait for it."""

    def __init__(self, rows: Iterable[Row], asks_of: Callable[[Row], tuple[Ask, ...]] = asks_of) -> None:
        self._asked: dict[Source, dict[Ask, None]] = {}
        self._rows: Counter[Source] = Counter()
        first: dict[Source, int] = {}
        places: list[tuple[int, Row]] = []
        for place, row in enumerate(rows):
            asks = asks_of(row)
            for ask in asks:
                self._asked.setdefault(ask.source, {})[ask] = None
            self._rows.update({ask.source for ask in asks})
            places.append((first.setdefault(asks[0].source, place), row))
        # rows that tell the same text follow each other: what they share is held for a moment
        self.rows = [row for _, row in sorted(places, key=lambda each: each[0])]

    def asks(self, source: Source) -> tuple[Ask, ...]:
        """All that any row asks of the run."""
        return tuple(self._asked[source])

    def done(self, source: Source) -> bool:
        """A row needs the run no more; whether it was the last."""
        self._rows[source] -= 1
        return self._rows[source] == 0

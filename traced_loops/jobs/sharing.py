"""What rows share: each run of a model is asked for once, however many rows tell of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from model_trace.request import AnyRequest
from scenes.entry import Entry
from traced_loops.jobs.requests import PendingTraining, RequestOrPending, request_for, subject_of, texts_of
from traced_loops.jobs.rows import Row


@dataclass(frozen=True, slots=True)
class Ask:
    """What one loop is to say: of a recording, about a subject; ``article`` if the text is the article's."""

    entry: Entry
    request_for: RequestOrPending
    article: bool
    subject: str

    @property
    def run(self) -> AnyRequest:
        """The run of a model that it comes from, or begins with."""
        return self.request_for.request if isinstance(self.request_for, PendingTraining) else self.request_for


def asks_of(row: Row) -> tuple[Ask, ...]:
    """What each loop of the row is to say, in the catalogue's order.

    Raises:
        UsageError, UserFileError, TraceError: a text is missing or a file cannot be used.
    """
    texts = texts_of(row.recording)
    told = [(entry, texts[entry.number]) for entry in row.entries]
    subject = subject_of(row.recording, row.drawing)
    return tuple(
        Ask(entry, request_for(entry, text, row.recording), text.article, subject) for entry, text in told
    )


class Sharing:
    """The runs that some rows need: what is asked of each, and how many rows still wait for it."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self._asked: dict[AnyRequest, dict[Ask, None]] = {}
        self._rows: Counter[AnyRequest] = Counter()
        first: dict[AnyRequest, int] = {}
        places: list[tuple[int, Row]] = []
        for place, row in enumerate(rows):
            asks = asks_of(row)
            for ask in asks:
                self._asked.setdefault(ask.run, {})[ask] = None
            self._rows.update({ask.run for ask in asks})
            places.append((first.setdefault(asks[0].run, place), row))
        # rows that tell the same text follow each other: what they share is held for a moment
        self.rows = [row for _, row in sorted(places, key=lambda each: each[0])]

    def asks(self, run: AnyRequest) -> tuple[Ask, ...]:
        """All that any row asks of the run."""
        return tuple(self._asked[run])

    def done(self, run: AnyRequest) -> bool:
        """A row needs the run no more; whether it was the last."""
        self._rows[run] -= 1
        return self._rows[run] == 0

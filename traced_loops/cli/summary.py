"""The last three lines of a run: what was made, how long it took and how large it is, and what to do next."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path

from scenes.entry import Entry
from traced_loops.cli.console import count, megabytes, reason
from traced_loops.cli.display import duration
from traced_loops.jobs.layout import pages
from traced_loops.jobs.manifest import Record
from traced_loops.jobs.notes import of_origins
from traced_loops.jobs.run import Result
from traced_loops.storage.addresses import Address


def notes(result: Result, entries: Sequence[Entry]) -> Iterator[str]:
    """What else to know of a run of which ``entries`` were asked for: loops left out, texts altered."""
    yield from result.undrawable.values()
    served = {ask.entry for ask in result.asks}
    if absent := [entry.number for entry in entries if entry not in served]:
        yield f"not in this recording: {', '.join(absent)}"
    yield from of_origins(job.origin for jobs in result.jobs.values() for job in jobs)


def summary(result: Result, seconds: float, program: str) -> Iterator[str]:
    """The three lines for a run in which nothing failed; ``program`` is how it is called."""
    output = result.drawing.output
    jobs = [job for each in result.jobs.values() for job in each]
    figures = sum(job.entry.is_figure for job in jobs)
    counts = ((len(jobs) - figures, "loop"), (figures, "figure"))
    what = " and ".join(count(number, noun) for number, noun in counts if number)
    there = f", {result.already} already there" if result.already else ""
    yield f"{output}: {what}{there}"
    size = f", {megabytes(result.size)}" if result.size else ""
    yield f"took {duration(seconds)}{size}"
    yield from _next(result, loops=len(jobs) > figures, program=program)


def _next(result: Result, *, loops: bool, program: str) -> Iterator[str]:
    """What to do with it: look at the page, or have one."""
    folder = next(iter(pages(result.drawing)), None)
    options = "" if folder == Path("output") else f" --output {shlex.quote(str(folder))}"
    there = isinstance(folder, Path)  # on this machine
    if result.pages:
        host = f", or {program} page{options} --host hugo" if there else ""
        yield f"next: open {shlex.join(result.pages)}{host}"
    elif loops and there:
        yield f"next: {program} page{options} writes the article around them"


def batch_summary(records: Sequence[Record], output: Address, seconds: float) -> Iterator[str]:
    """The three lines for a batch in which no row failed."""
    yield f"{output}: {count(len(records), 'row')}"
    yield f"took {duration(seconds)}"
    yield f"next: open {shlex.quote(str(output / 'index.html'))}"


def failed(result: Result) -> str:
    """What failed, in one line; "" if nothing did."""
    output = result.drawing.output
    reasons: dict[str, list[str]] = {}
    for failure in result.failures:
        where = "" if failure.folder in (None, output) else f" ({failure.folder})"
        reasons.setdefault(reason(failure.why), []).append(failure.number + where)
    if not reasons:
        return ""
    words = "; ".join(f"{', '.join(numbers)}: {why}" for why, numbers in reasons.items())
    return f"{words}; the others are in {output}: run the same command to continue"

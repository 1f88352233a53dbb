"""What a run says in the end: what was made, how long it took, how large it is, and what to do next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from scenes.entry import Entry
from traced_loops.cli.console import count, megabytes, reason
from traced_loops.cli.display import duration
from traced_loops.jobs.notes import of_origins
from traced_loops.jobs.run import Result


def summary(result: Result, entries: Sequence[Entry], seconds: float) -> Iterator[str]:
    """The lines for a run in which nothing failed, of which ``entries`` were asked for."""
    output = result.drawing.output
    jobs = [job for each in result.jobs.values() for job in each]
    figures = sum(job.entry.is_figure for job in jobs)
    counts = ((len(jobs) - figures, "loop"), (figures, "figure"))
    what = " and ".join(count(number, noun) for number, noun in counts if number)
    there = f", {result.already} already there" if result.already else ""
    yield f"{output}: {what}{there}"
    size = f", {megabytes(result.size)}" if result.size else ""
    yield f"took {duration(seconds)}{size}"
    yield from result.undrawable.values()
    served = {ask.entry for ask in result.asks}
    if absent := [entry.number for entry in entries if entry not in served]:
        yield f"not in this recording: {', '.join(absent)}"
    yield from of_origins(job.origin for job in jobs)
    folder = "" if output == Path("output") else f" --output {output}"
    if result.pages:
        yield f"next: open {' '.join(result.pages)}, or traced-loops page{folder} --host hugo"
    else:
        yield f"next: traced-loops page{folder} writes the article around them"


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
    return f"{words}; the others are in {output}, the same command goes on from here"

"""Hands out jobs, takes back files, and puts them where they belong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, Future, as_completed
from functools import partial

from production import outputs
from production.cache import Cache
from production.delivery import cached
from production.jobs import Drawn, Job
from production.making import make
from production.places import Place

Placed = tuple[Place, Job]
Event = Callable[[Place, Job, str], None]


def make_all(
    wanted: Iterable[Placed],
    executor: Executor,
    event: Event,
    *,
    cache: Cache | None = None,
    force: bool = False,
) -> dict[tuple[Place, str], Exception]:
    """Make every job's files in its folder, and say what happens: "start", "done" or "failed".

    What takes longest is handed out first. A picture that lies there already, or in ``cache``, is not drawn
    again, unless by ``force``; formats it lacks are made of it. Returns the errors by folder and loop number;
    one loop's failure does not stop the others. What is finished stays, whatever happens to the rest.
    """
    errors: dict[tuple[Place, str], Exception] = {}
    futures: dict[Future[Drawn], Placed] = {}

    def attempt(folder: Place, job: Job, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as failure:
            errors[folder, job.entry.number] = failure
            event(folder, job, "failed")
        else:
            event(folder, job, "done")

    for folder, job in sorted(wanted, key=lambda placed: placed[1].entry.cost, reverse=True):
        event(folder, job, "start")
        kept = None if force else _kept(job, folder, cache)
        if kept is not None and set(job.formats) <= set(kept.files):
            attempt(folder, job, partial(outputs.publish, job, kept, folder))
        else:
            futures[executor.submit(make, job, kept)] = folder, job
    for future in as_completed(futures):
        folder, job = futures.pop(future)
        attempt(folder, job, partial(_collect, future, job, folder, cache))
    return errors


def _collect(future: Future[Drawn], job: Job, folder: Place, cache: Cache | None) -> None:
    drawn = future.result()
    if cache is not None:
        cache.put(job.digest, drawn)
    outputs.publish(job, drawn, folder)


def _kept(job: Job, folder: Place, cache: Cache | None) -> Drawn | None:
    return outputs.kept(job, folder) or (cached(job, cache) if cache is not None else None)

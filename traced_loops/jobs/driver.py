"""Hands out jobs, takes back files, and puts them where they belong."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor, as_completed

from traced_loops.jobs.delivery import CachePolicy, pack
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import Job
from traced_loops.storage.addresses import Address

Placed = tuple[Address, Job]
Event = Callable[[Address, Job, str], None]


def make_all(
    wanted: Iterable[Placed], executor: Executor, event: Event, means: CachePolicy
) -> dict[tuple[Address, str], Exception]:
    """Make every job's files in its folder, and say what happens: "start", "done" or "failed".

    What takes longest is handed out first. A picture that lies there already, or in the cache, is not drawn
    again, unless by ``force``; formats it lacks are made of it. Returns the errors by folder and loop number;
    one loop's failure does not stop the others. What is finished stays, whatever happens to the rest.
    """
    errors: dict[tuple[Address, str], Exception] = {}
    futures = {}
    for folder, job in sorted(wanted, key=lambda placed: placed[1].entry.cost, reverse=True):
        event(folder, job, "start")
        kept = None if means.force else outputs.kept(job, folder)
        futures[executor.submit(pack, job, kept, means)] = folder, job
    for future in as_completed(futures):
        folder, job = futures.pop(future)
        try:
            outputs.put(job.entry, future.result(), folder, force=means.force)
        except Exception as failure:
            errors[folder, job.entry.number] = failure
            event(folder, job, "failed")
        else:
            event(folder, job, "done")
    return errors

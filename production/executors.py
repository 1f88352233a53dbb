"""Draw many loops side by side on this machine's cores."""

from __future__ import annotations

import multiprocessing
import os
import shutil
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from pathlib import Path

from production import outputs
from production.jobs import Job, draw

Event = Callable[[Job, str], None]


def make(job: Job, folder: Path, place: Path, force: bool = False) -> None:
    """Draw one loop or figure and put its files into ``folder``; unfinished ones lie in ``place``.

    A loop that is there already is only converted, unless by ``force``.
    """
    if force or not outputs.is_drawn(job, folder):
        _draw(job, folder, place)
    for ending in outputs.lacking(job, folder):
        # imported where it is needed: converting is asked for rarely
        from production.formats import convert

        video = place / f"{job.entry.stem}.webm"
        shutil.copyfile(folder / video.name, video)
        outputs.add(job, convert(video, ending), folder)


def _draw(job: Job, folder: Path, place: Path) -> None:
    if job.entry.is_figure:
        # imported where it is needed: it takes Manim with it
        from production.figures import draw_figure

        target = place / f"{job.entry.stem}.svg"
        drawn = draw_figure(job, target)
    else:
        target = place / f"{job.entry.stem}.webm"
        drawn = draw(job, target)
    outputs.publish(job, drawn, target, folder)


def make_all(
    jobs: Sequence[Job], folder: Path, workers: int, event: Event, force: bool = False
) -> dict[str, Exception]:
    """Make every job, ``workers`` at a time, and say what happens: "start", "done" or "failed".

    Returns the errors by loop number; one loop's failure does not stop the others. On an interrupt the
    workers are ended at once and what is finished stays.
    """
    errors: dict[str, Exception] = {}
    with outputs.partial(folder) as place:
        if workers == 1 or len(jobs) == 1:
            for job in jobs:
                event(job, "start")
                try:
                    make(job, folder, place, force)
                except Exception as failure:
                    errors[job.entry.number] = failure
                event(job, "failed" if job.entry.number in errors else "done")
            return errors
        # torch may have run in this process, so a fork is not safe
        context = multiprocessing.get_context("spawn")
        pool = ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context, initializer=_worker)
        try:
            futures: dict[Future[None], Job] = {
                pool.submit(make, job, folder, place, force): job for job in jobs
            }
            for job in jobs:
                event(job, "start")
            for future in as_completed(futures):
                job = futures[future]
                error = future.exception()
                if isinstance(error, Exception):
                    errors[job.entry.number] = error
                event(job, "failed" if error else "done")
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in multiprocessing.active_children():
                process.terminate()
            raise
        pool.shutdown()
    return errors


def _worker() -> None:
    """An interrupt at the keyboard reaches the whole process group: the parent answers it, not the worker."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("OMP_NUM_THREADS", "1")

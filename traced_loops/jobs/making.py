"""One job's files, made wherever the work is done and put where they belong, without torch."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from model_trace import files
from model_trace.progress import Counter, Progress, silent
from scenes.catalogue import CATALOGUE
from scenes.entry import Entry
from scenes.wording import Wording
from traced_loops.jobs.layout import complete
from traced_loops.rendering import outputs
from traced_loops.rendering.cache import Cache, local_cache
from traced_loops.rendering.jobs import Drawn, Job
from traced_loops.storage import addresses
from traced_loops.storage.addresses import Address

# About how long a loop lasts, by benchmarks/stages.py: how many frames it has is known when it is drawn.
_LOOP_SECONDS = 10.2


@dataclass(frozen=True)
class CachePolicy:
    """What may save drawing, unless by ``force``: what lies in the output, and a cache.

    The cache is at ``folder`` (None: the user's own, on each machine), at most ``size`` bytes of it.
    """

    folder: Address | None
    size: int
    force: bool = False

    @property
    def cache(self) -> Cache:
        """The cache of drawn loops, as this machine sees it."""
        return Cache.at(self.folder, self.size)

    @property
    def recordings(self) -> files.Cache:
        """The cache of recordings, on this machine.

        Raises:
            CacheError: there are other things in its folder.
        """
        return local_cache(self.folder, self.size)


@dataclass(frozen=True)
class Order:
    """A loop to draw for ``folder``; ``task`` is what its progress is reported as."""

    job: Job
    folder: Address
    task: str
    policy: CachePolicy


def deliver(order: Order, progress: Progress) -> None:
    """Put the job's files into its folder, which this machine reaches, if they are not there."""
    job, folder, policy = order.job, order.folder, order.policy
    if policy.force or not outputs.is_current(job, folder):
        kept = None if policy.force else outputs.kept(job, folder)
        outputs.publish(job, _drawn(order, kept, progress), folder, force=policy.force)


def pack(order: Order, kept: Drawn | None, progress: Progress) -> dict[str, bytes]:
    """The job's files by name, for a folder that only the one who asks can reach.

    What ``kept`` holds of them is not made again.
    """
    return outputs.files_of(order.job, _drawn(order, kept, progress))


def finish(
    drawing_folder: Address,
    made: Mapping[Address, Sequence[Entry]],
    with_page: Sequence[Address],
    force: bool,
    progress: Progress,
) -> tuple[list[str], str]:
    """List what was made of a row in its folders and write its pages; these, and a stamp of all of it."""
    whole = {folder: [each for each in CATALOGUE if each in entries] for folder, entries in made.items()}
    pages = complete(whole, with_page, force=force)
    return [str(page) for page in pages], stamp(drawing_folder)


def stamp(folder: Address) -> str:
    """A digest that changes when any file below the folder is written, or goes."""
    return hashlib.sha256(repr(sorted(addresses.listing(folder).items())).encode()).hexdigest()


def make(job: Job, kept: Drawn | None = None, count: Counter | None = None) -> Drawn:
    """The job's picture with all its files; what ``kept`` holds of it is not made again.

    ``count`` counts the frames that are drawn.
    """
    drawn = kept or _draw(job, count or Counter(silent, "", 0))
    if kept is None:
        # a scene and its renderer hold each other, and an encoder's memory, of which Python knows nothing
        gc.collect()
    lacking = [ending for ending in job.formats if ending not in drawn.files]
    if not lacking:
        return drawn
    # imported where it is needed: converting is asked for rarely
    from traced_loops.rendering.codecs import CODECS
    from traced_loops.rendering.formats import convert

    made = {ending: convert(drawn.files["webm"], ending, CODECS[job.codec].decoder) for ending in lacking}
    return replace(drawn, files={**drawn.files, **made})


def frames_expected(job: Job) -> int:
    """About how many frames the picture has."""
    return 1 if job.entry.is_figure else round(_LOOP_SECONDS * job.quality.fps)


def _drawn(order: Order, kept: Drawn | None, progress: Progress) -> Drawn:
    """The job's picture: ``kept``, or the cache's, or drawn now, with the formats it lacks."""
    job, policy = order.job, order.policy
    if kept is None and not policy.force:
        kept = _cached(job, policy.cache)
    made = make(job, kept, Counter(progress, order.task, frames_expected(job)))
    if made is not kept:
        policy.cache.put(job.digest, made)
    return made


def _cached(job: Job, cache: Cache) -> Drawn | None:
    """The job's picture in the cache, if its words are still those of its language."""
    found = cache.get(job.digest)
    return found if found is not None and Wording(job.language).says(found.words) else None


def _draw(job: Job, count: Counter) -> Drawn:
    # imported where it is needed: who hands out jobs does without Manim
    if job.entry.is_figure:
        from traced_loops.rendering.figures import draw_figure

        count("frames", 0)
        drawn = draw_figure(job)
        count("frames")
        return drawn
    from traced_loops.rendering.drawing import draw_loop

    count("frames", 0)
    drawn = draw_loop(job, lambda frames: count("frames", frames))
    count.finish("frames")
    return drawn

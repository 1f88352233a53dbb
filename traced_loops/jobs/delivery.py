"""One job's files, made wherever the work is done and put where they belong."""

from __future__ import annotations

from dataclasses import dataclass

from model_trace import files
from scenes.wording import Wording
from traced_loops.rendering import outputs
from traced_loops.rendering.cache import Cache, local_cache
from traced_loops.rendering.jobs import Drawn, Job
from traced_loops.rendering.making import make
from traced_loops.storage.addresses import Address


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


def deliver(job: Job, folder: Address, means: CachePolicy) -> None:
    """Put the job's files into ``folder``, if they are not there."""
    if means.force or not outputs.is_current(job, folder):
        kept = None if means.force else outputs.kept(job, folder)
        outputs.publish(job, drawn(job, kept, means), folder, force=means.force)


def pack(job: Job, kept: Drawn | None, means: CachePolicy) -> dict[str, bytes]:
    """The job's files by name; what ``kept`` holds of them is not made again."""
    return outputs.files_of(job, drawn(job, kept, means))


def drawn(job: Job, kept: Drawn | None, means: CachePolicy) -> Drawn:
    """The job's picture: ``kept``, or the cache's, or drawn now, with the formats it lacks."""
    if kept is None and not means.force:
        kept = cached(job, means.cache)
    made = make(job, kept)
    if made is not kept:
        means.cache.put(job.digest, made)
    return made


def cached(job: Job, cache: Cache) -> Drawn | None:
    """The job's picture in the cache, if its words are still those of its language."""
    found = cache.get(job.digest)
    return found if found is not None and Wording(job.language).says(found.words) else None

"""A cluster of machines behind a Dask scheduler."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from distributed import Client, Status, Worker, WorkerPlugin, get_worker

from batch.machines import ClusterError, Heard, Machines
from batch.versions import differences, versions
from production.places import Remote

# What a worker calls itself that can run a model: dask worker … --resources model=1
MODEL = "model"
_TO_REACH = 15.0  # seconds, for the scheduler
_LOOK = 5.0  # seconds, between two looks at how many workers there are


@dataclass(frozen=True)
class Logged:
    """Reports through the scheduler to the one who asked."""

    topic: str

    def __call__(self, words: str, /) -> None:
        """Say what this worker is at."""
        worker = get_worker()
        worker.log_event(self.topic, {"who": str(worker.name), "words": words})


class Admission(WorkerPlugin):
    """Sends a worker away that would draw something else than the others; one may come at any time."""

    name = "traced-loops"

    def __init__(self, expected: Mapping[str, str], topic: str) -> None:
        self.expected, self.topic = expected, topic

    def setup(self, worker: Worker) -> None:
        """Look at this worker, and have it close if it is unfit."""
        if reasons := unfit(self.expected, worker):
            # it is known to the scheduler already, but takes no job like this; a paused one would soon resume
            worker.status = Status.closing_gracefully
            words = f"refused: {'; '.join(reasons)}"
            note = {"who": str(worker.name), "words": words}
            worker.loop.call_later(0.1, worker.log_event, self.topic, note)
            worker.loop.call_later(1, worker.close, reason=words)


def unfit(expected: Mapping[str, str], dask_worker: Worker) -> list[str]:
    """Why this worker cannot be used."""
    reasons = differences(expected, versions(MODEL in dask_worker.state.total_resources))
    if dask_worker.state.nthreads != 1:
        reasons.append(f"it has {dask_worker.state.nthreads} threads, loops are drawn by one: --nthreads 1")
    return reasons


@dataclass
class Count:
    """How many workers there are, looked up now and then."""

    client: Client
    _known: int = 1
    _looked: float = field(default=-_LOOK)

    def __call__(self) -> int:
        """The number, or 1 as long as there are none."""
        if time.monotonic() - self._looked >= _LOOK:
            self._known = max(1, len(self.client.nthreads()))
            self._looked = time.monotonic()
        return self._known


@contextmanager
def workers(address: str, heard: Heard) -> Iterator[Machines]:
    """The workers of the scheduler at ``address``: those that are there, and those that will come.

    A job whose worker dies is given to another one. Models run where the resource ``model`` is.

    Raises:
        ClusterError: nobody answers at the address, or a worker is unfit.
    """
    try:
        client = Client(address, timeout=_TO_REACH, name="traced-loops", set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ClusterError(f"--cluster {address}: no scheduler answers there") from error
    with client:
        topic = f"traced-loops-{client.id}"
        expected = versions(True)
        _check(client, expected)
        client.subscribe_topic(topic, lambda event: heard(event[1]["who"], event[1]["words"]))
        client.register_plugin(Admission(expected, topic))
        try:
            yield Machines(
                traces=client.get_executor(resources={MODEL: 1}, pure=False),
                draws=client.get_executor(pure=False),
                count=Count(client),
                report=Logged(topic),
                reach=lambda folder: isinstance(folder, Remote),
            )
        finally:
            # the next run may come with other versions
            client.unregister_worker_plugin(Admission.name)


def _check(client: Client, expected: Mapping[str, str]) -> None:
    found = client.run(unfit, expected, on_error="return")
    wrong = []
    for address, reasons in found.items():
        if isinstance(reasons, BaseException):
            wrong.append(f"worker {address}: {type(reasons).__name__}: {reasons}")
        else:
            wrong += [f"worker {address}: {reason}" for reason in reasons]
    if wrong:
        raise ClusterError("\n".join(wrong))

"""A cluster of machines behind a Dask scheduler."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from distributed import Client, Scheduler, Status, Worker, WorkerPlugin, get_worker
from distributed.comm.core import connect
from distributed.security import Security

from model_trace.progress import FAILED, Progress, Seldom
from traced_loops.jobs.executors import ClusterError, ClusterLostError, Executors
from traced_loops.jobs.versions import differences, versions
from traced_loops.storage.addresses import RemotePath

# What a worker calls itself that can run a model: dask worker … --resources model=1
MODEL = "model"
_TO_REACH = 6.0  # seconds, for the scheduler
_TO_ANSWER = 20.0  # seconds, for a worker: the first question has it load our code
_OURS = "traced-loops-"  # then the client's id: a run's own topic, and its admission's name
_PAUSE = 1.0  # seconds, between two reports of a worker's task
_LOOK = 5.0  # seconds, between two looks at how many workers there are


@dataclass(frozen=True)
class Logged:
    """Reports through the scheduler to the one who asked."""

    topic: str

    def __call__(
        self, task: str, done: int = 0, total: int | None = None, state: str = "", cost: float | None = None
    ) -> None:
        worker = get_worker()
        # not "worker": there Dask puts an address
        worker.log_event(self.topic, {"name": str(worker.name), "report": (task, done, total, state, cost)})

    def __reduce__(self) -> tuple[Any, ...]:
        return _seldom, (self.topic,)


def _seldom(topic: str) -> Progress:
    """What a worker gets in its place: no scheduler needs to hear of each frame."""
    return Seldom(Logged(topic), _PAUSE)


class Admission(WorkerPlugin):
    """Sends a worker away that would draw something else than the others; one may come at any time."""

    def __init__(self, expected: Mapping[str, str], topic: str) -> None:
        self.expected = expected
        self.topic = self.name = topic

    def setup(self, worker: Worker) -> None:
        """Look at this worker, and have it close if it is unfit."""
        if reasons := unfit(self.expected, worker):
            # it is known to the scheduler already, but takes no job like this; a paused one would soon resume
            worker.status = Status.closing_gracefully
            words = f"worker {worker.name} refused: {'; '.join(reasons)}"
            note = {"name": str(worker.name), "report": (words, 0, None, FAILED, None)}
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
def workers(address: str, progress: Progress, patience: float = _TO_ANSWER) -> Iterator[Executors]:
    """The workers of the scheduler at ``address``: those that are there, and those that will come.

    A job whose worker dies is given to another one. Models run where the resource ``model`` is.

    Raises:
        ClusterError: no scheduler answers at the address, or a worker is unfit or silent for ``patience``
            seconds.
        ClusterLostError: the scheduler went away while it was used.
    """
    security = _security(address)
    _check_scheduler(address, security)
    try:
        client = Client(
            address, timeout=_TO_REACH, name="traced-loops", set_as_default=False, security=security
        )
    except (OSError, ValueError, ImportError, TimeoutError) as error:
        raise ClusterError(
            f"--cluster {address}: no scheduler answers: start one, or check the address"
        ) from error
    with client:
        topic = f"{_OURS}{client.id}"
        expected = versions(True)
        _check(client, expected, patience)
        client.subscribe_topic(topic, lambda event: progress(*event[1]["report"]))
        try:
            left_behind = client.run_on_scheduler(_left_behind)
        except ImportError as error:
            raise ClusterError(
                f"--cluster {address}: the scheduler lacks our package ({error}); install it there, too"
            ) from error
        for name in left_behind:
            client.unregister_worker_plugin(name)
        client.register_plugin(Admission(expected, topic))
        try:
            yield Executors(
                recorders=client.get_executor(resources={MODEL: 1}, pure=False),
                drawers=client.get_executor(pure=False),
                at_once=Count(client),
                progress=Logged(topic),
                reach=lambda folder: isinstance(folder, RemotePath),
            )
        except Exception as error:
            # all work is cancelled when the connection breaks, whether or not it comes back
            if isinstance(error, CancelledError) or client.status != "running":
                raise ClusterLostError(
                    f"--cluster {address}: the scheduler went away; what was finished is kept: run the "
                    "same command to continue"
                ) from error
            raise
        finally:
            # the next run may come with other versions

            async def leave() -> None:
                await client.unregister_worker_plugin(topic)

            if client.status == "running":
                with suppress(TimeoutError, OSError):  # a worker is silent, or the scheduler just went
                    client.sync(leave, callback_timeout=patience)


def _security(address: str) -> Security:
    """The certificates of Dask's own configuration, which a ``tls://`` address takes.

    Raises:
        ClusterError: no scheduler has such an address, or its certificates are not there.
    """
    scheme, _, place = address.rpartition("://")
    try:
        parts = urlsplit(f"//{place}")
        whole = bool(parts.hostname and parts.port) and parts.netloc == place
    except ValueError:
        whole = False
    if scheme not in ("", "tcp", "tls") or not whole:
        raise ClusterError(
            f"--cluster {address}: not a scheduler's address: type tcp://host:port or tls://host:port, "
            "with port 8786 unless another was chosen"
        )
    try:
        security = Security()
        certified = security.get_connection_args("client")["ssl_context"] is not None
    except (OSError, ValueError) as error:  # among them ssl.SSLError
        raise ClusterError(
            f"--cluster {address}: the certificates cannot be used ({error}): correct "
            "distributed.comm.tls in Dask's configuration"
        ) from error
    if scheme == "tls" and not certified:
        raise ClusterError(
            f"--cluster {address}: TLS needs certificates: set distributed.comm.tls in Dask's configuration "
            "(its ca-file, client.cert and client.key)"
        )
    return security


def _check_scheduler(address: str, security: Security) -> None:
    """See that a scheduler answers; a client would wait without end for what is something else.

    Raises:
        ClusterError: none does, in ``_TO_REACH`` seconds.
    """

    async def ask() -> Any:
        comm = await connect(address, timeout=_TO_REACH, **security.get_connection_args("client"))
        try:
            await comm.write({"op": "identity", "reply": True})
            return await comm.read()
        finally:
            comm.abort()

    async def ask_in_time() -> Any:
        return await asyncio.wait_for(ask(), _TO_REACH)

    try:
        # in a thread of its own: a notebook has a running event loop in this one
        with ThreadPoolExecutor(1) as thread:
            answer = thread.submit(asyncio.run, ask_in_time()).result()
    except Exception as error:
        # whatever sits there, and whatever it says: it is no scheduler that we can talk to
        other = "tcp://" if address.startswith("tls://") else "tls://"
        raise ClusterError(
            f"--cluster {address}: no scheduler answers within {_TO_REACH:.0f} s: give its own port, not "
            f"its dashboard's, or try {other}"
        ) from error
    kind = answer.get("type") if isinstance(answer, Mapping) else None
    if kind != "Scheduler":
        raise ClusterError(f"--cluster {address} is a {str(kind).lower()}: give the scheduler's address")


def _check(client: Client, expected: Mapping[str, str], patience: float) -> None:
    """Ask each worker whether it is fit."""

    async def ask(address: str) -> list[str]:
        try:
            asked = client.run(unfit, expected, workers=[address], on_error="return")
            answer = (await asyncio.wait_for(asked, patience))[address]
        except TimeoutError:
            return [f"does not answer within {patience:.0f} s"]
        return [f"{type(answer).__name__}: {answer}"] if isinstance(answer, BaseException) else answer

    async def ask_all() -> list[list[str]]:
        return await asyncio.gather(*map(ask, found))

    found = client.scheduler_info(n_workers=-1)["workers"]
    answers = client.sync(ask_all)
    wrong = [
        f"worker {worker['name']}: {reason}"
        for worker, reasons in zip(found.values(), answers, strict=True)
        for reason in reasons
    ]
    if wrong:
        raise ClusterError("\n".join(wrong))


def _left_behind(dask_scheduler: Scheduler) -> list[str]:
    """The admissions of runs that ended without a word."""
    return [
        name
        for name in dask_scheduler.worker_plugins
        if name.startswith(_OURS) and name.removeprefix(_OURS) not in dask_scheduler.clients
    ]

"""What a worker does for a batch. To draw, it needs neither a model nor torch."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scenes.catalogue import CATALOGUE
from scenes.entry import Entry
from traced_loops.jobs import delivery
from traced_loops.jobs.layout import complete, pages
from traced_loops.jobs.options import DrawingOptions
from traced_loops.rendering.jobs import Drawn, Job
from traced_loops.storage import addresses
from traced_loops.storage.addresses import Address

if TYPE_CHECKING:
    from scenes.chosen_content import ChosenContent
    from traced_loops.jobs.machines import Report
    from traced_loops.jobs.recordings import Models
    from traced_loops.jobs.sharing import Ask


def weights(model: str | None, report: Report) -> str:
    """What the model's weights are, as a string that changes with them.

    Raises:
        TraceError: there is no such model.
    """
    from model_trace.models.checkpoints import identity

    return identity(model)


def record(asks: Sequence[Ask], means: delivery.CachePolicy, report: Report) -> list[ChosenContent | str]:
    """What each loop says of the one run that all ask for, recorded unless it is kept; or why not."""
    # imported where they are needed: they take torch with them when there is something to record
    from model_trace.errors import UserError
    from scenes.chosen_content import choose_content
    from traced_loops.jobs.recordings import obtain
    from traced_loops.jobs.requests import resolve

    def answer(ask: Ask) -> ChosenContent | str:
        try:
            request = resolve(ask.request_for, report, models, cache)
            trace = obtain([request], report, models=models, cache=cache)[request]
            return choose_content(ask.entry, trace, article=ask.article, subject=ask.subject)
        except UserError as error:
            return str(error)

    models = _models()
    try:
        cache = means.recordings
        obtain([asks[0].run], report, models=models, cache=cache)
        return [answer(ask) for ask in asks]
    except UserError as error:
        return [str(error)] * len(asks)
    finally:
        report("")


@functools.cache
def _models() -> Models:
    """One model stays loaded for as long as the process lives."""
    from traced_loops.jobs.recordings import Models

    return Models()


@dataclass(frozen=True)
class Order:
    """A loop to draw for ``folder``; ``name`` says which it is."""

    job: Job
    folder: Address
    name: str
    means: delivery.CachePolicy


def deliver(order: Order, report: Report) -> None:
    """Put the job's files into its folder, which this machine reaches."""
    with _told(order, report):
        delivery.deliver(order.job, order.folder, order.means)


def pack(order: Order, kept: Drawn | None, report: Report) -> Mapping[str, bytes]:
    """The job's files by name, for a folder that only the one who asks can reach."""
    with _told(order, report):
        return delivery.pack(order.job, kept, order.means)


def finish(drawing: DrawingOptions, made: Mapping[Address, Sequence[Entry]], report: Report) -> str:
    """List what was made of a row in its folders, write the pages; a digest of what lies there."""
    whole = {folder: [each for each in CATALOGUE if each in entries] for folder, entries in made.items()}
    complete(whole, pages(drawing), force=drawing.force)
    return stamp(drawing.output)


def stamp(folder: Address) -> str:
    """A digest that changes when any file below the folder is written, or goes."""
    return hashlib.sha256(repr(sorted(addresses.listing(folder).items())).encode()).hexdigest()


@contextmanager
def _told(order: Order, report: Report) -> Iterator[None]:
    report(f"drawing {order.name}")
    try:
        yield
    finally:
        report("")

"""From what loops ask for to recordings, and to what they show of them; a worker does it for others."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from model_trace.errors import UserError
from model_trace.progress import DONE, GONE, WAITING, Progress, silent
from model_trace.request import (
    AnyRequest,
    FineTuningRequest,
    Request,
    TemperaturesRequest,
    TrainingRequest,
)
from model_trace.store import store
from model_trace.trace import Trace
from scenes.chosen_content import ChosenContent, choose_content
from scenes.entry import Entry
from traced_loops import code_digest
from traced_loops.jobs import recordings
from traced_loops.jobs.making import CachePolicy
from traced_loops.jobs.recordings import task_of
from traced_loops.jobs.requests import KeptRecording, PendingTraining, RequestOrPending, resolve

if TYPE_CHECKING:
    from traced_loops.jobs.sharing import Ask

Answer = ChosenContent | UserError

CHOOSING = "choosing what the loops show"

# Seconds that each takes about with the embedded model on two cores, as benchmarks/stages.py shows them. What
# counts are their proportions, also to the entries' costs.
COSTS: Mapping[type[AnyRequest], float] = {
    Request: 2.3, TrainingRequest: 12.0, FineTuningRequest: 58.0, TemperaturesRequest: 2.0,
}  # fmt: skip
LOADING_COST = 6.0
CHOOSING_COST = 3.0


def weights(model: str | None, progress: Progress) -> str:
    """What the model's weights are, as a string that changes with them.

    Raises:
        TraceError: there is no such model.
    """
    from model_trace.models.checkpoints import identity

    return identity(model)


def record(
    asks: Sequence[Ask], policy: CachePolicy, strict: bool, choosers: Executor | None, progress: Progress
) -> list[Answer]:
    """What each loop shows of the recordings that all ask for, or why it cannot.

    What is not kept is recorded, texts before trainings; when a text cannot be, nothing after it is.

    Raises:
        UserError: if ``strict``, the first reason why something cannot be recorded.
    """
    found: dict[RequestOrPending | KeptRecording, Trace | UserError] = {}
    try:
        cache = policy.recordings
        for wanted in sorted(dict.fromkeys(ask.request_for for ask in asks), key=_effort):
            try:
                if isinstance(wanted, KeptRecording):
                    found[wanted] = store.open_trace(wanted.path)
                else:
                    request = resolve(wanted, progress, _models(), cache)
                    made = recordings.obtain([request], progress, models=_models(), cache=cache)
                    found[wanted] = made[request]
            except UserError as error:
                if strict or isinstance(wanted, Request):
                    raise
                found[wanted] = error
    except UserError as error:
        if strict:
            raise
        return [error] * len(asks)
    answers: dict[Ask, Answer] = {}
    choices: dict[Ask, Choice] = {}
    for ask in asks:
        trace = found[ask.request_for]
        if isinstance(trace, UserError):
            answers[ask] = trace
        else:
            choices[ask] = Choice(ask.entry, trace, ask.article, ask.subject)
    chosen = choose(list(choices.values()), policy, choosers, progress)
    answers.update(zip(choices, chosen, strict=True))
    return [answers[ask] for ask in asks]


def announce(asks: Sequence[Ask], progress: Progress) -> None:
    """Report what may have to be recorded, and how long that takes."""
    wanted = sorted(dict.fromkeys(ask.request_for for ask in asks), key=_effort)
    requests = [each for each in wanted if not isinstance(each, KeptRecording)]
    if requests:
        progress(recordings.LOADING, state=WAITING, cost=LOADING_COST)
    for each in requests:
        if isinstance(each, PendingTraining):
            training = TrainingRequest(each.request.prompt, each.request.model)
            progress(task_of(training), state=WAITING, cost=COSTS[TrainingRequest])
        else:
            progress(task_of(each), state=WAITING, cost=COSTS[type(each)])
    progress(CHOOSING, 0, len(asks), WAITING, CHOOSING_COST)


@dataclass(frozen=True)
class Choice:
    """What a loop is to show: of a trace, about a subject; ``article`` if the text is the article's own."""

    entry: Entry
    trace: Trace
    article: bool = False
    subject: str = "gpt3"

    def __call__(self) -> Answer:
        """Make the choice; or why it cannot be made."""
        try:
            return choose_content(self.entry, self.trace, article=self.article, subject=self.subject)
        except UserError as error:
            return error

    @property
    def key(self) -> str:
        """SHA-256 of what the choice depends on."""
        code = code_digest.drawing_digest(
            f"{self.entry.package}.content", "scenes.chosen_content", "model_trace.store.store"
        )
        parts = self.entry.number, self.trace.digest, self.article, self.subject, code
        return sha256(repr(parts).encode()).hexdigest()


def choose(
    choices: Sequence[Choice],
    policy: CachePolicy,
    choosers: Executor | None = None,
    progress: Progress = silent,
) -> list[Answer]:
    """What each loop shows of its trace, kept from an earlier run of the same code, or why it cannot.

    Choosing takes Manim: it is done by the ``choosers``, or here where there are none.
    """
    progress(CHOOSING, 0, len(choices), "loops")  # the first chooser takes a while to start
    cache = policy.cache
    made: dict[int, Answer] = {}
    lacking: dict[int, Future[Answer] | None] = {}
    keys = [choice.key for choice in choices]
    for place, choice in enumerate(choices):
        text = None if policy.force else cache.read(keys[place])
        if text is None:
            lacking[place] = None if choosers is None else choosers.submit(choice)
        else:
            made[place] = ChosenContent(**json.loads(text))
    for number, (place, future) in enumerate(lacking.items(), start=len(made)):
        progress(CHOOSING, number, len(choices), "loops")
        chosen = made[place] = _result(future, choices[place])
        if isinstance(chosen, ChosenContent):
            cache.write(keys[place], json.dumps(asdict(chosen)).encode())
    progress(CHOOSING, len(choices), len(choices), DONE if lacking else GONE)
    return [made[place] for place in range(len(choices))]


def _result(future: Future[Answer] | None, choice: Choice) -> Answer:
    if future is not None:
        try:
            return future.result()
        except FileNotFoundError:  # the recording was deleted meanwhile, but this process has it open
            pass
    return choice()


def _effort(wanted: RequestOrPending | KeptRecording) -> int:
    """Texts come first: one that cannot be used is found before minutes of training."""
    kinds = (KeptRecording, Request, PendingTraining, TrainingRequest)
    return next((place for place, kind in enumerate(kinds) if isinstance(wanted, kind)), len(kinds))


@functools.cache
def _models() -> recordings.Models:
    """One model stays loaded for as long as the process lives."""
    return recordings.Models()

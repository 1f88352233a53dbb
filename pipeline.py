"""From a user's wishes to files: obtain recordings, choose what the loops say, draw what is not there yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from model_trace import recordings, store
from model_trace.request import AnyRequest, FineTuningRequest, Request, TrainingRequest
from model_trace.trace import Trace
from production import executors, outputs
from production.jobs import QUALITIES, Job
from scenes import Entry
from scenes.choice import SUBJECTS, choose, serves
from scenes.style import THEMES
from texts import Text, code_prompt, read_texts
from wording import languages

Say = Callable[[str], None]


class UsageError(ValueError):
    """The wishes do not go together; the message is one line that says what to change."""


@dataclass(frozen=True)
class Recording:
    """What to record, or in ``trace`` the recording to draw from."""

    prompt: str | None = None
    completion: str | None = None
    model: str | None = None
    seed: int = 0
    temperature: float = 0.0
    top_p: float = 1.0
    max_new_tokens: int | None = None
    trace: Path | None = None
    description: str | None = None
    pairs: Path | None = None
    texts: Path | None = None

    def request(self, text: Text) -> Request:
        """The request that records ``text`` in this way."""
        length = self.max_new_tokens or text.max_new_tokens
        return Request(
            text.prompt, text.completion, self.model, length, self.temperature, self.top_p, self.seed
        )


@dataclass(frozen=True)
class Drawing:
    """How to draw, and where to."""

    language: str
    theme: str
    quality: str
    fps: int | None
    output: Path
    jobs: int | None
    force: bool
    subject: str = "gpt3"

    def check(self) -> None:
        """Refuse what cannot be drawn.

        Raises:
            UsageError: naming the option and what it may be.
        """
        for name, value, allowed in (
            ("quality", self.quality, tuple(QUALITIES)),
            ("theme", self.theme, tuple(THEMES)),
            ("language", self.language, languages()),
            ("subject", self.subject, SUBJECTS),
        ):
            if value not in allowed:
                raise UsageError(f"--{name} {value}: choose {' or '.join(allowed)}")


def make_jobs(
    entries: Sequence[Entry], recording: Recording, drawing: Drawing, say: Say
) -> tuple[list[Job], list[Job]]:
    """All jobs for these loops, and those of them whose files are not there yet.

    The output folder is made only after every text was recorded.

    Raises:
        UsageError: options that contradict each other.
        TraceError: a text or a model that cannot be used.
        OutputError: the output folder cannot be written.
    """
    drawing.check()
    quality = QUALITIES[drawing.quality]
    quality = replace(quality, fps=drawing.fps or quality.fps)
    jobs = []
    for entry, (trace, article) in traces(entries, recording, say).items():
        chosen = choose(entry, trace, article=article, subject=drawing.subject)
        tags = {**chosen.tags, "language": drawing.language}
        jobs.append(Job(entry, chosen.content, drawing.theme, drawing.language, quality, tags, chosen.origin))
    outputs.prepare(drawing.output)
    return jobs, [job for job in jobs if drawing.force or not outputs.is_current(job, drawing.output)]


def draw(jobs: Sequence[Job], drawing: Drawing, event: executors.Event) -> dict[str, Exception]:
    """Draw the jobs side by side; the errors by loop number."""
    if not jobs:
        return {}
    return executors.make_all(jobs, drawing.output, drawing.jobs or os.cpu_count() or 1, event)


def traces(entries: Sequence[Entry], recording: Recording, say: Say) -> dict[Entry, tuple[Trace, bool]]:
    """Each loop's trace, and whether its text is the article's own."""
    own = (recording.prompt, recording.completion, recording.description, recording.pairs, recording.texts)
    if recording.trace is not None:
        if any(wish is not None for wish in own):
            raise UsageError("--trace holds its own text: leave out --prompt, --completion and the like")
        trace = store.open_trace(recording.trace)
        served = [entry for entry in entries if serves(entry, trace)]
        if not served:
            raise UsageError(f"{recording.trace} records none of what these loops show")
        return dict.fromkeys(served, (trace, False))
    texts = _texts(recording)
    requests: dict[Entry, AnyRequest] = {}
    for entry in entries:
        requests[entry] = _request(entry, texts[entry.number], recording, say)
    found = recordings.obtain(requests.values(), say)
    return {entry: (found[request], texts[entry.number].article) for entry, request in requests.items()}


def _texts(recording: Recording) -> dict[str, Text]:
    """Each loop's text: the user's where there is one."""
    if recording.completion is not None and recording.prompt is None:
        raise UsageError("--completion continues a --prompt: give both")
    if recording.texts is not None and recording.prompt is not None:
        raise UsageError("--texts gives each loop its text: leave out --prompt")
    texts = read_texts(recording.texts)
    for number, text in texts.items():
        if text.description is None and text.pairs is None and recording.prompt is not None:
            texts[number] = Text(recording.prompt, recording.completion, recording.max_new_tokens)
    return texts


def _request(entry: Entry, text: Text, recording: Recording, say: Say) -> AnyRequest:
    """What must be recorded for the loop."""
    match entry.needs:
        case "code":
            description = recording.description or text.description or ""
            if not description.strip():
                raise UsageError("the description is empty")
            prompt, length = code_prompt(description)
            return Request(prompt, None, recording.model, length)
        case "fine-tuning":
            from model_trace.pairs import read_pairs  # imports torch

            path = recording.pairs or text.pairs
            if path is None:
                raise UsageError(f"{recording.texts} names no pairs for loop {entry.number}")
            return FineTuningRequest(read_pairs(path), recording.model, recording.seed)
        case "training":
            request = recording.request(text)
            if text.completion is None:
                made = recordings.obtain([request], say)[request]
                return TrainingRequest(recordings.text_of(made), recording.model, recording.seed)
            return TrainingRequest(text.prompt + text.completion, recording.model, recording.seed)
        case "text":
            return recording.request(text)

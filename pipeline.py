"""From a user's wishes to files: obtain recordings, choose what the loops say, draw what is not there yet."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from model_trace import recordings, store
from model_trace.request import AnyRequest, FineTuningRequest, Request, TrainingRequest
from model_trace.spec import RecordingSpec
from model_trace.trace import Trace
from options import Drawing, Recording
from production import executors, outputs
from production.jobs import FORMATS, QUALITIES, Job
from scenes import Entry, Needs
from scenes.choice import SUBJECTS, choose, serves
from scenes.style import THEMES
from texts import Text, code_prompt, read_texts
from wording import languages

Say = Callable[[str], None]

# In a recording of several kinds the first of these is the folder itself, the others lie inside.
_ORDER: tuple[Needs, ...] = ("text", "training", "fine-tuning", "code")


class UsageError(ValueError):
    """The wishes do not go together; the message is one line that says what to change."""


def _several(values: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values.replace(",", " ").split()))


def _check(drawing: Drawing) -> None:
    """Refuse what cannot be drawn, naming the option and what it may be."""
    for name, values, allowed in (
        ("quality", (drawing.quality,), tuple(QUALITIES)),
        ("theme", _several(drawing.theme), tuple(THEMES)),
        ("language", _several(drawing.language), languages()),
        ("subject", (drawing.subject,), SUBJECTS),
        ("also", ("", *_several(drawing.also)), ("", *FORMATS)),
    ):
        for value in values:
            if value not in allowed:
                raise UsageError(f"--{name} {value}: choose {' or '.join(filter(None, allowed))}")
        if not values:
            raise UsageError(f"--{name} is empty: choose {' or '.join(allowed)}")
    if "transparent" in _several(drawing.theme) and "mp4" in _several(drawing.also):
        raise UsageError("--also mp4 cannot be transparent: choose webp or gif")


def make_jobs(
    entries: Sequence[Entry], recording: Recording, drawing: Drawing, say: Say
) -> dict[Path, list[Job]]:
    """All jobs for these loops by the folder their files go to.

    One language goes straight into the output folder, each of several into a folder of its name; a second
    theme goes into a folder inside. They are made only after every text was recorded.

    Raises:
        UsageError: options that contradict each other.
        TraceError: a text or a model that cannot be used.
        OutputError: the output folder cannot be written.
    """
    _check(drawing)
    quality = QUALITIES[drawing.quality]
    quality = replace(quality, fps=drawing.fps or quality.fps)
    themes = _several(drawing.theme)
    chosen = {
        entry: choose(entry, trace, article=article, subject=drawing.subject)
        for entry, (trace, article) in traces(entries, recording, drawing.trace, say).items()
    }
    jobs: dict[Path, list[Job]] = {}
    for language, theme in product(_several(drawing.language), themes):
        folder = _folder(drawing, language)
        folder = folder if theme == themes[0] else folder / theme
        outputs.prepare(folder)
        jobs[folder] = [
            Job(
                entry,
                choice.content,
                theme,
                language,
                quality,
                tags={**choice.tags, "language": language},
                origin=choice.origin,
                also=_several(drawing.also),
            )
            for entry, choice in chosen.items()
        ]
    return jobs


def _folder(drawing: Drawing, language: str) -> Path:
    return drawing.output / language if len(_several(drawing.language)) > 1 else drawing.output


def pages(drawing: Drawing) -> list[Path]:
    """The folders that take a page: one for each language. It shows no transparent loops."""
    if "transparent" in _several(drawing.theme):
        return []
    return [_folder(drawing, language) for language in _several(drawing.language)]


def missing(jobs: Sequence[Job], folder: Path, drawing: Drawing) -> list[Job]:
    """Those of the jobs whose files are not in ``folder`` yet, or all by ``force``."""
    return [job for job in jobs if drawing.force or not outputs.is_current(job, folder)]


def draw(jobs: Sequence[Job], folder: Path, drawing: Drawing, event: executors.Event) -> dict[str, Exception]:
    """Draw the jobs side by side into ``folder``; the errors by loop number."""
    if not jobs:
        return {}
    return executors.make_all(jobs, folder, drawing.jobs or os.cpu_count() or 1, event, drawing.force)


def traces(
    entries: Sequence[Entry], recording: Recording, kept: Path | None, say: Say
) -> dict[Entry, tuple[Trace, bool]]:
    """Each loop's trace, and whether its text is the article's own; from the recording ``kept`` if there is
    one, which may serve some of the loops only."""
    if kept is None:
        texts = _texts(recording)
        requests = {entry: _request(entry, texts[entry.number], recording, say) for entry in entries}
        found = recordings.obtain(requests.values(), say)
        return {entry: (found[request], texts[entry.number].article) for entry, request in requests.items()}
    if recording != Recording():
        raise UsageError("--trace is drawn as it was recorded: leave out --prompt, --model and the like")
    held = [store.open_trace(path) for path in (kept, *store.inner(kept))]
    serving = {entry: [trace for trace in held if serves(entry, trace)] for entry in entries}
    served = {entry: (found[0], False) for entry, found in serving.items() if found}
    if not served:
        raise UsageError(f"{kept} records none of what these loops show")
    return served


def keep(
    entries: Sequence[Entry], recording: Recording, path: Path, everything: bool, say: Say
) -> dict[Path, Trace]:
    """Record what these loops need into one folder: a trace, and further ones inside it.

    Raises:
        UsageError: the loops tell different texts.
        TraceError: a text or a model that cannot be used, or the folder cannot be written.
    """
    texts = _texts(recording)
    requests: dict[str, AnyRequest] = {}
    for entry in sorted(entries, key=lambda entry: _ORDER.index(entry.needs)):
        request = _request(entry, texts[entry.number], recording, say)
        if requests.setdefault(entry.needs, request) != request:
            raise UsageError("these loops have different texts, a recording has one: give --prompt")
    spec = RecordingSpec.everything() if everything else RecordingSpec.default()
    found = recordings.obtain(requests.values(), say, spec)
    (_, outer), *others = [(needs, found[request]) for needs, request in requests.items()]
    store.save(outer, path, dict(others))
    return {path: store.open_trace(path) for path in (path, *store.inner(path))}


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
            request = _generation(text, recording)
            if text.completion is None:
                made = recordings.obtain([request], say)[request]
                return TrainingRequest(recordings.text_of(made), recording.model, recording.seed)
            return TrainingRequest(text.prompt + text.completion, recording.model, recording.seed)
        case "text":
            return _generation(text, recording)


def _generation(text: Text, recording: Recording) -> Request:
    length = recording.max_new_tokens or text.max_new_tokens
    return Request(
        text.prompt,
        text.completion,
        recording.model,
        length,
        recording.temperature,
        recording.top_p,
        recording.seed,
    )

"""What must be recorded for a loop, as far as it can be said before anything is run."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace

from model_trace.errors import UserError
from model_trace.files import Cache
from model_trace.learning.pairs import read_pairs
from model_trace.models import embedded
from model_trace.request import (
    AnyRequest,
    FineTuningRequest,
    ModelChoice,
    Request,
    TemperaturesRequest,
    TrainingRequest,
)
from model_trace.trace import FineTuning, Generation, Part, Temperatures, Trace, TrainingRun
from scenes.entry import Entry
from traced_loops.jobs import recordings
from traced_loops.jobs.options import DrawingOptions, RecordingOptions
from traced_loops.jobs.texts import Text, code_prompt, read_texts

Say = Callable[[str], None]

# Options by which the text or the model is the user's own.
_OWN = ("prompt", "completion", "chat", "description", "pairs", "texts", "model")

# Each file is read once: thousands of rows may name it.
_texts, _pairs = functools.cache(read_texts), functools.cache(read_pairs)


class UsageError(UserError):
    """Options that cannot be met, or that contradict each other."""


def require_models() -> None:
    """See that models can be run here.

    Raises:
        UsageError: what runs them is not installed.
    """
    missing = [name for name in ("torch", "transformers", "tokenizers") if not importlib.util.find_spec(name)]
    if missing:
        names = ", ".join(missing)
        raise UsageError(f'running a model needs {names}: pip install "traced-loops[model]"')


@dataclass(frozen=True)
class PendingTraining:
    """A training on a prompt and what the model writes after it, which must be recorded first."""

    request: Request


RequestOrPending = AnyRequest | PendingTraining


def texts_of(recording: RecordingOptions) -> dict[str, Text]:
    """Loop number -> its text: the user's where there is one.

    Raises:
        UserFileError: the file of texts cannot be used.
    """
    texts = dict(_texts(recording.texts))
    for number, text in texts.items():
        if text.description is None and text.pairs is None and recording.prompt is not None:
            texts[number] = Text(recording.prompt, recording.completion, recording.max_new_tokens)
    return texts


def subject_of(recording: RecordingOptions, drawing: DrawingOptions, traces: Iterable[Trace] = ()) -> str:
    """Whose name and figures all loops of a run give: "gpt3", or "model" for the traced one.

    The traced model's own, with any text or model of the user's. GPT-3's only for the default texts, read by
    the default model, be it now or in the ``traces`` that ``--trace`` draws from. ``--subject`` overrides.
    """
    if drawing.subject is not None:
        return drawing.subject
    if drawing.trace is not None:
        return "gpt3" if all(map(_records_the_defaults, traces)) else "model"
    given = (
        field.name for field in fields(RecordingOptions) if getattr(recording, field.name) != field.default
    )
    return "model" if set(given) & set(_OWN) else "gpt3"


def _records_the_defaults(trace: Trace) -> bool:
    """Whether the trace is of default texts alone, read by the default model."""
    return trace.model.source == embedded.SOURCE and all(map(_is_a_default, trace.parts))


def _is_a_default(part: Part) -> bool:
    """Whether a loop's default text is what was recorded."""
    texts = _texts(None).values()
    match part:
        case Generation(prompt=prompt, completion=completion):
            defaults = {(text.prompt, text.completion) for text in texts if text.prompt}
            code = {(code_prompt(text.description)[0], None) for text in texts if text.description}
            return (prompt, completion) in defaults | code and not part.chat
        case TrainingRun(text=trained):
            return trained in {text.prompt + (text.completion or "") for text in texts}
        case Temperatures(prompt=prompt):
            return prompt in {text.prompt for text in texts if text.prompt} and not part.chat
        case FineTuning(pairs=pairs):
            words = {(pair.english, pair.french) for pair in pairs}
            files = {text.pairs for text in texts if text.pairs is not None}
            return any(words == {(pair.english, pair.french) for pair in _pairs(path)} for path in files)


def request_for(entry: Entry, text: Text, recording: RecordingOptions) -> RequestOrPending:
    """What the loop needs recorded to tell ``text``.

    Raises:
        UsageError: the text lacks what the loop tells.
        TraceError: its file of pairs cannot be used.
    """
    match entry.needs:
        case "code":
            description = recording.description or text.description or ""
            if not description.strip():
                raise UsageError("the description is empty: type some text")
            prompt, length = code_prompt(description)
            return Request(prompt, None, _model(recording), length)
        case "fine-tuning":
            path = recording.pairs or text.pairs
            if path is None:
                raise UsageError(
                    f"{recording.texts} names no pairs for loop {entry.number}: add pairs, or give --pairs"
                )
            return FineTuningRequest(_pairs(path), _model(recording), recording.seed)
        case "training":
            if text.completion is None:
                return PendingTraining(_generation(text, recording))
            return TrainingRequest(
                text.prompt, _model(recording), recording.seed, text.completion, chat=recording.chat
            )
        case "text":
            return _generation(text, recording)
        case "attention":
            return replace(_generation(text, recording), also=("v",))
        case "temperatures":
            return TemperaturesRequest(text.prompt, _model(recording), recording.seed, recording.chat)


def resolve(request_for: RequestOrPending, say: Say, models: recordings.Models, cache: Cache) -> AnyRequest:
    """The wish as one request; what has to be run to know it is run and kept in ``cache``.

    Raises:
        TraceError: a text cannot be used or the model cannot be loaded.
    """
    if not isinstance(request_for, PendingTraining):
        return request_for
    made = recordings.obtain([request_for.request], say, models=models, cache=cache)[request_for.request]
    return recordings.training_of(made, request_for.request.model, request_for.request.seed)


def _generation(text: Text, recording: RecordingOptions) -> Request:
    length = recording.max_new_tokens or text.max_new_tokens
    return Request(
        text.prompt,
        text.completion,
        _model(recording),
        length,
        recording.temperature,
        recording.top_p,
        recording.seed,
        recording.chat,
    )


def _model(recording: RecordingOptions) -> ModelChoice:
    return ModelChoice(recording.model, recording.device, recording.dtype)

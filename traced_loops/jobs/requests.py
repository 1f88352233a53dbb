"""What must be recorded for a loop, as far as it can be said before anything is run."""

from __future__ import annotations

import functools
import importlib.util
from collections.abc import Callable
from dataclasses import dataclass

from model_trace.learning.pairs import read_pairs
from model_trace.request import AnyRequest, FineTuningRequest, ModelChoice, Request, TrainingRequest
from scenes.entry import Entry
from traced_loops.cli.options import Recording
from traced_loops.jobs import recordings
from traced_loops.jobs.texts import Text, code_prompt, read_texts

Say = Callable[[str], None]

# Each file is read once: thousands of rows may name it.
_texts, _pairs = functools.cache(read_texts), functools.cache(read_pairs)


class UsageError(ValueError):
    """The wishes do not go together; the message is one line that says what to change."""


def require_models() -> None:
    """See that models can be run here.

    Raises:
        UsageError: what runs them is not installed.
    """
    missing = [name for name in ("torch", "transformers", "tokenizers") if not importlib.util.find_spec(name)]
    if missing:
        raise UsageError(f"running a model needs {', '.join(missing)}: pip install '.[model]'")


@dataclass(frozen=True)
class Continued:
    """A training on a prompt and what the model writes after it, which must be recorded first."""

    request: Request


Wish = AnyRequest | Continued


def texts_of(recording: Recording) -> dict[str, Text]:
    """Loop number -> its text: the user's where there is one.

    Raises:
        TextError: the file of texts cannot be used.
    """
    texts = dict(_texts(recording.texts))
    for number, text in texts.items():
        if text.description is None and text.pairs is None and recording.prompt is not None:
            texts[number] = Text(recording.prompt, recording.completion, recording.max_new_tokens)
    return texts


def wish(entry: Entry, text: Text, recording: Recording) -> Wish:
    """What the loop needs recorded to tell ``text``.

    Raises:
        UsageError: the text lacks what the loop tells.
        TraceError: its file of pairs cannot be used.
    """
    match entry.needs:
        case "code":
            description = recording.description or text.description or ""
            if not description.strip():
                raise UsageError("the description is empty")
            prompt, length = code_prompt(description)
            return Request(prompt, None, _model(recording), length)
        case "fine-tuning":
            path = recording.pairs or text.pairs
            if path is None:
                raise UsageError(f"{recording.texts} names no pairs for loop {entry.number}")
            return FineTuningRequest(_pairs(path), _model(recording), recording.seed)
        case "training":
            if text.completion is None:
                return Continued(_generation(text, recording))
            return TrainingRequest(text.prompt + text.completion, _model(recording), recording.seed)
        case "text":
            return _generation(text, recording)


def settle(wish: Wish, say: Say, models: recordings.Models) -> AnyRequest:
    """The wish as one request; what has to be run to know it is run and kept.

    Raises:
        TraceError: a text cannot be used or the model cannot be loaded.
    """
    if not isinstance(wish, Continued):
        return wish
    made = recordings.obtain([wish.request], say, models=models)[wish.request]
    return TrainingRequest(recordings.text_of(made), wish.request.model, wish.request.seed)


def _generation(text: Text, recording: Recording) -> Request:
    length = recording.max_new_tokens or text.max_new_tokens
    return Request(
        text.prompt,
        text.completion,
        _model(recording),
        length,
        recording.temperature,
        recording.top_p,
        recording.seed,
    )


def _model(recording: Recording) -> ModelChoice:
    return ModelChoice(recording.model, recording.device, recording.dtype)

"""A prompt inside the model's own chat template."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from model_trace.errors import TraceError
from model_trace.models import render_template

LONGEST_TEMPLATE = 2**18  # characters; those of real models have some 10,000
SECONDS = 60  # for all of the other process; what it renders in is bounded by itself
# Where the prompt stands in a template is read from how this one is rendered.
PROBE = "Qx7vK2mZ9tRw4"


@dataclass(frozen=True)
class Wrapped:
    """A prompt in its template, ``before`` + ``prompt`` + ``after``; some strip the prompt's ends."""

    before: str
    prompt: str
    after: str


def has_template(tokenizer: Any) -> bool:
    """Whether the model came with a chat template."""
    return bool(getattr(tokenizer, "chat_template", None))


def wrap(tokenizer: Any, prompt: str) -> Wrapped:
    """The prompt as the user's message in the model's chat template, the answer's beginning after it.

    Dates that a template writes are a fixed one, so that the same prompt gives the same text on any day.

    Raises:
        TraceError: the model has no chat template, or it cannot be used.
    """
    if not has_template(tokenizer):
        raise TraceError("this model has no chat template: leave out --chat, or name a model made for chat")
    try:
        template = tokenizer.get_chat_template()
    except ValueError as error:
        raise TraceError(
            "the model has several chat templates and no default one: leave out --chat"
        ) from error
    if len(template) > LONGEST_TEMPLATE:
        raise _unusable(f"it is too long, {len(template)} characters")
    variables = tuple((name, str(value)) for name, value in tokenizer.special_tokens_map.items())
    probed, rendered = _rendered(template, variables, prompt)
    before, found, after = probed.partition(PROBE)
    if found and PROBE not in after and rendered.startswith(before) and rendered.endswith(after):
        inner = rendered[len(before) : len(rendered) - len(after)]
        if inner in (prompt, prompt.strip()):
            return Wrapped(before, inner, after)
    raise _unusable("it does not hold the prompt as it is, once")


@lru_cache(maxsize=64)
def _rendered(template: str, variables: tuple[tuple[str, str], ...], prompt: str) -> tuple[str, str]:
    """What the template makes of ``PROBE`` and of the prompt."""
    asked = {"template": template, "prompts": [PROBE, prompt], "variables": dict(variables)}
    try:
        done = subprocess.run(
            # -P: modules beside the script are not to be taken for Python's own
            [sys.executable, "-P", render_template.__file__],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise _unusable("it takes too long") from error
    if done.returncode:
        raise _unusable("it takes too much time or memory")
    answer = json.loads(done.stdout)
    if "error" in answer:
        raise _unusable(answer["error"])
    probed, rendered = answer["texts"]
    return probed, rendered


def _unusable(reason: str) -> TraceError:
    return TraceError(f"the model's chat template cannot be used: {' '.join(reason.split())}")

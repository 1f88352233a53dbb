"""A generation before and after the model ran: its plan, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from torch import Tensor

from model_trace.models.pieces import Encoded
from model_trace.recording.distribution import Distribution
from model_trace.recording.recorder import Recorder
from model_trace.trace import Token

Stopped = Literal["end of sentence", "end of text", "length", "given"]


@dataclass(frozen=True)
class Plan:
    """What is to be run: checked, tokenised, not begun. ``limit``: how many new tokens at most."""

    prompt: str
    completion: str | None
    encoded: Encoded
    limit: int
    max_new_tokens: int | None
    temperature: float
    top_p: float
    seed: int
    chat: bool = False

    @property
    def capacity(self) -> int:
        """Forwards at most: every token but the last."""
        return len(self.encoded.tokens) + self.limit - 1

    @property
    def first_row(self) -> int:
        """The forward whose prediction is of the first token after the prompt."""
        return first_row(self.encoded.tokens)


@dataclass(frozen=True)
class GenerationRun:
    """A finished run: all tokens, the recorder with its buffers, one distribution per forward.

    ``forwards``: how many tokens each forward took. ``chances`` [F]: see ``choice_probability``.
    ``last``: the last forward's logits. ``passed_over``: the end of text in whose stead the first was chosen.
    """

    tokens: tuple[Token, ...]
    recorder: Recorder
    distribution: Distribution
    forwards: tuple[int, ...]
    chances: tuple[float, ...]
    last: Tensor
    stopped: Stopped
    passed_over: int | None = None


def first_row(tokens: Sequence[Token]) -> int:
    """The forward whose prediction is of the first token that is given or written after the prompt."""
    written = (place for place, each in enumerate(tokens) if each.role in ("given", "generated"))
    return max(0, next(written, len(tokens)) - 1)

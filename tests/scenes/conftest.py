"""Recordings to draw from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.loops import PROMPTS

if TYPE_CHECKING:
    from model_trace.models.checkpoints import Checkpoint
    from model_trace.trace import Trace


@pytest.fixture(scope="session")
def traces(embedded: Checkpoint) -> dict[int, Trace]:
    """Recordings of prompts of about 1, 6, 20 and 60 tokens."""
    from model_trace.recording import generation

    return {size: generation.record(embedded, prompt) for size, prompt in PROMPTS.items()}


@pytest.fixture(scope="session")
def given(embedded: Checkpoint) -> Trace:
    """A recording of a text that is given, with tokens the model did not expect."""
    from model_trace.recording import generation

    return generation.record(embedded, "A robot must", " obey orders.")

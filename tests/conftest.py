"""What several rooms' tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from model_trace.checkpoints import Checkpoint


@pytest.fixture(scope="session")
def embedded() -> Checkpoint:
    """The default model, loaded once."""
    from model_trace import checkpoints

    return checkpoints.load()

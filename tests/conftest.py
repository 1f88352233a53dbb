"""What several rooms' tests share."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.loops import CODE

if TYPE_CHECKING:
    from model_trace.checkpoints import Checkpoint
    from model_trace.trace import Trace


@pytest.fixture(scope="session")
def embedded() -> Checkpoint:
    """The default model, loaded once."""
    from model_trace import checkpoints

    return checkpoints.load()


@pytest.fixture(scope="session")
def training(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """A tiny untrained twin's training on one example."""
    from model_trace import checkpoints
    from model_trace.training import record_training
    from tests.model_trace.families import save_model

    folder = save_model(tmp_path_factory.mktemp("models") / "tiny", "llama")
    return record_training(checkpoints.load(str(folder)), "The quick brown fox jumps", steps=2)


@pytest.fixture(scope="session")
def fine_tuning(tmp_path_factory: pytest.TempPathFactory) -> Trace:
    """A tiny model's fine-tuning, with one word held out."""
    from model_trace import checkpoints
    from model_trace.fine_tuning import record_fine_tuning
    from model_trace.trace import Pair
    from tests.model_trace.families import save_model

    uses = (*["training"] * 6, *["validation"] * 2, "held out")
    words = tuple(Pair(f"w{place}", f"m{place}", use) for place, use in enumerate(uses))  # type: ignore[arg-type]
    folder = save_model(tmp_path_factory.mktemp("models") / "long", "llama", max_position_embeddings=256)
    return record_fine_tuning(checkpoints.load(str(folder)), words, steps=4, batch_size=2)


@pytest.fixture(scope="session")
def code(embedded: Checkpoint) -> Trace:
    """A recording of code that the model wrote for a description."""
    from model_trace import generation

    prompt, length = CODE
    return generation.record(embedded, prompt, max_new_tokens=length)


@pytest.fixture(scope="session")
def by_need(training: Trace, fine_tuning: Trace, code: Trace) -> dict[str, Trace]:
    """A recording of each kind but plain text."""
    return {"training": training, "fine-tuning": fine_tuning, "code": code}

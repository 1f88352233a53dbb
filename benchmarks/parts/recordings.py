"""What is recorded beside drawing: by processes of their own, which find it by its name."""

from __future__ import annotations

from pathlib import Path


def record_prompt(prompt: str) -> bytes:
    """Record the text that the model writes, and the training on it, as a run with a new prompt does."""
    from model_trace.learning.training import record_training
    from model_trace.models import checkpoints
    from model_trace.recording import generation

    checkpoint = checkpoints.load()
    made = generation.record(checkpoint, prompt)
    written = tuple(token.id for token in made.tokens if token.role == "generated")
    record_training(checkpoint, prompt, written=written)
    return b""


def fine_tune(pairs: Path) -> bytes:
    """Record the fine-tuning on the default phrases."""
    from model_trace.learning.fine_tuning import record_fine_tuning
    from model_trace.learning.pairs import read_pairs
    from model_trace.models import checkpoints

    record_fine_tuning(checkpoints.load(), read_pairs(pairs))
    return b""

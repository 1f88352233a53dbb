"""Checkpoints for the tests of model_trace."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from model_trace.models import checkpoints
from model_trace.models.checkpoints import Checkpoint
from tests.model_trace.families import save_model


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> None:
    """Tiny tensors gain nothing from threads, and on a busy machine these wait for one another."""
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Checkpoint]:
    """A tiny model of a family by name, saved to a folder and loaded from it, once."""
    known: dict[str, Checkpoint] = {}

    def load(family: str) -> Checkpoint:
        if family not in known:
            folder = save_model(tmp_path_factory.mktemp("models") / family, family)
            known[family] = checkpoints.load(str(folder))
        return known[family]

    return load

"""What a machine that only draws has, and what it says when it is asked for more."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path

from packaging.requirements import Requirement

from tests.command import ROOT, run
from tests.traced_loops.jobs.torchless import torchless

MODELS = {"torch", "transformers", "tokenizers", "huggingface-hub", "safetensors", "gguf"}


def names(requirements: Iterable[str]) -> set[str]:
    return {Requirement(each).name for each in requirements}


def pinned(name: str) -> set[str]:
    return set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements" / name).read_text(), re.MULTILINE))


def test_a_worker_is_installed_without_what_runs_models() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = names(project["dependencies"]) | names(project["optional-dependencies"]["worker"])
    assert names(project["optional-dependencies"]["model"]) == MODELS
    assert not asked & MODELS
    assert asked <= pinned("worker.txt")
    assert not pinned("worker.txt") & MODELS
    assert pinned("render.txt") >= MODELS


def test_a_command_that_runs_a_model_says_what_to_install(tmp_path: Path) -> None:
    done = run(
        "figures", "--prompt", "One", "--output", tmp_path / "out", PYTHONPATH=str(torchless(tmp_path))
    )
    assert done.returncode == 2
    assert done.stderr == (
        'error: running a model needs torch, transformers, tokenizers: pip install "traced-loops[model]"\n'
    )
    assert not (tmp_path / "out").exists()

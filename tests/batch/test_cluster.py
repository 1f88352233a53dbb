"""A cluster on this machine: a scheduler, workers that come and go, and a store that speaks S3."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import s3fs
from distributed import LocalCluster
from moto.server import ThreadedMotoServer

from tests.test_render import DRAFT, ROOT, run

Start = Callable[..., subprocess.Popen[bytes]]

# What a worker without torch finds when it looks for it
ABSENT = """
import sys
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"torch", "transformers"}:
            raise ModuleNotFoundError(f"{name} is not on this machine")
sys.meta_path.insert(0, Absent())
"""


@pytest.fixture(scope="module")
def scheduler() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as cluster:
        yield cluster


@pytest.fixture
def start(scheduler: LocalCluster, tmp_path: Path) -> Iterator[Start]:
    started = []

    def worker(name: str, *options: str, threads: int = 1, torch: bool = True) -> subprocess.Popen[bytes]:
        place = tmp_path / name
        place.mkdir()
        if not torch:
            (place / "sitecustomize.py").write_text(ABSENT)
        command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler.scheduler_address]
        command += ["--name", name, "--nthreads", str(threads), "--no-nanny", "--no-dashboard", *options]
        environment = {**os.environ, "PYTHONPATH": f"{place}{os.pathsep}{ROOT}"}
        with (place / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=place, env=environment, stdout=log, stderr=log)
        started.append(process)
        return process

    yield worker
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[s3fs.S3FileSystem]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "anyone")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "anything")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    files = s3fs.S3FileSystem(endpoint_url=f"http://{host}:{port}", skip_instance_cache=True)
    files.mkdir("loops")
    yield files
    server.stop()


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 240
    while not true():
        assert time.monotonic() < end
        time.sleep(0.2)


def test_every_row_arrives_once_though_a_worker_dies_and_one_comes(
    scheduler: LocalCluster, start: Start, store: s3fs.S3FileSystem, tmp_path: Path
) -> None:
    table = tmp_path / "a.csv"
    table.write_text(
        "prompt,slug,loops,max_new_tokens\n" + "".join(f"One two,r{n},1 f01,2\n" for n in range(4))
    )
    start("models", "--resources", "model=1")
    dies = start("dies", torch=False)
    until(lambda: len(scheduler.scheduler.workers) == 2)
    command = [sys.executable, "render.py", "batch", str(table), "--cluster", scheduler.scheduler_address]
    command += ["--output", "s3://loops/out", "--cache", "s3://loops/cache", *DRAFT]
    with (tmp_path / "said").open("w") as said:
        going = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)

    def busy() -> bool:
        """The worker without torch has drawn something, and is at the next."""
        assert going.poll() is None, (tmp_path / "said").read_text()
        heard = [each for events in scheduler.scheduler.get_events().values() for _, each in events]
        drew = any(
            each.get("who") == "dies" and not each["words"] for each in heard if isinstance(each, dict)
        )
        state = next(each for each in scheduler.scheduler.workers.values() if each.name == "dies")
        return drew and any("deliver" in task.key for task in state.processing)

    until(busy)
    dies.kill()
    start("comes", torch=False)
    assert going.wait(300) == 0, (tmp_path / "said").read_text()
    rows = json.loads(store.cat("loops/out/manifest.json"))["rows"]
    assert [(row["slug"], row["status"]) for row in rows] == [(f"r{n}", "done") for n in range(4)]
    for row in rows:
        held = store.ls(f"loops/out/{row['slug']}", detail=False)
        assert sum(name.endswith(".webm") for name in held) == 1
    assert store.ls("loops/cache")


def test_an_unfit_worker_is_refused_by_name(scheduler: LocalCluster, start: Start, tmp_path: Path) -> None:
    until(lambda: not scheduler.scheduler.workers)
    (tmp_path / "a.csv").write_text("prompt,loops\nOne two,f01\n")
    start("wide", threads=2)
    until(lambda: len(scheduler.scheduler.workers) == 1)
    address = scheduler.scheduler_address
    done = run("batch", tmp_path / "a.csv", "--cluster", address, "--output", tmp_path / "out")
    assert done.returncode == 2, done.stderr
    assert next(iter(scheduler.scheduler.workers)) in done.stderr
    assert "--nthreads 1" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_worker_with_another_version_is_told_by_package() -> None:
    from batch.versions import differences, versions

    here = versions(True)
    assert differences(here, versions(False)) == []
    assert differences(here, {**here, "manim": "0.1"}) == [f"manim is 0.1, here {here['manim']}"]

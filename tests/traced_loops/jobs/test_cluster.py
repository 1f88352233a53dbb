"""A cluster on this machine: a scheduler, workers that come and go, and a store that speaks S3."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import dask
import pytest
import s3fs
from distributed import Client, LocalCluster
from distributed.security import Security
from moto.server import ThreadedMotoServer

from tests.command import DRAFT, ROOT, copied, end, run
from tests.command import start as begin
from tests.traced_loops.jobs.torchless import torchless
from traced_loops.jobs.dask_cluster import Admission, workers
from traced_loops.jobs.executors import ClusterError

Start = Callable[..., subprocess.Popen[bytes]]


@pytest.fixture(scope="module")
def scheduler() -> Iterator[LocalCluster]:
    with LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0") as cluster:
        yield cluster


@pytest.fixture
def start(scheduler: LocalCluster, tmp_path: Path) -> Iterator[Start]:
    started = []

    def worker(
        name: str, *options: str, threads: int = 1, torch: bool = True, code: Path = ROOT
    ) -> subprocess.Popen[bytes]:
        place = tmp_path / name
        place.mkdir()
        if not torch:
            torchless(place)
        command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler.scheduler_address]
        command += ["--name", name, "--nthreads", str(threads), "--no-nanny", "--no-dashboard", *options]
        environment = {**os.environ, "PYTHONPATH": f"{place}{os.pathsep}{code}"}
        with (place / "log").open("wb") as log:
            process = subprocess.Popen(command, cwd=place, env=environment, stdout=log, stderr=log)
        started.append(process)
        return process

    yield worker
    for process in started:
        process.kill()
        process.wait()
    until(lambda: not scheduler.scheduler.workers)


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


def test_every_row_arrives_once_though_workers_die_come_and_are_refused(
    scheduler: LocalCluster, start: Start, store: s3fs.S3FileSystem, tmp_path: Path
) -> None:
    themes = ("light", "dark", "transparent")
    table, told = tmp_path / "a.csv", tmp_path / "told"
    rows = "".join(f"One two,r{row},1 f01,2,{theme}\n" for row, theme in enumerate(themes))
    table.write_text("prompt,slug,loops,max_new_tokens,theme\n" + rows)
    models = start("models", "--resources", "model=1")
    dies = start("dies", torch=False)
    until(lambda: len(scheduler.scheduler.workers) == 2)
    command = [sys.executable, "render.py", "batch", str(table), "--cluster", scheduler.scheduler_address]
    command += ["--output", "s3://loops/out", "--cache", "s3://loops/cache", *DRAFT]
    with told.open("w") as said:
        going = subprocess.Popen(command, cwd=ROOT, stdout=said, stderr=said)

    def soon(true: Callable[[], bool]) -> None:
        until(lambda: going.poll() is not None or true())
        assert going.poll() is None, told.read_text()

    def draws(name: str) -> bool:
        states = scheduler.scheduler.workers.values()
        return any("deliver" in task.key for each in states if each.name == name for task in each.processing)

    def drew(name: str) -> bool:
        heard = [each for events in scheduler.scheduler.get_events().values() for _, each in events]
        reports = [each["report"] for each in heard if isinstance(each, dict) and each.get("name") == name]
        return any(state == "frames" and done == total for _, done, total, state, _ in reports)

    # while the one with the model stands still, what it is to draw stays undone
    soon(lambda: draws("models"))
    models.send_signal(signal.SIGSTOP)
    soon(lambda: drew("dies") and draws("dies"))
    dies.kill()
    start("wide", threads=2)
    soon(lambda: "worker wide refused: it has 2 threads" in told.read_text())
    start("comes", torch=False)
    soon(lambda: drew("comes"))
    models.send_signal(signal.SIGCONT)

    assert going.wait(300) == 0, told.read_text()
    listed = json.loads(store.cat("loops/out/manifest.json"))["rows"]
    assert [(row["slug"], row["status"]) for row in listed] == [(f"r{n}", "done") for n in range(3)]
    for row in listed:
        held = store.ls(f"loops/out/{row['slug']}", detail=False)
        assert sum(name.endswith(".webm") for name in held) == 1
    assert store.ls("loops/cache")
    assert not drew("wide")


def test_unfit_workers_are_refused_by_name(scheduler: LocalCluster, start: Start, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("prompt,loops\nOne two,f01\n")
    others = copied(tmp_path / "others")
    with (others / "traced_loops" / "jobs" / "layout.py").open("a") as module:
        module.write("# an order that somebody tried\n")
    start("wide", threads=2)
    start("old", code=others)
    until(lambda: len(scheduler.scheduler.workers) == 2)
    address = scheduler.scheduler_address
    done = run("batch", tmp_path / "a.csv", "--cluster", address, "--output", tmp_path / "out")
    assert done.returncode == 2, done.stderr
    assert "worker wide: it has 2 threads" in done.stderr
    assert "worker old: traced-loops’ code is" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_silent_worker_is_named(scheduler: LocalCluster, start: Start) -> None:
    silent = start("silent")
    until(lambda: len(scheduler.scheduler.workers) == 1)
    silent.send_signal(signal.SIGSTOP)
    with (
        pytest.raises(ClusterError, match="worker silent: does not answer within 1 s"),
        workers(scheduler.scheduler_address, print, patience=1),
    ):
        pass


def test_each_run_has_its_own_admission_and_leaves_none(scheduler: LocalCluster) -> None:
    address, admissions = scheduler.scheduler_address, scheduler.scheduler.worker_plugins
    others = set(admissions)
    with Client(address, set_as_default=False) as broken:  # ends without a word
        broken.register_plugin(Admission({}, f"traced-loops-{broken.id}"))
    with workers(address, print):
        first = admissions.keys() - others
        with workers(address, print):
            assert len(admissions.keys() - others) == 2
        assert admissions.keys() - others == first
    assert admissions.keys() == others


def test_a_cluster_is_used_where_an_event_loop_runs(scheduler: LocalCluster) -> None:
    """As in a notebook."""

    async def cell() -> int:
        with workers(scheduler.scheduler_address, print) as executors:
            return executors.at_once()

    # in a thread of its own: a browser's test may have left a loop in this one
    with ThreadPoolExecutor(1) as thread:
        assert thread.submit(asyncio.run, cell()).result() == 1


def refusal(address: str) -> str:
    """The one line that refuses an address, in time."""
    begun = time.monotonic()
    with pytest.raises(ClusterError) as refused, workers(address, print):
        pass
    assert time.monotonic() - begun < 12
    (line,) = str(refused.value).splitlines()
    assert line.startswith(f"--cluster {address}")
    return line


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8787", "127.0.0.1", "tcp://127.0.0.1", "tcp://h:99999", "tcp://h:1/status"]
)
def test_an_address_says_protocol_host_and_port(address: str) -> None:
    assert "type tcp://host:port or tls://host:port" in refusal(address)


def test_who_is_no_scheduler_is_not_waited_for(scheduler: LocalCluster) -> None:
    said = refusal(f"tcp://127.0.0.1:{scheduler.scheduler.http_server.port}")
    assert "no scheduler answers" in said and "dashboard" in said


def test_tls_is_turned_on_by_dasks_own_configuration(tmp_path: Path) -> None:
    assert "TLS needs certificates" in refusal("tls://127.0.0.1:8786")
    made = Security.temporary()
    names = {"ca_file": made.tls_ca_file, "cert": made.tls_client_cert, "key": made.tls_client_key}
    for name, text in names.items():
        (tmp_path / name).write_text(text)
    tls = {"distributed.comm.tls.ca-file": str(tmp_path / "ca_file")}
    for role in ("client", "scheduler", "worker"):
        tls |= {f"distributed.comm.tls.{role}.{name}": str(tmp_path / name) for name in ("cert", "key")}
    with (
        dask.config.set(tls),
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=False,
            protocol="tls",
            host="127.0.0.1",
            dashboard_address="127.0.0.1:0",
            resources={"model": 1},
            security=Security(),
        ) as cluster,
    ):
        address = cluster.scheduler_address
        assert address.startswith("tls://")
        with workers(address, print) as executors:
            assert executors.drawers.submit(len, "four").result(60) == 4
        assert "is a worker: give the scheduler's address" in refusal(cluster.workers[0].address)
        assert "or try tls://" in refusal(address.replace("tls", "tcp"))
    with dask.config.set({**tls, "distributed.comm.tls.ca-file": str(tmp_path / "none")}):
        assert "the certificates" in refusal(address)


@pytest.fixture
def mortal(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A scheduler's process and address."""
    told = tmp_path / "address"
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--no-dashboard", "--scheduler-file", told],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=log,
            stderr=log,
        )
    until(told.exists)
    yield process, json.loads(told.read_text())["address"]
    process.kill()
    process.wait()


def test_a_scheduler_that_goes_away_is_one_line(
    mortal: tuple[subprocess.Popen[bytes], str], tmp_path: Path
) -> None:
    process, address = mortal
    (tmp_path / "a.csv").write_text("prompt,loops\nOne two,f01\n")
    going = begin("batch", tmp_path / "a.csv", "--cluster", address, "--output", tmp_path / "out")
    asked: Callable[..., bool] = lambda dask_scheduler: bool(dask_scheduler.tasks)  # noqa: E731
    with Client(address, set_as_default=False) as client:
        until(lambda: going.poll() is not None or client.run_on_scheduler(asked))
    process.kill()
    said = end(going)
    assert going.returncode == 1
    assert said == (
        f"error: --cluster {address}: the scheduler went away; what was finished is kept: run the "
        "same command to continue\n"
    )


def test_a_worker_with_another_version_is_told_by_package() -> None:
    from traced_loops.jobs.versions import differences, versions

    here = versions(True)
    assert differences(here, versions(False)) == []
    assert differences(here, {**here, "manim": "0.1"}) == [f"manim is 0.1, here {here['manim']}"]

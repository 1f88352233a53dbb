"""Files in output folders: ours are those we wrote and listed; everybody else's stay as they are."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.command import run
from tests.folders import as_0_1, fill, held, list_anew, listed, picture, sha256
from tests.loops import entry
from traced_loops.article.hosts import HOSTS, write_for
from traced_loops.article.page import write_page
from traced_loops.jobs import manifest as batches
from traced_loops.rendering import outputs
from traced_loops.storage import addresses
from traced_loops.storage.addresses import OutputError

LOOP, FIGURE = entry("04").stem, entry("f01").stem
PAGE = ("index.html", "loops.css", "loops.js")


def assert_lists_all(folder: Path) -> None:
    """The manifest lists each file in the folder with its digest, and nothing else."""
    files = {name: sha256(content) for name, content in held(folder).items() if name != "manifest.json"}
    assert listed(folder)["files"] == files
    assert listed(folder)["pending"] == {}


def test_the_manifest_lists_every_file_of_ours_with_its_digest(tmp_path: Path) -> None:
    fill(tmp_path, page=True)
    (tmp_path / f"{LOOP}.webp").write_bytes(b"moves")  # by --also webp
    files = {**picture("04"), f"{LOOP}.webp": b"moves"}
    said = json.loads(files[f"{LOOP}.json"])
    said["media"][f"{LOOP}.webp"] = sha256(b"moves")
    files[f"{LOOP}.json"] = json.dumps(said).encode()
    outputs.put(entry("04"), files, tmp_path)
    outputs.write_manifest([entry("04")], tmp_path)
    for host in HOSTS:
        if host == "markdown":
            continue  # it needs all loops as WebP
        write_for(host, tmp_path)
    assert set(PAGE) < listed(tmp_path)["files"].keys()
    assert any(name.startswith("hugo/static/") for name in listed(tmp_path)["files"])
    assert_lists_all(tmp_path)
    assert listed(tmp_path)["schema_version"] == 2


@pytest.mark.parametrize(
    "name", [f"{LOOP}.webm", f"{LOOP}.png", f"{LOOP}.vtt", f"{LOOP}.json", f"{FIGURE}.svg", "manifest.json"]
)
def test_a_users_file_under_our_name_is_kept_unless_force_says_otherwise(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b'{"mine": "truly"}')
    with pytest.raises(OutputError, match="--force") as refused:
        fill(tmp_path)
    assert str(tmp_path / name) in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (tmp_path / name).read_bytes() == b'{"mine": "truly"}'
    fill(tmp_path, force=True)
    assert (tmp_path / name).read_bytes() != b'{"mine": "truly"}'
    assert_lists_all(tmp_path)


@pytest.mark.parametrize("name", [f"{LOOP}.webm", f"{LOOP}.json", f"{LOOP}.vtt", "manifest.json", *PAGE])
def test_a_file_of_ours_that_was_edited_since_is_kept(name: str, tmp_path: Path) -> None:
    fill(tmp_path, page=True)
    edited = (tmp_path / name).read_bytes().replace(b"An idea", b"My idea")
    edited += b"" if name.endswith(".json") else b"and more"
    (tmp_path / name).write_bytes(edited)
    with pytest.raises(OutputError, match=f"{name} .*--force"):
        fill(tmp_path, "two", page=True)
    assert (tmp_path / name).read_bytes() == edited
    fill(tmp_path, "two", page=True, force=True)
    assert (tmp_path / name).read_bytes() != edited
    assert_lists_all(tmp_path)


@pytest.mark.parametrize("name", PAGE)
@pytest.mark.parametrize("write", [write_page, lambda folder, **force: write_for("html", folder, **force)])
def test_a_page_replaces_nobodys_file(name: str, write: Callable[..., Path], tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / name).write_text("mine")
    before = held(tmp_path)
    with pytest.raises(OutputError, match=f"{name} .*--force"):
        write(tmp_path)
    assert held(tmp_path) == before
    write(tmp_path, force=True)
    assert (tmp_path / name).read_text() != "mine"
    write(tmp_path)
    assert_lists_all(tmp_path)


@pytest.mark.parametrize("host", ["hugo", "mkdocs", "notebook", "snippet"])
def test_a_hosts_folder_replaces_nobodys_file_and_its_own(host: str, tmp_path: Path) -> None:
    fill(tmp_path)
    write_for(host, tmp_path)
    (name, *_) = sorted(
        name for name in held(tmp_path) if name.endswith(("figures.json", "/en.json", "/04.html"))
    )
    write_for(host, tmp_path, "de")
    write_for(host, tmp_path)
    assert_lists_all(tmp_path)
    (tmp_path / name).write_text("mine")
    with pytest.raises(OutputError, match=f"{name} .*--force"):
        write_for(host, tmp_path)
    assert (tmp_path / name).read_text() == "mine"
    write_for(host, tmp_path, force=True)
    assert_lists_all(tmp_path)


def test_what_was_made_of_an_earlier_loop_goes_if_it_is_ours(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / f"{LOOP}.gif").write_bytes(b"the user's own")
    files = picture("04") | {f"{LOOP}.mp4": b"ours"}
    said = json.loads(files[f"{LOOP}.json"])
    said["media"][f"{LOOP}.mp4"] = sha256(b"ours")
    outputs.put(entry("04"), {**files, f"{LOOP}.json": json.dumps(said).encode()}, tmp_path)
    fill(tmp_path, "two")
    assert not (tmp_path / f"{LOOP}.mp4").exists()
    assert (tmp_path / f"{LOOP}.gif").read_bytes() == b"the user's own"


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda place: place.symlink_to("/etc/passwd")])
def test_what_is_no_plain_file_is_neither_read_nor_replaced(
    make: Callable[[Path], None], tmp_path: Path
) -> None:
    make(tmp_path / f"{LOOP}.json")
    with pytest.raises(OutputError, match=f"{LOOP}.json"):
        outputs.check([entry("04")], tmp_path, ())
    with pytest.raises(OutputError, match=f"{LOOP}.json"):
        outputs.put(entry("04"), picture("04"), tmp_path)
    assert [file.name for file in tmp_path.iterdir()] == [f"{LOOP}.json"]


@pytest.mark.parametrize("stopped_after", range(9))
def test_a_stopped_run_goes_on_whatever_it_had_moved(
    stopped_after: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each file that lies there when it stops is known as ours, its old version or its new one."""
    fill(tmp_path, page=True)
    moves = 0
    move = Path.replace

    def stopping(file: Path, target: Path) -> Path:
        nonlocal moves
        if moves == stopped_after:
            raise KeyboardInterrupt
        moves += 1
        return move(file, target)

    monkeypatch.setattr(Path, "replace", stopping)
    with pytest.raises(KeyboardInterrupt):
        fill(tmp_path, "two", page=True)
    monkeypatch.undo()
    fill(tmp_path, "three", page=True)
    assert_lists_all(tmp_path)
    whole = held(fill(tmp_path.with_name("whole"), "three", page=True))
    assert held(tmp_path) == whole
    shutil.rmtree(tmp_path.with_name("whole"))


def test_a_run_that_changes_nothing_writes_nothing(tmp_path: Path) -> None:
    fill(tmp_path, page=True)
    before = {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()}
    fill(tmp_path, page=True)
    assert {file: file.stat().st_mtime_ns for file in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    "name", [".partial-notes", ".partial-12", ".partial-999999999-1-draft", ".partial-x-1"]
)
def test_a_folder_named_like_our_unfinished_ones_is_passed_over(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "mine.txt").write_text("mine")
    ours = tmp_path / ".partial-999999999-1"
    ours.mkdir()
    fill(tmp_path, page=True, force=True)
    assert (tmp_path / name / "mine.txt").read_text() == "mine"
    assert not ours.exists()
    assert f"{name}/mine.txt" in addresses.listing(tmp_path)


def test_a_folder_of_version_0_1_is_adopted_once(tmp_path: Path) -> None:
    fill(tmp_path, page=True)
    for host in ("hugo", "mkdocs", "notebook"):
        write_for(host, tmp_path)
    as_0_1(tmp_path)
    (tmp_path / "hugo" / "config.toml").write_text("mine")
    write_page(tmp_path, "de")
    assert listed(tmp_path)["schema_version"] == 2
    assert "hugo/config.toml" not in listed(tmp_path)["files"]
    (tmp_path / "hugo" / "config.toml").unlink()
    assert_lists_all(tmp_path)
    fill(tmp_path, "two", page=True)
    for host in ("hugo", "mkdocs", "notebook"):
        write_for(host, tmp_path)
    assert_lists_all(tmp_path)


def test_in_a_folder_of_version_0_1_a_users_files_are_not_adopted(tmp_path: Path) -> None:
    """Those that it never wrote: there was no page, and the video is another than the manifest lists."""
    as_0_1(fill(tmp_path))
    (tmp_path / "index.html").write_text("<p>mine</p>")
    with pytest.raises(OutputError, match=r"index\.html"):
        write_page(tmp_path)
    (tmp_path / f"{LOOP}.webm").write_bytes(b"mine")
    with pytest.raises(OutputError, match=f"{LOOP}.webm"):
        fill(tmp_path, "two")
    assert (tmp_path / f"{LOOP}.webm").read_bytes() == b"mine"


def test_a_run_of_version_0_1_that_was_interrupted_goes_on(tmp_path: Path) -> None:
    fill(tmp_path, page=True)
    (tmp_path / "manifest.json").unlink()  # it went as soon as something changed
    fill(tmp_path, "two", page=True)
    assert_lists_all(tmp_path)


def test_a_manifest_that_was_changed_gives_nothing_away(tmp_path: Path) -> None:
    fill(tmp_path)
    (tmp_path / "index.html").write_text("mine")
    manifest = listed(tmp_path)
    manifest["files"]["index.html"] = sha256(b"mine")
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(OutputError, match=r"manifest\.json .*--force"):
        write_page(tmp_path)
    assert (tmp_path / "index.html").read_text() == "mine"


@pytest.mark.parametrize("name", ["manifest.json", "index.html", "loops.css"])
def test_a_batchs_folder_follows_the_same_rule(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text('{"mine": 1}')
    with pytest.raises(OutputError, match=name):
        batches.read(tmp_path)
        batches.check(tmp_path)
    record = batches.Record(1, "a", "done", "en", "light", ("04",), prompt="x", pages=("a/index.html",))
    if name == "manifest.json":
        with pytest.raises(OutputError, match=r"manifest\.json .*--force"):
            batches.write(tmp_path, [record])
    else:
        batches.write(tmp_path, [record])
        with pytest.raises(OutputError, match=f"{name} .*--force"):
            batches.write_overview(tmp_path, [record])
    assert (tmp_path / name).read_text() == '{"mine": 1}'
    assert batches.read(tmp_path, force=True) in ({}, {"a": record})
    batches.write(tmp_path, [record], force=True)
    batches.write_overview(tmp_path, [record], force=True)
    assert 'href="a/index.html"' in (tmp_path / "index.html").read_text()
    batches.check(tmp_path)
    assert batches.read(tmp_path) == {"a": record}
    assert_lists_all(tmp_path)


def test_a_batchs_folder_of_version_0_1_is_adopted(tmp_path: Path) -> None:
    record = batches.Record(1, "a", "done", "en", "light", ("04",), prompt="x", pages=("a/index.html",))
    batches.write(tmp_path, [record])
    batches.write_overview(tmp_path, [record])
    (tmp_path / "loops.svg").unlink()  # which 0.1 did not write
    rows = listed(tmp_path)["rows"]
    (tmp_path / "manifest.json").write_text(json.dumps({"schema_version": 1, "rows": rows}))
    assert batches.read(tmp_path) == {"a": record}
    batches.check(tmp_path)
    batches.write(tmp_path, [])
    batches.write_overview(tmp_path, [record])
    assert_lists_all(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("all", "--prompt", "a"), "index.html"),
        (("videos", "4", "--prompt", "a"), f"{LOOP}.webm"),
        (("videos", "4", "--prompt", "a", "--also", "gif"), f"{LOOP}.gif"),
        (("videos", "4", "--prompt", "a", "--theme", "light", "dark"), f"dark/{LOOP}.png"),
        (("all", "--prompt", "a", "--language", "en", "de"), "de/loops.js"),
        (("figures", "--prompt", "a"), f"{FIGURE}.svg"),
        (("figures", "--prompt", "a"), "manifest.json"),
        (("batch", "{table}"), "manifest.json"),
        (("batch", "{table}"), "index.html"),
    ],
)
def test_a_command_finds_it_before_anything_is_recorded(
    arguments: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    table, out = tmp_path / "rows.csv", tmp_path / "out"
    table.write_text("prompt\na\n")
    (out / name).parent.mkdir(parents=True)
    (out / name).write_text("mine")
    done = run(
        *(argument.format(table=table) for argument in arguments),
        "--output",
        out,
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1, done.stderr
    assert str(out / name) in done.stderr
    assert held(out) == {name: b"mine"}
    assert not list((tmp_path / "cache").rglob("*.trace"))


def test_a_link_to_elsewhere_among_our_folders_is_refused(tmp_path: Path) -> None:
    out, elsewhere = tmp_path / "out", tmp_path / "elsewhere"
    elsewhere.mkdir()
    fill(out)
    (out / "hugo").symlink_to(elsewhere)
    with pytest.raises(OutputError, match="hugo"):
        write_for("hugo", out, force=True)
    (out / "dark").symlink_to(elsewhere)
    done = run("videos", "4", "--prompt", "a", "--theme", "light", "dark", "--output", out)
    assert (done.returncode, "dark leads out of" in done.stderr) == (2, True), done.stderr
    assert not list(elsewhere.iterdir())


def test_the_manifest_of_a_page_that_leaves_out_a_loop_may_be_made_by_hand(tmp_path: Path) -> None:
    fill(tmp_path)
    manifest = listed(tmp_path)
    list_anew(tmp_path, manifest | {"loops": manifest["loops"][1:]})
    assert "loop-02" not in write_page(tmp_path).read_text()


def test_an_address_follows_the_same_rule() -> None:
    """A run may end there between any two files, and several may write at once: it goes on all the same."""
    folder = addresses.RemotePath("memory://nobodys-files/out")
    user = folder / "index.html"
    user.write_bytes(b"mine")
    fill(folder)
    with pytest.raises(OutputError, match=r"index\.html .*--force"):
        fill(folder, page=True)
    assert user.read_bytes() == b"mine"
    fill(folder, "two", page=True, force=True)
    assert set(json.loads((folder / "manifest.json").read_text())["files"]) == set(folder.files()) - {
        "manifest.json"
    }
    (folder / f"{LOOP}.webm").unlink()  # as a run leaves it that is stopped
    outputs.put(entry("02"), picture("02", "three"), folder)
    fill(folder, "four", page=True)
    (folder / f"{LOOP}.webm").write_bytes(b"mine")
    with pytest.raises(OutputError, match=LOOP):
        fill(folder, "five")
    assert (folder / f"{LOOP}.webm").read_bytes() == b"mine"

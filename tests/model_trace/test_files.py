"""The one bounded cache: nobody's files but ours, and nothing but what was written there."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from model_trace import files
from model_trace.atomic import write_file
from model_trace.cache_entries import listed
from model_trace.files import DIGESTS, LOOPS, MARK, RECORDINGS, Cache, CacheError, gigabytes
from model_trace.models.digests import file_sha256, remembered_sha256
from tests.command import ROOT

KILOBYTE = 1000


def key(number: int) -> str:
    return f"{number:064x}"


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's own cache folder, not there yet; and a run that told of no temporary folder."""
    folder = tmp_path / "home" / "traced-loops"
    for module in ("files", "models.digests"):
        monkeypatch.setattr(f"model_trace.{module}.user_folder", lambda: folder)
    (tmp_path / "temporary").mkdir()
    monkeypatch.setenv("TRACED_LOOPS_TEMPORARY", str(tmp_path / "temporary"))
    monkeypatch.setenv("TRACED_LOOPS_TEMPORARY_TOLD", "")  # put back afterwards
    monkeypatch.delenv("TRACED_LOOPS_TEMPORARY_TOLD")
    return folder


def recording(size: int = KILOBYTE) -> Callable[[Path], Path]:
    """What writes a folder of the form of a recording."""

    def write(folder: Path) -> Path:
        folder.mkdir()
        (folder / "trace.json").write_text("{}")
        (folder / "tensors-001.safetensors").write_bytes(bytes(size - 2))
        return folder

    return write


def use_at(place: Path, second: int) -> None:
    os.utime(place, (second, second))


@pytest.mark.parametrize("there", [False, True])
def test_a_new_or_empty_folder_gets_the_standards_mark(there: bool, tmp_path: Path, user: Path) -> None:
    folder = tmp_path / "a" / "cache"
    if there:
        folder.mkdir(parents=True)
    Cache.open(folder)
    first, second = (folder / "CACHEDIR.TAG").read_text().splitlines()[:2]
    assert first == "Signature: 8a477f597d28d172789f06886806bc55"
    assert "traced-loops" in second
    assert not user.exists()


@pytest.mark.parametrize(
    "name",
    [
        "letter.txt",
        ".hidden",
        key(1),
        "CACHEDIR.TAG",
        "loops",
        "recordings/mine.trace/a.json",
        "models/mine.bin",
    ],
)
def test_a_folder_with_other_things_is_refused_and_left_alone(name: str, tmp_path: Path, user: Path) -> None:
    folder = tmp_path / "mine"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_text("Signature: 8a477f597d28d172789f06886806bc55\n# of another program\n")
    before = sorted(folder.rglob("*"))
    for use in (Cache.open, lambda folder: Cache(folder).clear(), lambda folder: Cache(folder).sizes()):
        with pytest.raises(CacheError, match="holds other things"):
            use(folder)
    Cache(folder).write(LOOPS, key(2), b"loop")
    assert sorted(folder.rglob("*")) == before


def test_what_others_put_into_a_cache_is_neither_counted_nor_removed(tmp_path: Path, user: Path) -> None:
    cache = Cache.open(tmp_path / "cache", 3 * KILOBYTE)
    cache.write(LOOPS, key(1), bytes(900))
    cache.put(RECORDINGS, f"{key(1)}.trace", KILOBYTE, recording())
    outside = tmp_path / "outside"
    recording()(outside)
    foreign = [
        cache.folder / "holiday.mov",
        cache.folder / "loops" / "notes.txt",
        cache.folder / "loops" / key(2),  # named like ours
        cache.folder / "loops" / f".{key(2)}.old.partial",
        cache.folder / "recordings" / f"{key(1)}.trace" / "notes.txt",
        cache.folder / "recordings" / "mine.trace",
    ]
    for file in foreign:
        file.write_bytes(bytes(50 * KILOBYTE))
        use_at(file, 1)
    (cache.folder / "loops" / key(3)).symlink_to(outside / "trace.json")
    (cache.folder / "recordings" / f"{key(3)}.trace").symlink_to(outside)
    cache.write(LOOPS, key(4), bytes(400))
    assert cache.read(LOOPS, key(1)) and cache.read(LOOPS, key(4))  # there was room, without the others'
    cache.write(LOOPS, key(5), bytes(2500))
    assert [cache.read(LOOPS, key(number)) is not None for number in (1, 4, 5)] == [False, False, True]
    assert cache.clear() > 2500
    assert sum(cache.sizes().values()) == 0
    assert all(file.stat().st_size == 50 * KILOBYTE for file in foreign)
    assert sorted(file.name for file in outside.iterdir()) == ["tensors-001.safetensors", "trace.json"]
    assert (cache.folder / "CACHEDIR.TAG").is_file()


def test_a_linked_folder_inside_is_not_followed(tmp_path: Path, user: Path) -> None:
    elsewhere = Cache.open(tmp_path / "elsewhere")
    elsewhere.write(LOOPS, key(1), bytes(900))
    cache = Cache.open(tmp_path / "cache", KILOBYTE)
    (cache.folder / "loops").symlink_to(elsewhere.folder / "loops")
    cache.write(LOOPS, key(2), bytes(900))
    cache.clear()
    assert [file.name for file in (elsewhere.folder / "loops").iterdir()] == [key(1)]


def test_what_was_used_longest_ago_goes_first_whichever_kind_it_is(tmp_path: Path, user: Path) -> None:
    cache = Cache.open(tmp_path / "cache", int(4.5 * KILOBYTE))
    kept = {}
    for second, name in enumerate(("loop 1", "recording 1", "loop 2", "recording 2")):
        kind, number = name.split()
        if kind == "loop":
            cache.write(LOOPS, key(int(number)), bytes(900))
            kept[name] = tmp_path / "cache" / "loops" / key(int(number))
        else:
            kept[name] = cache.put(RECORDINGS, f"{key(int(number))}.trace", KILOBYTE, recording())
        use_at(kept[name], second)
    assert cache.read(LOOPS, key(1))  # used just now
    cache.put(RECORDINGS, f"{key(3)}.trace", KILOBYTE, recording())
    assert {name for name, place in kept.items() if place.exists()} == {"loop 1", "loop 2", "recording 2"}
    cache.write(LOOPS, key(3), bytes(900))
    assert {name for name, place in kept.items() if place.exists()} == {"loop 1", "recording 2"}
    assert sum(cache.sizes().values()) <= cache.size


def test_what_a_killed_run_left_goes_when_it_is_old(tmp_path: Path, user: Path) -> None:
    cache = Cache.open(tmp_path / "cache")
    cache.write(LOOPS, key(1), b"loop")
    cache.put(RECORDINGS, f"{key(1)}.trace", KILOBYTE, recording())
    old = [
        tmp_path / "cache" / "loops" / f".{key(2)}.0a1b2c3d.partial",
        recording()(tmp_path / "cache" / "recordings" / f".{key(2)}.trace.a_b1c2d3.partial"),
    ]
    old[0].write_bytes(b"half")
    for place in old:
        use_at(place, 1)
    young = tmp_path / "cache" / "loops" / f".{key(3)}.0a1b2c3d.partial"
    young.write_bytes(b"half")
    cache.shrink()
    assert young.exists() and not any(place.exists() for place in old)
    assert cache.read(LOOPS, key(1)) == b"loop"


@pytest.mark.parametrize("place", [0, 30, 60, -1])
def test_a_flipped_byte_and_anothers_content_are_not_taken(place: int, tmp_path: Path, user: Path) -> None:
    cache = Cache.open(tmp_path / "cache")
    for kind in (LOOPS, DIGESTS):
        cache.write(kind, key(1), b"content")
        file = tmp_path / "cache" / kind.folder / key(1)
        shutil.copy(file, file.with_name(key(2)))
        assert cache.read(kind, key(2)) is None
        spoilt = bytearray(file.read_bytes())
        spoilt[place] ^= 1
        file.write_bytes(spoilt)
        assert cache.read(kind, key(1)) is None
        cache.write(kind, key(1), b"content")
        assert cache.read(kind, key(1)) == b"content"


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


@pytest.mark.parametrize("spoil", [lambda note: b"", lambda note: b"0" * 64, flipped])
def test_a_remembered_digest_that_was_altered_is_taken_anew(
    spoil: Callable[[bytes], bytes], user: Path
) -> None:
    settled = ROOT / "LICENSE"  # what changed just now is not remembered yet
    assert remembered_sha256(settled) == file_sha256(settled)
    (note,) = (user / "digests").iterdir()
    whole = note.read_bytes()
    note.write_bytes(spoil(whole))
    assert remembered_sha256(settled) == file_sha256(settled)
    assert note.read_bytes() == whole


def test_where_nothing_can_be_written_a_temporary_folder_serves_and_one_line_says_so(
    tmp_path: Path, user: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    for _ in range(2):
        cache = Cache.open(tmp_path / "file" / "cache")
        kept = cache.put(RECORDINGS, f"{key(1)}.trace", KILOBYTE, recording())
        assert cache.find(RECORDINGS, f"{key(1)}.trace") == [kept]
        shutil.rmtree(kept)
    cache.write(LOOPS, key(1), b"loop")
    assert cache.read(LOOPS, key(1)) is None
    (line,) = caplog.messages
    assert str(tmp_path / "file" / "cache") in line and "Not a directory" in line and "\n" not in line


def test_what_has_no_room_is_kept_for_this_run_alone(
    tmp_path: Path, user: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for size in (0, KILOBYTE // 2):
        cache = Cache.open(tmp_path / "cache", size)
        kept = cache.put(RECORDINGS, f"{key(size)}.trace", KILOBYTE, recording())
        assert cache.find(RECORDINGS, f"{key(size)}.trace") == [kept]
        assert kept.is_relative_to(tmp_path / "temporary")
    assert not caplog.messages


def test_the_cache_of_version_0_1_is_adopted_by_place_and_names(tmp_path: Path, user: Path) -> None:
    old = ROOT / "tests" / "from_0_1" / "cache" / "traced-loops"
    shutil.copytree(old, user)
    loop = max((old / "loops").iterdir(), key=lambda file: file.stat().st_size)
    (user / "notes.txt").write_text("mine")
    cache = Cache.open()
    assert cache.is_marked
    assert cache.read(LOOPS, loop.name) == loop.read_bytes()[32:]
    sizes = cache.sizes()
    assert sizes["loops"] > 190_000 and sizes["recordings"] > 80_000
    small = Cache.open(user, 250_000)
    small.shrink()
    assert 0 < sum(small.sizes().values()) <= 250_000
    small.clear()
    assert {file.name for file in user.iterdir()} == {"CACHEDIR.TAG", "notes.txt"}


@pytest.mark.parametrize("flat", [False, True])
def test_another_folder_of_version_0_1_is_adopted_by_its_form(flat: bool, tmp_path: Path, user: Path) -> None:
    old = ROOT / "tests" / "from_0_1" / "cache" / "traced-loops"
    shutil.copytree(old / "loops" if flat else old, tmp_path / "cache")
    cache = Cache.open(tmp_path / "cache")
    assert cache.sizes()["loops"] > 190_000
    assert sorted(file.name for file in (tmp_path / "cache" / "loops").iterdir()) == sorted(
        file.name for file in (old / "loops").iterdir()
    )


def test_a_damaged_mark_is_made_anew(tmp_path: Path, user: Path) -> None:
    Cache.open(tmp_path / "cache").write(LOOPS, key(1), b"loop")
    (tmp_path / "cache" / "CACHEDIR.TAG").write_bytes(b"")
    assert Cache.open(tmp_path / "cache").is_marked


def test_many_at_once_make_one_new_cache(tmp_path: Path, user: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        for turn in range(100):
            start = threading.Barrier(8)

            def use(name: int, folder: Path = tmp_path / str(turn), start: threading.Barrier = start) -> bool:
                start.wait()
                cache = Cache.open(folder)
                cache.write(LOOPS, key(name), b"loop")
                return cache.writable and cache.read(LOOPS, key(name)) == b"loop"

            assert all(pool.map(use, range(8)))


def test_a_folder_that_another_run_marks_while_it_is_looked_at_is_a_cache(
    tmp_path: Path, user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def marked_first(folder: Path) -> list[tuple[Path, os.stat_result]]:
        (folder / "CACHEDIR.TAG").write_bytes(MARK)
        return listed(folder)

    monkeypatch.setattr(files, "listed", marked_first)
    assert Cache.open(tmp_path).writable


def test_many_at_once_see_whole_content(tmp_path: Path, user: Path) -> None:
    cache = Cache.open(tmp_path / "cache", 3 * KILOBYTE)

    def use(turn: int) -> bool:
        cache.write(LOOPS, key(turn % 5), bytes([turn % 5]) * KILOBYTE)
        return cache.read(LOOPS, key(turn % 5)) in (None, bytes([turn % 5]) * KILOBYTE)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(200)))
    assert not list(tmp_path.rglob("*.partial"))


def test_a_file_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    write_file(tmp_path / "a.txt", b"one")
    write_file(tmp_path / "a.txt", b"two")
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError):
        write_file(tmp_path / "folder", b"three")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "folder"]
    assert (tmp_path / "a.txt").read_bytes() == b"two"


@pytest.mark.parametrize("text", ["inf", "-inf", "nan", "-1", "1e400", "1e9", "", "2 GB", "much"])
def test_a_size_that_is_none_is_refused_with_what_to_type(text: str) -> None:
    with pytest.raises(CacheError, match=r"^--cache-size .*: type a number of GB, .* such as 4 or 0\.5$"):
        gigabytes(text)


def test_sizes_are_gigabytes() -> None:
    assert [gigabytes(text) for text in ("0", "0.5", "4", "1e2")] == [0, 5 * 10**8, 4 * 10**9, 10**11]
    assert gigabytes("4") == files.DEFAULT_BYTES

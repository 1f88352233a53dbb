"""Drawn loops kept, and what a change makes draw again."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from traced_loops.rendering.jobs import Drawn
from traced_loops.storage.cache import Cache

MEGABYTE = 1_000_000


def drawn(fill: int, size: int = MEGABYTE) -> Drawn:
    return Drawn({"webm": bytes([fill]) * size, "png": b"still"}, 3, (8, 4), ({"name": "a"},), {"yes": "ja"})


def test_what_is_kept_comes_back_the_same(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "loops", 10 * MEGABYTE)
    assert cache.get("a") is None
    cache.put("a", drawn(1))
    assert cache.get("a") == drawn(1)
    first = (tmp_path / "loops" / "a").read_bytes()
    cache.put("a", drawn(1))
    assert (tmp_path / "loops" / "a").read_bytes() == first


def test_what_was_altered_or_cut_is_not_taken(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 10 * MEGABYTE)
    for place in (0, 31, 32, 500_000, -1):
        cache.put("a", drawn(1))
        held = bytearray((tmp_path / "a").read_bytes())
        held[place] ^= 1
        (tmp_path / "a").write_bytes(held)
        assert cache.get("a") is None
    for length in (0, 10, 32, 500_000):
        cache.put("a", drawn(1))
        os.truncate(tmp_path / "a", length)
        assert cache.get("a") is None


def test_it_stays_within_its_size_and_forgets_what_was_not_used(tmp_path: Path) -> None:
    cache = Cache(tmp_path, int(3.5 * MEGABYTE))
    for fill, key in enumerate("abc"):
        cache.put(key, drawn(fill))
        os.utime(tmp_path / key, (fill, fill))
    assert cache.get("a") is not None  # used just now
    cache.put("d", drawn(4))
    assert {file.name for file in tmp_path.iterdir()} == {"a", "c", "d"}
    cache.put("large", drawn(5, 4 * MEGABYTE))
    assert cache.get("large") is None and cache.get("a") is not None
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= cache.size


def test_it_may_vanish_or_be_unwritable(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "loops", 10 * MEGABYTE)
    cache.put("a", drawn(1))
    (tmp_path / "loops" / "a").unlink()
    (tmp_path / "loops").rmdir()
    assert cache.get("a") is None
    (tmp_path / "loops").write_text("in the way")
    cache.put("a", drawn(1))
    assert cache.get("a") is None


def test_many_at_once_see_whole_loops(tmp_path: Path) -> None:
    cache = Cache(tmp_path, 2 * MEGABYTE)

    def use(turn: int) -> bool:
        cache.put(f"{turn % 5}", drawn(turn % 5))
        found = cache.get(f"{turn % 5}")
        return found is None or found == drawn(turn % 5)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(use, range(200)))
    assert not list(tmp_path.glob(".*"))

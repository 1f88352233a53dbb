"""Drawn loops kept; what bounds them is in tests/model_trace/test_files.py."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from traced_loops.rendering.cache import Cache
from traced_loops.rendering.jobs import Drawn

MEGABYTE = 1_000_000


def drawn(fill: int, size: int = MEGABYTE) -> Drawn:
    return Drawn(
        {"webm": bytes([fill]) * size, "png": b"still"}, 3, (8, 4), ({"name": "a"},), {"yes": "ja"}, {}
    )


def test_what_is_kept_comes_back_the_same(tmp_path: Path) -> None:
    cache = Cache.at(tmp_path, 10 * MEGABYTE)
    assert cache.get("a") is None
    cache.put("a", drawn(1))
    assert cache.get("a") == drawn(1)
    first = (tmp_path / "loops" / "a").read_bytes()
    cache.put("a", drawn(1))
    assert (tmp_path / "loops" / "a").read_bytes() == first


def test_what_was_altered_or_cut_is_not_taken(tmp_path: Path) -> None:
    cache, file = Cache.at(tmp_path, 10 * MEGABYTE), tmp_path / "loops" / "a"
    for place in (0, 31, 32, 500_000, -1):
        cache.put("a", drawn(1))
        held = bytearray(file.read_bytes())
        held[place] ^= 1
        file.write_bytes(held)
        assert cache.get("a") is None
    for length in (0, 10, 32, 500_000):
        cache.put("a", drawn(1))
        os.truncate(file, length)
        assert cache.get("a") is None


def test_it_stays_within_its_size_and_forgets_what_was_not_used(tmp_path: Path) -> None:
    cache, keys = Cache.at(tmp_path, int(3.5 * MEGABYTE)), {name: 64 * name for name in "abcdef"}
    for fill, name in enumerate("abc"):
        cache.put(keys[name], drawn(fill))
        os.utime(tmp_path / "loops" / keys[name], (fill, fill))
    assert cache.get(keys["a"]) is not None  # used just now
    cache.put(keys["d"], drawn(4))
    assert {file.name[0] for file in (tmp_path / "loops").iterdir()} == {"a", "c", "d"}
    cache.put(keys["e"], drawn(5, 4 * MEGABYTE))
    assert cache.get(keys["e"]) is None and cache.get(keys["a"]) is not None


def test_it_may_vanish_or_be_unwritable(tmp_path: Path) -> None:
    cache = Cache.at(tmp_path / "cache", 10 * MEGABYTE)
    cache.put("a", drawn(1))
    shutil.rmtree(tmp_path / "cache")
    assert cache.get("a") is None
    (tmp_path / "cache").write_text("in the way")
    cache.put("a", drawn(1))
    assert cache.get("a") is None

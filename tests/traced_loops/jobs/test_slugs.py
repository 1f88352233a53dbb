"""Names of rows' folders."""

from __future__ import annotations

import time

from traced_loops.jobs.slugs import Slugs


def test_a_long_prompt_takes_linear_time() -> None:
    """As many whole words as go into 40 letters, and the digest."""
    begun = time.monotonic()
    slug = Slugs().add({"prompt": "to be or not " * 100_000})
    assert slug.rpartition("-")[0] == "to-be-or-not-to-be-or-not-to-be-or-not"
    assert time.monotonic() - begun < 10


def test_a_word_longer_than_a_slug_is_left_to_the_digest() -> None:
    assert len(Slugs().add({"prompt": "x" * 50})) == 10

"""Names of rows' folders: words to know them by, and a digest so that they stay."""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

# What is safe as a folder, in an address, and as an object's name.
SLUG = r"^[a-z0-9][a-z0-9_-]{0,79}$"
_LONGEST = 40


@dataclass
class Slugs:
    """The slugs given so far; ``twice`` are those that rows chose and others have.

    A slug depends on its row alone, not on where it stands. Rows that say the same are told apart by a
    number, and since they say the same, it does not matter which gets which.
    """

    twice: list[str] = field(default_factory=list)
    _taken: Counter[str] = field(default_factory=Counter)

    def add(self, given: Mapping[str, Any]) -> str:
        """The slug of a row with these options: its own, or one made of what it says."""
        slug = given.get("slug") or _made(given)
        self._taken[slug] += 1
        if self._taken[slug] == 1:
            return slug
        if "slug" in given:
            self.twice.append(slug)
        return self.add({"slug": f"{slug}-{self._taken[slug]}"})


def _made(given: Mapping[str, Any]) -> str:
    text = json.dumps(given, sort_keys=True, default=str, ensure_ascii=False)
    digest = hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:10]
    named = str(given.get("prompt") or given.get("description") or given.get("texts") or "")
    letters = unicodedata.normalize("NFKD", named.casefold()).encode("ascii", "ignore").decode()
    words = re.findall("[a-z0-9]+", letters)
    # With a hyphen after each word, so that the last is no part of the length.
    fitting = sum(length - 1 <= _LONGEST for length in accumulate(len(word) + 1 for word in words))
    return "-".join([*words[:fitting], digest])

"""Which modules a file of ours imports: who keeps results by the code that made them has to know."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

# Found by its looks, since Python's parser takes a dozen times as long, in each run; a text that looks like
# an import is taken for one.
_IMPORT = re.compile(r"^[ \t]*(?:from[ ]+([\w.]+)[ ]+import[ ]+(\([^)]*\)|.+)|import[ ]+(.+))", re.MULTILINE)


@cache
def modules(file: Path) -> frozenset[str]:
    """The modules that the file imports, wherever in it.

    Of ``from a import b`` both a and a.b, which may be one.
    """
    found: set[str] = set()
    for origin, names, plain in _IMPORT.findall(file.read_text(encoding="utf-8")):
        if origin:
            found |= {origin, *(f"{origin}.{name}" for name in re.findall(r"\w+", names))}
        found.update(re.findall(r"[\w.]+", plain))
    return frozenset(found)

"""The loops and figures there are: every folder ``sNN_name`` or ``fNN_name`` under ``scenes/``.

Importing this loads neither Manim nor numpy.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path

from scenes.entry import Entry

_FOLDER = re.compile(r"[sf]\d\d_\w+")


def _find() -> tuple[Entry, ...]:
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    entries = [importlib.import_module(f"scenes.{name}").ENTRY for name in names if _FOLDER.fullmatch(name)]
    return tuple(sorted(entries, key=lambda entry: (entry.is_figure, entry.number)))


CATALOGUE: tuple[Entry, ...] = _find()
# What is made when nothing is asked for by number.
DEFAULTS: tuple[Entry, ...] = tuple(entry for entry in CATALOGUE if not entry.extra)
LOOPS: tuple[Entry, ...] = tuple(entry for entry in CATALOGUE if not entry.is_figure)

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
_TYPED = re.compile(r"([fF]?)0*(\d{1,9})", re.ASCII)


def canonical_number(typed: str) -> str:
    """Return a loop's number as the catalogue has it, however it was typed: ``7`` is 07, ``F1`` is f01."""
    digits = _TYPED.fullmatch(typed)
    return f"{digits[1].lower()}{int(digits[2]):02}" if digits else typed


def _find() -> tuple[Entry, ...]:
    names = [module.name for module in pkgutil.iter_modules([str(Path(__file__).parent)])]
    entries = [importlib.import_module(f"scenes.{name}").ENTRY for name in names if _FOLDER.fullmatch(name)]
    return tuple(sorted(entries, key=lambda entry: (entry.is_figure, entry.number)))


CATALOGUE: tuple[Entry, ...] = _find()
# What is made when nothing is asked for by number.
DEFAULTS: tuple[Entry, ...] = tuple(entry for entry in CATALOGUE if not entry.extra)
LOOPS: tuple[Entry, ...] = tuple(entry for entry in CATALOGUE if not entry.is_figure)

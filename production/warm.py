"""Everything that drawing imports: a process that has imported this can be forked into workers."""

import importlib

from production import drawing, figures
from scenes import CATALOGUE

SCENES = [importlib.import_module(entry.module) for entry in CATALOGUE]

__all__ = ["SCENES", "drawing", "figures"]

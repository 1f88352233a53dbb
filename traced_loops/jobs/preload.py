"""Everything that drawing imports: a process that has imported this can be forked into workers."""

import gc
import importlib
import pickle
import sys
from types import TracebackType

from scenes.catalogue import CATALOGUE
from traced_loops.rendering import drawing, figures

SCENES = [importlib.import_module(f"{entry.package}.scene") for entry in CATALOGUE]
# None of this is ever garbage: whoever looks for some need not look at it
gc.freeze()

__all__ = ["SCENES", "drawing", "figures"]


def _unless_stopped(kind: type[BaseException], error: BaseException, where: TracebackType | None) -> None:
    """A worker whose run was stopped while this loaded finds nothing to start from: that is no news."""
    if not isinstance(error, FileNotFoundError | EOFError | BrokenPipeError | pickle.UnpicklingError):
        sys.__excepthook__(kind, error, where)


sys.excepthook = _unless_stopped

"""Check that the packages beside this one are our own, whatever lies in the working folder.

Besides ``traced_loops`` a wheel installs ``scenes`` and ``model_trace``, names that a user's own files may
have.
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

HOME = Path(__file__).absolute().parents[1]  # the folder that holds our packages
PACKAGES = ("scenes", "model_trace")


def check() -> None:
    """Check that each of our packages is found where this one is.

    Raises:
        ImportError: a user's file of that name comes first.
    """
    if getattr(sys, "argv", [])[:1] == ["-m"]:  # as long as that is looked for
        _leave_out_working_folder()
    for name in PACKAGES:
        found = _file(name)
        if found is not None and HOME not in found.parents:
            raise ImportError(
                f"traced_loops comes with a package {name!r}, but Python finds {found} first: "
                "rename that, or start from another folder"
            )


def _leave_out_working_folder() -> None:
    """Take out the working folder, which ``python -m traced_loops`` has put before all that is installed."""
    if not sys.flags.safe_path and sys.path and Path(sys.path[0]).resolve() != HOME.resolve():
        del sys.path[0]


def _file(name: str) -> Path | None:
    """Return where Python finds a package or module, without importing it."""
    try:
        spec = importlib.util.find_spec(name)
    except ValueError:  # made by hand, as notebooks and tests do
        return None
    if spec is None:
        return None
    places = [spec.origin] if spec.origin else [*(spec.submodule_search_locations or ())]
    return Path(places[0]).absolute() if places else None

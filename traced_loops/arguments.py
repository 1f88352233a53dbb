"""What callers of the library may give: loops by number, choices, and errors that name arguments."""

from __future__ import annotations

import contextlib
import re
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, get_args

from model_trace.reading import SavedTrace
from scenes.catalogue import CATALOGUE, canonical_number
from scenes.entry import Entry

_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)")


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Name options in errors as the arguments of functions: ``max_new_tokens``, not ``--max-new-tokens``."""
    try:
        with warnings.catch_warnings():
            # in a notebook without widgets tqdm, which transformers imports, asks for some
            warnings.filterwarnings("ignore", "IProgress not found")
            yield
    except ValueError as error:
        match error.args:
            case (str() as words,) if "--" in words:
                head, mark, rest = words.partition(": ")
                if mark and _OPTION.match(head):  # "--seed 1.5: …" names what is wrong
                    head = head.removeprefix("--").replace("-", "_")
                words = f"{head}{mark}{rest}"
                error.args = (_OPTION.sub(lambda found: found[1].replace("-", "_"), words),)
        raise


def entries_of(numbers: Sequence[str | int]) -> tuple[Entry, ...]:
    """The loops of these numbers, in this order.

    Raises:
        UsageError: there is no such loop.
    """
    from traced_loops.jobs.requests import UsageError

    known = {entry.number: entry for entry in CATALOGUE}
    wanted = [canonical_number(str(number)) for number in numbers]
    for number in wanted:
        if number not in known:
            raise UsageError(f"there is no loop {number[:20]}: choose from {', '.join(known)}")
    return tuple(known[number] for number in wanted)


def check_serves(entries: Sequence[Entry], trace: SavedTrace) -> None:
    """Check that the trace, or one inside it, records what each loop shows.

    Raises:
        UsageError: naming what is missing, and how it is recorded.
    """
    from scenes.chosen_content import serves
    from traced_loops.jobs.requests import UsageError

    lacking = [
        entry for entry in entries if not any(serves(entry, each) for each in (trace, *trace.inside.values()))
    ]
    if lacking:
        numbers = ", ".join(f'"{entry.number}"' for entry in lacking)
        what = {"text": "a text", "code": "a text that asks for code"}.get(
            lacking[0].needs, f"a {lacking[0].needs}"
        )
        raise UsageError(
            f"loop {lacking[0].number} shows {what}, which this trace does not record: "
            f"record it with loops=[{numbers}]"
        )


def check_choice(option: str, value: object, choices: Any) -> None:
    """Check that an option is one of its choices.

    Raises:
        UsageError: naming them.
    """
    from traced_loops.jobs.requests import UsageError

    if value not in get_args(choices):
        raise UsageError(f"{option}={value!r}: choose one of {', '.join(get_args(choices))}")

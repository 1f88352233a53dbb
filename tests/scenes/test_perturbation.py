"""What is drawn is what was recorded: another value that is shown gives another picture, no other does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.traced_value import Recorded, Source, traced_values
from tests.loops import changed, content, entry, stills

Index = tuple[int | slice, ...]
Address = tuple[str, Index]

_ALL = slice(None)
_SOME = slice(None, None, 2)  # every second: half of the cells change, and their scale does not hide it

# What is shown in a way that a small picture tells, and what is not. A loop that is not listed is tried with
# all of its values, and with a tensor that none of them comes from.
SHOWN: dict[str, tuple[Address, ...]] = {
    "01": (("generation/top_probabilities", ()),),
    "02": (
        ("untrained/top_probabilities", (0, 0)),
        ("trained/next_probability", (0,)),
    ),
    "03": (
        ("training/loss", (0,)),
        ("training/block_change", (_SOME,)),
        ("training/next_rank", (0,)),
        ("training/top_probabilities", (-1, 0)),
    ),
    "04": (("generation/top_probabilities", (-1, 0)),),
    "05": (("tokens", (0,)), ("tokens", (6,))),  # the prompt's first, and the answer
    "06": (
        ("generation/resid_pre", (0, _ALL, _SOME)),
        ("generation/final_norm", (_ALL, _SOME)),
        ("generation/top_logits", (_ALL, 4)),
    ),
    "07": (
        ("generation/resid_post", (_ALL, _ALL, _SOME)),
        ("generation/lens_next_rank", (1, 0)),
    ),
    # the light of "generation/resid_post" moves: see tests/scenes/test_s08.py
    "08": (("generation/attn_pattern", (_ALL, _ALL, _ALL, 1)),),
    "09": (("tokens", (69,)),),  # "red"
    "10": (("fine_tuning/held_out_loss", (-1,)),),
    "11": (("generation/attn_pattern", (_ALL, _ALL, _ALL, 1)), ("generation/lens_next_rank", (_SOME,))),
    "12": (
        ("temperatures/top_probabilities", (0, 0)),
        ("temperatures/draw_number", (0,)),
        ("temperatures/draw_below", (16,)),
    ),
    "f01": (("tokens", (0,)),),
    "f03": (("tokens", (0,)), ("generation/embed", (_ALL, slice(0, 8, 2)))),
    "f02": (
        ("trained/weights", (0, 0)),
        ("trained/top_probabilities", (0, 0)),
        ("untrained/top_ids", (0, 0)),
    ),
}

NOT_SHOWN: dict[str, Address] = {
    "01": ("generation/lens_probabilities", ()),
    "02": ("training/next_probability", ()),
    "03": ("training/entropy", ()),
    "04": ("generation/lens_probabilities", ()),
    "05": ("generation/top_probabilities", ()),
    "06": ("generation/lens_probabilities", ()),
    "07": ("generation/attn_pattern", ()),
    "08": ("generation/lens_probabilities", ()),
    "09": ("generation/top_probabilities", ()),
    "10": ("fine_tuning/word_loss", ()),
    "11": ("generation/resid_post", ()),
    "12": ("temperatures/top_logits", ()),
    "f01": ("generation/next_probability", ()),
    "f03": ("generation/next_probability", ()),
    "f02": ("trained/next_probability", ()),
}

Pictures = list[npt.NDArray[np.int16]]


@pytest.fixture(scope="module")
def recording(traces: dict[int, Trace], by_need: dict[str, Trace]) -> Callable[[str], Trace]:
    """The small recording that an entry of the catalogue is drawn from."""
    return lambda number: by_need.get(entry(number).needs, traces[6])


@pytest.fixture(scope="module")
def drawn(recording: Callable[[str], Trace]) -> Callable[[str], Pictures]:
    """An entry's pictures, unchanged, drawn once."""
    kept: dict[str, Pictures] = {}

    def draw(number: str) -> Pictures:
        if number not in kept:
            kept[number] = stills(number, content(number, recording(number)))
        return kept[number]

    return draw


def difference(some: Pictures, others: Pictures) -> int:
    """By how much of 255 the pictures differ where they do most."""
    assert len(some) == len(others)
    return max(int(np.abs(one - other).max()) for one, other in zip(some, others, strict=True))


def sources(number: str, trace: Trace) -> set[Source]:
    """Where in the trace's tokens and tensors the loop's values come from."""
    origins = [shown.origin for _, shown in traced_values(content(number, trace))]
    found = {source for origin in origins if isinstance(origin, Recorded) for source in origin.sources}
    return {source for source in found if source.tensor in {*trace.tensors, "tokens"}}


@pytest.mark.parametrize(
    ("number", "place"),
    [(one.number, place) for one in CATALOGUE for place in SHOWN.get(one.number, (None,))],
)
def test_a_value_that_is_shown_changes_the_picture(
    number: str, place: Address | None, recording: Callable[[str], Trace], drawn: Callable[[str], Pictures]
) -> None:
    trace = recording(number)
    places: list[Any] = [place] if place else [(each.tensor, each.index) for each in sources(number, trace)]
    assert places
    for each in places:
        other = content(number, changed(trace, *each))
        assert difference(drawn(number), stills(number, other)) > 8, each


@pytest.mark.parametrize("number", [one.number for one in CATALOGUE])
def test_a_value_that_is_not_shown_changes_nothing(
    number: str, recording: Callable[[str], Trace], drawn: Callable[[str], Pictures]
) -> None:
    trace = recording(number)
    shown = {source.tensor for source in sources(number, trace)}
    others = ((name, ()) for name in sorted(trace.tensors) if name not in shown)
    other = content(number, changed(trace, *NOT_SHOWN.get(number, next(others, ("", ())))))
    assert difference(drawn(number), stills(number, other)) == 0

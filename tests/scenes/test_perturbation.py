"""What is drawn is what was recorded: another value that is shown gives another picture, no other does."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pytest

from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from tests.loops import changed, content, entry, stills

Index = tuple[int | slice, ...]
Address = tuple[str, Index]

_ALL = slice(None)
_SOME = slice(None, None, 2)  # every second: half of the cells change, and their scale does not hide it

SHOWN: dict[str, tuple[Address, ...]] = {
    "01": (("generation/next_probability", ()),),
    "02": (
        ("untrained/top_probabilities", (0, 0)),
        ("trained/next_probability", (0,)),
    ),
    "03": (
        ("training/loss", (0,)),
        ("training/block_change", (_SOME,)),
        ("training/next_probability", (-1,)),
    ),
    "04": (("generation/top_probabilities", (-1, 0)),),
    "05": (("generation/top_ids", (0, 0)), ("generation/next_probability", ())),
    "06": (
        ("generation/resid_pre", (0, _ALL, _SOME)),
        ("generation/final_norm", (_ALL, _SOME)),
    ),
    "07": (
        ("generation/resid_post", (_ALL, _ALL, _SOME)),
        ("generation/lens_probabilities", (_ALL, _ALL, 0)),
    ),
    "08": (("generation/resid_post", (-1,)), ("generation/attn_pattern", (_ALL, _ALL, _ALL, 1))),
    "09": (("generation/next_probability", ()),),
    "10": (
        ("fine_tuning/block_change", (_SOME,)),
        ("fine_tuning/held_out_loss", (-1,)),
    ),
    "f01": (("tokens", (0,)),),
    "f02": (("trained/weights", (0, 0)), ("trained/histograms", (-1, _SOME))),
}

NOT_SHOWN: dict[str, Address] = {
    "01": ("generation/top_probabilities", ()),
    "02": ("training/next_probability", ()),
    "03": ("training/loss", (1,)),
    "04": ("generation/resid_post", ()),
    "05": ("generation/top_ids", (_ALL, 1)),
    "06": ("generation/lens_probabilities", ()),
    "07": ("generation/attn_pattern", ()),
    "08": ("generation/lens_probabilities", ()),
    "09": ("generation/top_probabilities", ()),
    "10": ("fine_tuning/word_loss", ()),
    "f01": ("generation/next_probability", ()),
    "f02": ("trained/top_probabilities", ()),
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


def test_every_entry_of_the_catalogue_is_tried() -> None:
    assert list(SHOWN) == list(NOT_SHOWN) == [one.number for one in CATALOGUE]


@pytest.mark.parametrize(
    ("number", "place"), [(number, place) for number in SHOWN for place in SHOWN[number]]
)
def test_a_value_that_is_shown_changes_the_picture(
    number: str, place: Address, recording: Callable[[str], Trace], drawn: Callable[[str], Pictures]
) -> None:
    other = content(number, changed(recording(number), *place))
    assert difference(drawn(number), stills(number, other)) > 8


@pytest.mark.parametrize("number", NOT_SHOWN)
def test_a_value_that_is_not_shown_changes_nothing(
    number: str, recording: Callable[[str], Trace], drawn: Callable[[str], Pictures]
) -> None:
    other = content(number, changed(recording(number), *NOT_SHOWN[number]))
    assert difference(drawn(number), stills(number, other)) == 0

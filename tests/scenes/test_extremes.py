"""The two tokens that show what a tint means."""

from __future__ import annotations

from scenes.display_token import DisplayToken, extremes
from scenes.traced_value import Recorded, Source, TracedValue


def piece(text: str, probability: float) -> DisplayToken:
    origin = Recorded((Source("made up", ()),))
    return DisplayToken(
        TracedValue(text, "text", origin), "output", TracedValue(probability, "percent", origin)
    )


def test_likeliest_and_unlikeliest() -> None:
    assert extremes([piece("a", 0.5), piece("b", 0.9), piece("c", 0.1)]) == (1, 2)


def test_of_two_that_read_alike_one_is_shown() -> None:
    assert extremes([piece("a", 0.1), piece("a", 0.9), piece("b", 0.5)]) == (2, 0)


def test_one_word_alone_is_both() -> None:
    assert extremes([piece("a", 0.3)]) == (0,)
    assert extremes([piece("a", 0.1), piece("a", 0.9)]) == (1, 0)

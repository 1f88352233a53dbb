"""Words and numbers as the language has them."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import scenes
from scenes.wording import Wording, languages


@pytest.mark.parametrize(
    ("probability", "printed"),
    [
        (0.612, "61.2%"),
        (1.0, "100.0%"),
        (0.0, "0.0%"),
        (0.0014125, "0.14%"),
        (0.00085, "0.085%"),
        (0.0000123, "0.0012%"),
        (0.9994, "99.9%"),
        (0.99949, "99.9%"),
        (0.99952, "99.95%"),
        (0.99996, "99.996%"),
    ],
)
def test_a_probability_never_prints_as_nothing_nor_as_all(probability: float, printed: str) -> None:
    assert Wording("en").percent(probability) == printed


def test_numbers_follow_the_language() -> None:
    assert Wording("en").integer(49152) == "49,152"
    assert Wording("en").count(1_800_000_000) == "1.8 billion"
    assert Wording("en").count(175_000_000_000) == "175 billion"


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0.0038562, "0.0039"),
        (0.00000038562, "3.9·10⁻⁷"),
        (-0.056, "−0.056"),
        (4.2, "4.2"),
        (140.2, "140"),
        (140_225, "140,000"),
        (0, "0.0"),
    ],
)
def test_numbers_of_any_size_keep_two_digits(value: float, printed: str) -> None:
    assert Wording("en").significant(value) == printed


def test_values_stand_in_their_places() -> None:
    assert Wording("en")("Step {number} of {total}", number=2, total=8) == "Step 2 of 8"


def test_a_language_without_a_catalogue_is_named() -> None:
    assert "en" in languages()
    with pytest.raises(ValueError, match="no catalogue for fr"):
        Wording("fr")("other")


def test_scenes_hold_no_words_of_their_own() -> None:
    """Whatever a Label says is a value or went through the wording."""
    literal = []
    for file in Path(scenes.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Label":
                first = node.args[0]
                if isinstance(first, ast.Constant) and len(str(first.value)) > 2:
                    literal.append(f"{file.name}: {first.value!r}")
    assert not literal

"""The rounding that is told of a number is the one it was printed with."""

from __future__ import annotations

import re

import pytest
from babel.numbers import parse_decimal
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes.wording import Wording

SCALES = {
    "en": {"thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12},
    "de": {"Tausend": 1e3, "Million": 1e6, "Millionen": 1e6, "Mio.": 1e6, "Mrd.": 1e9}
    | {"Milliarde": 1e9, "Milliarden": 1e9, "Billion": 1e12, "Billionen": 1e12},
}
RAISED = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


def read(printed: str, language: str) -> float:
    """The number that a reader reads."""
    text = printed.replace("−", "-").replace("\N{NO-BREAK SPACE}", " ")
    found = re.match(r"[-\d.,]+", text)
    assert found is not None
    number = float(parse_decimal(found[0], locale=language))
    rest = text[found.end() :].strip()
    if "%" in rest:
        return number / 100
    if rest.startswith("·10"):
        return number * 10.0 ** int(rest.removeprefix("·10").translate(RAISED))
    word = rest.partition(" ")[0]
    return number * SCALES[language].get(word, 1.0)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    ("form", "values"),
    [
        ("percent", st.floats(1e-8, 1 - 1e-8)),
        ("integer", st.integers(0, 10**9)),
        ("decimal", st.floats(-1e4, 1e4)),
        ("significant", st.floats(1e-12, 1e9)),
        ("significant", st.floats(-1e9, -1e-12)),
        ("count", st.integers(1, 10**14)),
        ("dollars", st.integers(10**6, 10**11)),
    ],
)
def test_a_number_is_printed_as_the_nearest_multiple(
    language: str, form: str, values: st.SearchStrategy[float]
) -> None:
    wording = Wording(language)

    @settings(deadline=None)
    @given(values)
    def holds(value: float) -> None:
        printed, place = wording.printed(value, form), wording.rounding(value, form)
        assert printed is not None
        assert place is not None
        shown = read(printed, language)
        assert abs(shown - value) <= place / 2 + abs(value) * 1e-9
        assert abs(shown / place - round(shown / place)) <= 1e-6 * max(1, abs(shown / place))

    holds()


def test_what_is_not_rounded_has_no_rounding() -> None:
    assert Wording("en").rounding("the", "text") is None
    assert Wording("en").rounding(0.5, "colour") is None

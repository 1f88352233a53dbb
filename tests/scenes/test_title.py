"""Headings take a smaller type where their words are longer."""

from __future__ import annotations

import pytest

from scenes.parts.chamber import Chamber
from scenes.parts.label import Label
from scenes.parts.title import title
from scenes.style import Style

STYLE = Style()


@pytest.mark.parametrize(("words", "size"), [(3, STYLE.type.title), (8, STYLE.type.heading)])
def test_a_long_title_steps_down(words: int, size: float) -> None:
    text = " ".join(["decoder"] * words)
    label = title(text, STYLE)
    assert label.height == pytest.approx(Label(text, size, STYLE.palette.text, weight="SEMIBOLD").height)
    assert label.get_left()[0] == pytest.approx(STYLE.at(STYLE.margin, 0)[0])


def test_a_chambers_heading_stays_over_its_room() -> None:
    def size(heading: str) -> float:
        chamber = Chamber(heading, STYLE, width=1050, height=400, training="fine-tuning")
        return max(float(part.height) for part in chamber.get_family() if isinstance(part, Label))

    assert size("Feinabstimmung: Englisch-Deutsch") < size("Fine-tuning")

"""Headings take a smaller type where their words are longer."""

from __future__ import annotations

import pytest

from scenes.parts.chamber import Chamber
from scenes.parts.label import Label
from scenes.parts.title import title
from scenes.style import Style

STYLE = Style()


@pytest.mark.parametrize(("words", "size"), [(3, STYLE.type.title), (12, STYLE.type.heading)])
def test_a_long_title_steps_down(words: int, size: float) -> None:
    text = " ".join(["decoder"] * words)
    label = title(text, STYLE, width=1600 if words == 3 else None)
    expected = Label(text, size, STYLE.palette.text, weight="SEMIBOLD")
    # 12 words of 58 px are wider than the frame's 1740 px
    assert label.height <= expected.height + 1e-6
    assert label.get_left()[0] == pytest.approx(STYLE.at(STYLE.margin, 0)[0])


def test_a_chambers_heading_stays_over_its_room() -> None:
    chamber = Chamber("Feinabstimmung: " * 4, STYLE, width=1050, height=400, training="fine-tuning")
    short = Chamber("Fine-tuning", STYLE, width=1050, height=400, training="fine-tuning")
    heights = [
        max(part.height for part in each.get_family() if isinstance(part, Label)) for each in (chamber, short)
    ]
    assert heights[0] < heights[1]

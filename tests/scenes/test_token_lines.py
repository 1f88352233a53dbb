"""Chips in lines: what is shown of a long text, and that only that is made."""

from __future__ import annotations

import random

import pytest
from manim import Rectangle, VMobject

from scenes.parts.token_lines import OnDemand, TokenLines
from scenes.style import Style
from scenes.wording import Wording


@pytest.mark.parametrize("seed", range(4))
def test_as_many_of_the_newest_as_fit(seed: int) -> None:
    """One more would take a line too many."""
    style, chance = Style(), random.Random(seed)
    chips = [Rectangle(width=style.px(chance.randrange(20, 300)), height=0.4) for _ in range(60)]
    lines = TokenLines(chips, style, Wording(), width=900, lines=2)
    shown = [chips.index(each) for each in lines.visible if each in chips]
    assert shown == [0, 1, *range(shown[2], 60)]
    assert len({round(each.get_y(), 4) for each in lines.visible}) == 2
    more = TokenLines([*chips[:2], *chips[shown[2] - 1 :]], style, Wording(), width=900, lines=2)
    assert len(more.visible) <= len(lines.visible)


def test_a_long_text_makes_few_chips() -> None:
    style = Style()
    made: list[int] = []

    def make(place: int) -> VMobject:
        made.append(place)
        return Rectangle(width=style.px(60), height=0.4)

    lines = TokenLines(OnDemand(make, [1] * 100_000), style, Wording(), width=900, lines=2)
    lines.set_first(99_999)
    assert len(made) == len(set(made)) < 100

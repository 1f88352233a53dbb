"""A probability step by step, a column each."""

from __future__ import annotations

import math
from collections.abc import Sequence

from manim import DOWN, RIGHT, UP, Rectangle, VGroup

from scenes.parts.label import Label
from scenes.style import Style
from scenes.wording import Wording

_COLUMN = 0.66  # of the way to the next one


class Climb(VGroup):
    """``grounds`` as high as 100 %, in front of them the ``columns``, and the ``steps``' numbers from 0 on.

    Where not all numbers find room, every second (third, …) is there, and the last.
    """

    def __init__(
        self, probabilities: Sequence[float], style: Style, wording: Wording, *, width: float, height: float
    ) -> None:
        palette, px = style.palette, style.px
        pitch = width / len(probabilities)
        numbers = [
            Label(wording.integer(step), style.type.small, palette.muted)
            for step in range(len(probabilities))
        ]
        stride = math.ceil((max(number.width for number in numbers) / px(1) + 10) / pitch)
        last = len(numbers) - 1
        self.grounds, self.columns, self.steps = VGroup(), VGroup(), VGroup()
        for step, (probability, number) in enumerate(zip(probabilities, numbers, strict=True)):
            x = px(pitch * (step + 0.5)) * RIGHT
            ground = Rectangle(width=px(pitch * _COLUMN), height=px(height), stroke_width=0)
            ground.set_fill(palette.special_fill, opacity=1).move_to(x, aligned_edge=DOWN)
            column = Rectangle(
                width=px(pitch * _COLUMN),
                height=px(max(height * probability, 3)),
                fill_color=palette.label_fill,
                fill_opacity=1,
                stroke_color=palette.label_edge,
                stroke_width=style.stroke(style.hairline),
            ).move_to(x, aligned_edge=DOWN)
            self.grounds.add(ground)
            self.columns.add(column)
            if step == last or (step % stride == 0 and last - step >= stride):
                self.steps.add(number.move_to(x - px(12) * UP, aligned_edge=UP))
        super().__init__(self.grounds, self.columns, self.steps)

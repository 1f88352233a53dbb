"""A model's parameters, seen through a window in its box."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, UP, Mobject, VGroup, VMobject

from scenes.marks import decoration
from scenes.parts.label import Label
from scenes.parts.rounded import Rounded
from scenes.style import Style

_RADIUS, _PADDING = 24, 20


class ParameterPanel(VGroup):
    """A dark window of ``width`` pixels: ``lines`` of text, what is ``shown``, and under it a ``foot``
    if there is one.

    ``height`` is its contents' where it is not given.
    """

    def __init__(
        self,
        lines: Sequence[str],
        shown: VMobject,
        foot: VMobject | None,
        style: Style,
        *,
        width: float,
        height: float | None = None,
        edge: str = "",
    ) -> None:
        palette, px = style.palette, style.px
        words = VGroup(*(Label(line, style.type.small, palette.panel_text) for line in lines))
        for word in words:
            word.scale(min(1, px(width - _PADDING) / word.width))
        words.arrange(DOWN, buff=px(8))
        self.shown = shown
        inside = VGroup(*(part for part in (words, shown, foot) if part)).arrange(DOWN, buff=px(18))
        window = Rounded(
            px(width),
            inside.height + px(2 * _PADDING) if height is None else px(height),
            px(_RADIUS),
            fill_color=palette.panel,
            fill_opacity=1,
            stroke_color=edge or palette.panel_edge,
            stroke_width=style.stroke(style.line),
        )
        super().__init__(decoration(window), inside.move_to(window))

    def sit_in(self, box: Mobject, style: Style) -> ParameterPanel:
        """Stand at the foot of a model's box."""
        self.set_x(box.get_x()).align_to(box, DOWN).shift(style.px(_PADDING) * UP)
        return self

"""The model's box with a window onto some of its weights."""

from __future__ import annotations

from manim import DOWN, UP, VGroup, VMobject

from scenes.marks import decoration
from scenes.parts.model_box import ModelBox
from scenes.parts.rounded import Rounded
from scenes.style import Style

_RADIUS, _AROUND = 24, 20  # pixels: the window's corners; between its edge and what it shows, and the box's
_OVER = 24  # pixels between the window and what is over it


class OpenBox(VGroup):
    """A ``ModelBox`` of ``width`` by ``height`` pixels, at its foot a dark window in which stands ``shown``.

    In a box that is ``trained`` or not, ``above`` is a word over the name. ``share`` is how much of the
    width the name takes at most.
    """

    def __init__(
        self,
        name: str,
        shown: VMobject,
        style: Style,
        width: float,
        height: float,
        *,
        trained: bool = True,
        above: str = "",
        share: float = 0.72,
    ) -> None:
        palette, px = style.palette, style.px
        self.shown = shown
        window = Rounded(
            px(width - 2 * _AROUND),
            shown.height + px(2 * _AROUND),
            px(_RADIUS),
            fill_color=palette.panel,
            fill_opacity=1,
            stroke_color=palette.panel_edge,
            stroke_width=style.stroke(style.line),
        )
        foot = window.height / px(1) + _OVER
        self.box = ModelBox(name, style, width, height, trained=trained, above=above, share=share, foot=foot)
        window.move_to(self.box.get_bottom() + px(_AROUND) * UP, DOWN)
        super().__init__(self.box, decoration(window), shown.move_to(window))

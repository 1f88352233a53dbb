"""The model's box with a window onto some of its weights."""

from __future__ import annotations

from collections.abc import Sequence

from manim import VGroup, VMobject

from scenes.parts.model_box import ModelBox
from scenes.parts.parameter_panel import ParameterPanel
from scenes.style import Style

_BESIDE = 20  # pixels between the window and the box's sides
_OVER = 24  # and between the window and what is over it


class OpenBox(VGroup):
    """A ``ModelBox`` of ``width`` by ``height`` pixels, at its foot a ``panel`` that has ``shown`` in it.

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
        lines: Sequence[str] = (),
    ) -> None:
        self.panel = ParameterPanel(lines, shown, None, style, width=width - 2 * _BESIDE)
        foot = self.panel.height / style.px(1) + _OVER
        self.box = ModelBox(name, style, width, height, trained=trained, above=above, share=share, foot=foot)
        super().__init__(self.box, self.panel.sit_in(self.box, style))

"""A line of text that stands on its baseline."""

from __future__ import annotations

from manim import UP, Mobject, VMobject

from scenes.fonts import MONO, SANS
from scenes.frame import UNITS_PER_PX
from scenes.marks import decoration, show
from scenes.parts.outline import EM, outline, reach, strut
from scenes.traced_value import TracedValue
from scenes.wording.printed import spans_of


class Label(VMobject):
    """One line of text as a single path, ``size`` pixels to the em.

    Its line reaches from the descender up to the cap line, whatever its letters: labels that are set by it
    stand on one baseline, and a chip's height does not depend on its word. Accents and letters of other
    scripts may reach out of it. What has no glyph, or draws nothing, is spelt as its code point in a frame;
    ``exact`` (for tokens) spells unusual spaces as well. ``rtl``: the line's direction, that of its first
    letter where it is not given. The letters that print a value are marked with it.
    """

    def __init__(
        self,
        text: str,
        size: float,
        color: str,
        *,
        weight: str = "NORMAL",
        mono: bool = False,
        exact: bool = False,
        rtl: bool | None = None,
    ) -> None:
        super().__init__(stroke_width=0)
        self.text = text
        self.face = (MONO if mono else SANS, weight)
        points = outline(text, *self.face, exact=exact, rtl=rtl)
        self.points = points * (size * UNITS_PER_PX / EM)
        self.set_fill(color, opacity=1)
        decoration(self)  # what does not print a value is lettering
        for span in spans_of(text):
            assert isinstance(span.value, TracedValue)
            show(self, span.value, points=reach(text, span.start, span.end, *self.face, exact=exact, rtl=rtl))

    @property
    def line(self) -> tuple[float, float]:
        """How high the descender and the cap line stand."""
        held = self.points[-8:, 1]  # the strut, see ``outline``
        return float(held.min()), float(held.max())

    def level_with(self, mobject: Mobject) -> Label:
        """Stand so that the capitals, and not the whole line, are as high as the mobject's middle."""
        (bottom, top), (low, high) = self.line, strut(*self.face)
        capitals = top - (top - bottom) * high / (high - low) / 2
        self.shift((float(mobject.get_y()) - capitals) * UP)
        return self

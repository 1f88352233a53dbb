"""Fade mobjects in and out: looks like Manim's fades, without their three deep copies."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from manim import ORIGIN, Animation, Group, Mobject, Scene, VMobject

Numbers = npt.NDArray[np.float64]

_COLOURS = ("fill_rgbas", "stroke_rgbas", "background_stroke_rgbas")


class _Kept(NamedTuple):
    """A shape as it is when it is all there: its colours, its points; and its points when it is gone."""

    shape: VMobject
    colours: dict[str, Numbers]
    points: Numbers
    gone: Numbers | None


class _Fade(Animation):
    """Animates the mobjects' opacity from ``first`` to ``last``, each 0 or 1.

    Where nothing is to be seen of them they are ``shift`` from their place, or at ``target_position``, and
    ``scale`` times as large.
    """

    first: float
    last: float
    _kept: list[_Kept]

    def __init__(
        self,
        *mobjects: Mobject,
        shift: Numbers = ORIGIN,
        target_position: Numbers | None = None,
        scale: float = 1,
        **options: Any,
    ) -> None:
        super().__init__(mobjects[0] if len(mobjects) == 1 else Group(*mobjects), **options)
        self.shift = shift if target_position is None else target_position - self.mobject.get_center()
        self.scale = scale

    def create_starting_mobject(self) -> Mobject:
        """Keep what is changed; the mobject stands for its own start."""
        assert isinstance(self.mobject, Mobject)
        centre, moves = self.mobject.get_center(), self.scale != 1 or np.any(self.shift)
        self._kept = [
            _Kept(
                shape,
                {name: getattr(shape, name).copy() for name in _COLOURS},
                shape.points.copy(),
                centre + (shape.points - centre) * self.scale + self.shift if moves else None,
            )
            for shape in self.mobject.family_members_with_points()
            if isinstance(shape, VMobject)
        ]
        return self.mobject

    def interpolate_mobject(self, alpha: float) -> None:
        """Set the mobject to its look at ``alpha`` of the time."""
        seen = self.first + (self.last - self.first) * self.rate_func(alpha)
        for shape, colours, points, gone in self._kept:
            for name, whole in colours.items():
                # anew, since other shapes may hold the same colours
                setattr(shape, name, whole * (1, 1, 1, seen))
            if gone is not None:
                shape.points = gone + (points - gone) * seen


class FadeIn(_Fade):
    """The mobjects appear, from ``shift`` below their place or from ``target_position``."""

    first, last = 0, 1

    def __init__(self, *mobjects: Mobject, shift: Numbers = ORIGIN, **options: Any) -> None:
        super().__init__(*mobjects, shift=-shift, introducer=True, **options)


class FadeOut(_Fade):
    """The mobjects disappear, and are left as they were."""

    first, last = 1, 0

    def __init__(self, *mobjects: Mobject, **options: Any) -> None:
        super().__init__(*mobjects, remover=True, **options)

    def clean_up_from_scene(self, scene: Scene) -> None:
        """Take the mobjects off the scene and give them back their look."""
        super().clean_up_from_scene(scene)
        self.interpolate(0)


def at(moment: float) -> Callable[[float], float]:
    """Fade all from one frame to the next, at this part of the time: a ``rate_func``.

    Text that fades changes in each frame, which costs many bytes: small print comes and goes in one.
    """
    return lambda time: float(time > 0 and time >= moment - 1e-6)


at_once, at_last = at(0), at(1)

"""A scene that keeps track of its mobjects with less work than Manim's: each is visited once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from manim import Animation, Mobject, Scene


class Stage(Scene):
    """A scene that adds and removes mobjects without walking each one's whole family again and again."""

    def get_mobject_family_members(self) -> list[Mobject]:
        """Return all mobjects on the scene with all their parts."""
        return families(self.mobjects)

    def get_moving_and_static_mobjects(
        self, animations: Iterable[Animation]
    ) -> tuple[list[Mobject], list[Mobject]]:
        """Return the mobjects from the lowest moving one upwards, and those below it."""
        moving = dict.fromkeys(families(self.get_moving_mobjects(*animations)))
        below = (mobject for mobject in self.get_mobject_family_members() if mobject not in moving)
        return list(moving), [mobject for mobject in below if len(mobject.points)]

    def get_restructured_mobject_list(
        self, mobjects: Iterable[Mobject], to_remove: Iterable[Mobject]
    ) -> list[Mobject]:
        """Return the mobjects without those to remove; of a group that loses a part the others stay."""
        return _left(mobjects, set(to_remove))[0]


def families(mobjects: Sequence[Mobject]) -> list[Mobject]:
    """Return the mobjects and all their parts from the lowest to the highest, each once, where it is last."""
    found: dict[Mobject, None] = {}
    _collect(mobjects, found)
    upwards = list(reversed(found))
    return sorted(upwards, key=lambda mobject: mobject.z_index)


def _collect(mobjects: Sequence[Mobject], found: dict[Mobject, None]) -> None:
    """Find the mobjects from the last to the first."""
    for mobject in reversed(mobjects):
        if mobject in found:
            continue
        if mobject.submobjects:
            _collect(mobject.submobjects, found)
        found[mobject] = None


def _left(mobjects: Iterable[Mobject], gone: set[Mobject]) -> tuple[list[Mobject], bool]:
    """Return what is left of the mobjects, and whether that is all of them."""
    left: list[Mobject] = []
    whole = True
    for mobject in mobjects:
        parts, untouched = ([], False) if mobject in gone else _left(mobject.submobjects, gone)
        if untouched:
            left.append(mobject)
        else:
            left += parts
            whole = False
    return left, whole


def take_paths(mobject: Mobject, other: Mobject) -> None:
    """Give a mobject the paths of one that is built alike; ``become`` would first align all their curves."""
    for mine, its in zip(mobject.get_family(), other.get_family(), strict=True):
        mine.points = its.points

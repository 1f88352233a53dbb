"""A stage finds what Manim finds."""

from __future__ import annotations

import random

import pytest
from manim import Group, Mobject, Scene, Square, Wait

from scenes.stage import Stage


def _grown(chance: random.Random, parts: list[Mobject], depth: int = 3) -> Mobject:
    """A group of groups, in which some parts are twice and some lie higher than others."""
    group = Group()
    for _ in range(chance.randint(1, 4)):
        kind = chance.random()
        if kind < 0.4 and depth:
            group.add(_grown(chance, parts, depth - 1))
        elif kind < 0.5 and parts:
            group.add(chance.choice(parts))
        else:
            parts.append(Square().set_z_index(chance.choice([0, 0, 0, 1, -1])))
            group.add(parts[-1])
    parts.append(group)
    return group


@pytest.mark.parametrize("seed", range(20))
def test_a_stage_finds_what_a_scene_finds(seed: int) -> None:
    chance = random.Random(seed)
    parts: list[Mobject] = []
    shown = [_grown(chance, parts) for _ in range(3)]
    scenes = Scene(), Stage()
    for scene in scenes:
        scene.add(*shown)
    scene, stage = scenes
    assert stage.get_mobject_family_members() == scene.get_mobject_family_members()
    gone = chance.sample(parts, 2)
    assert stage.get_restructured_mobject_list(shown, gone) == scene.get_restructured_mobject_list(
        shown, gone
    )
    turns = [part.animate.shift([1, 0, 0]).build() for part in chance.sample(parts, 2)]
    for animations in ([Wait()], turns):
        parted = (each.get_moving_and_static_mobjects(animations) for each in scenes)
        assert next(parted) == next(parted)

"""A language is a file: one that is made up on the spot goes through every loop, figure and transcript."""

from __future__ import annotations

import importlib
import re
from pathlib import Path
from typing import Any

import pytest
from manim import Mobject
from pydantic import TypeAdapter

from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.parts.label import Label
from scenes.parts.token import TokenText
from scenes.traced_value import traced_values
from scenes.transcript import module_of
from scenes.wording import Wording
from tests.loops import content, entry, play
from tests.pseudo import lengthened, make_up
from tests.scenes.boxes import drawn

_WORD = re.compile(r"[^\W\d_]{4,}")


def labels(stage: list[Mobject]) -> set[str]:
    """All words on stage that are no token's."""
    family = [member for mobject in stage for member in mobject.get_family()]
    tokens = {part for text in family if isinstance(text, TokenText) for part in text}
    return {member.text for member in drawn(stage) if isinstance(member, Label) and member not in tokens}


@pytest.mark.parametrize("number", [one.number for one in CATALOGUE])
def test_a_made_up_language_goes_through_every_loop_and_figure(
    number: str, catalogue_folder: Path, given: Trace, by_need: dict[str, Trace]
) -> None:
    make_up("fr")
    w = Wording("fr")
    said: Any = content(number, by_need.get(entry(number).needs, given))
    _, stages = play(number, said, lambda scene: labels(scene.mobjects), w, story=False)
    picture = dict(w.asked)
    importlib.import_module(module_of(entry(number))).words(said, w)
    w(entry(number).idea)
    assert picture and len(w.asked) > len(picture)
    for asked, shown in w.asked.items():
        english, *many = asked.split("\0")
        assert shown in {lengthened(form) for form in (english, *many[:1])}, english
    # what is not of the catalogue is of the recording, or a number's (175 milliards)
    recorded = TypeAdapter(type(said)).dump_json(said).decode()
    numbers = [w.printed(value.value, value.form) or "" for _, value in traced_values(said)]
    known = [*picture.values(), recorded, w.model(said.model), *numbers]
    for text in stages[0]:
        for word in _WORD.findall(text):
            assert any(word in each for each in known), (text, word)

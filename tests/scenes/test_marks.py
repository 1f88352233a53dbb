"""Each value of a still has its box: there is ink in it, it is the value's, and there is no ink beside."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from manim import Mobject, VMobject

from model_trace.trace import Trace
from scenes.catalogue import CATALOGUE
from scenes.frame import FRAMES
from scenes.marks import boxes, is_decoration, marks_of, show, shown
from scenes.parts.label import Label
from scenes.parts.outline import outline
from scenes.style import Style
from scenes.traced_value import TracedValue, traced_values
from scenes.wording import Wording
from scenes.wording.printed import spans_of
from tests.loops import content, entry, job, play
from traced_loops.rendering.jobs import content_of

HEIGHT = 540  # of the pictures that are looked at
PICTURES = [(one.number, shape) for one in CATALOGUE for shape in ("wide", "narrow")]
Still = tuple[Any, npt.NDArray[np.int16]]


@pytest.fixture(scope="module")
def recording(traces: dict[int, Trace], by_need: dict[str, Trace]) -> Callable[[str], Trace]:
    return lambda number: by_need.get(entry(number).needs, traces[6])


def still(number: str, said: Any, shape: str) -> Still:
    """The scene with its finished picture, and that picture [height, width, 3].

    Its content is read from JSON, as for a loop that is made: no two values are one object.
    """
    said = content_of(job(number, said))

    def picture(scene: Any) -> npt.NDArray[np.int16]:
        scene.camera.reset()
        scene.camera.capture_mobjects(scene.mobjects)
        seen: npt.NDArray[np.uint8] = scene.camera.pixel_array
        return seen[..., :3].astype(np.int16)

    style = replace(Style(), frame=FRAMES[shape])
    scene, (pixels,) = play(number, said, picture, story=False, style=style, height=HEIGHT)
    return scene, pixels


@pytest.fixture(scope="module")
def drawn(recording: Callable[[str], Trace]) -> Callable[[str, str], Still]:
    """An entry's still, drawn once."""
    kept: dict[tuple[str, str], Still] = {}

    def draw(number: str, shape: str) -> Still:
        if (number, shape) not in kept:
            kept[number, shape] = still(number, content(number, recording(number)), shape)
        return kept[number, shape]

    return draw


def places(where: Mapping[str, Any]) -> Iterator[Sequence[float]]:
    """All boxes of a value."""
    yield from ([where["box"]] if "box" in where else [])
    yield from where.get("boxes", [])
    yield from (cell for cell in where.get("cells", []) if cell is not None)


def window(box: Sequence[float], pixels: npt.NDArray[np.int16], more: int = 0) -> tuple[slice, slice]:
    """The rows and columns of the picture that a box takes, with some more around."""
    high, wide = pixels.shape[:2]
    x, y, width, height = box
    rows = slice(max(0, int(y * high) - more), int(np.ceil((y + height) * high)) + more)
    return rows, slice(max(0, int(x * wide) - more), int(np.ceil((x + width) * wide)) + more)


def leaves(mobjects: Sequence[Mobject], named: bool = False) -> Iterator[tuple[VMobject, bool]]:
    """Each mobject that paints something, and whether it or what holds it is marked."""
    for mobject in mobjects:
        marked = named or bool(marks_of(mobject)) or is_decoration(mobject)
        if isinstance(mobject, VMobject) and len(mobject.points):
            filled = mobject.fill_rgbas[:, 3].max() > 0
            if filled or (mobject.stroke_width > 0 and mobject.stroke_rgbas[:, 3].max() > 0):
                yield mobject, marked
        yield from leaves(mobject.submobjects, marked)


@pytest.mark.parametrize(("number", "shape"), PICTURES)
def test_all_that_is_drawn_is_a_value_or_decoration(
    number: str, shape: str, drawn: Callable[[str, str], Still]
) -> None:
    scene, _ = drawn(number, shape)
    unmarked = [type(each).__name__ for each, marked in leaves(scene.mobjects) if not marked]
    assert unmarked == []


@pytest.mark.parametrize(("number", "shape"), PICTURES)
def test_there_is_ink_in_each_box_and_no_two_values_have_one(
    number: str, shape: str, drawn: Callable[[str, str], Still]
) -> None:
    scene, pixels = drawn(number, shape)
    assert scene.boxes
    ground = pixels[2, 2]
    seen: dict[tuple[float, ...], str] = {}
    for path, where in scene.boxes.items():
        assert len(where) == 1
        for box in places(where):
            x, y, width, height = box
            assert x >= 0 and y >= 0 and x + width <= 1.0001 and y + height <= 1.0001
            assert (np.abs(pixels[window(box, pixels)] - ground).max(axis=-1)).max() > 4, path
            assert seen.setdefault(tuple(box), path) == path
    # every box belongs to one place only
    assert len(seen) == sum(len([*places(where)]) for where in scene.boxes.values())


# What counts rather than being recorded: steps, layers, laps, rows of the tokens shown, ticks of an axis
_COUNTED = re.compile(r"\d[\d,]*|[^.%]*\b\d+(st|nd|rd|th)?\b[^.%]*|(0|100)%|<h1>.*")


@pytest.mark.parametrize(("number", "shape"), PICTURES)
def test_a_printed_value_is_no_lettering(number: str, shape: str, drawn: Callable[[str, str], Still]) -> None:
    """Decimals, percentages and large numbers stand in a span that names their value."""
    scene, _ = drawn(number, shape)
    tokens = {
        id(part) for each, mark in shown(scene.mobjects) if mark.points is None for part in each.get_family()
    }
    for each, _ in leaves(scene.mobjects):
        if not isinstance(each, Label) or id(each) in tokens:
            continue
        rest = list(str(each.text))
        for start, end, _value in spans_of(each.text):
            rest[start:end] = " " * (end - start)
        left = "".join(rest)
        for name in (*scene.content.model.split(), scene.content.subject):
            left = left.replace(name.rstrip(","), "")
        if re.search(r"\d", left):
            assert _COUNTED.fullmatch(left.strip()), each.text


@pytest.mark.parametrize(("number", "shape"), PICTURES)
def test_the_letters_in_a_box_are_those_of_the_value(
    number: str, shape: str, drawn: Callable[[str, str], Still]
) -> None:
    scene, _ = drawn(number, shape)
    wording = Wording()
    for label, mark in shown(scene.mobjects):
        if not isinstance(label, Label) or not spans_of(label.text):
            continue
        start, end, _ = next(span for span in spans_of(label.text) if span.value is mark.value)
        printed = label.text[start:end]
        value = mark.value
        if value.form == "text":  # a quotation, in one line
            assert printed == " ".join(value.text.split())
        else:
            assert printed in (wording.printed(value.value, value.form), wording.ordinal(value.number))
        assert mark.points is not None
        glyphs = label.points[mark.points]
        alone = outline(printed, *label.face)[:-8]
        size = np.ptp(glyphs[:, 1]) / np.ptp(alone[:, 1])
        assert len(glyphs) == len(alone)
        assert np.allclose((glyphs - glyphs.min(axis=0)) / size, alone - alone.min(axis=0), atol=0.6)


def at(said: Any, path: str) -> Any:
    """What stands at the path of a content."""
    for name, place in re.findall(r"(\w+)|\[(\d+)\]", path):
        said = getattr(said, name) if name else said[int(place)]
    return said


def put(said: Any, path: str, value: Any) -> Any:
    """The content with another value at the path."""
    match = re.match(r"\.?(\w+)|\[(\d+)\]", path)
    if match is None:
        return value
    rest = path[match.end() :]
    if match[1]:
        return replace(said, **{match[1]: put(getattr(said, match[1]), rest, value)})
    place = int(match[2])
    return (*said[:place], put(said[place], rest, value), *said[place + 1 :])


OTHERS = {"0": 6, "2": 5, "3": 8, "4": 0, "5": 2, "6": 9, "7": 2, "8": 3, "9": 6}  # digits of about one width
# What more depends on than the value's own place: a text that quotes it, a scale, the pieces after it.
SPREADS = {
    "03": r"errors",
    "05": r"tracks",
    "06": r"prompt|scores",
    "07": r"vocabulary",
    "10": r"errors|first_error|last_error|held_out|right",
    "11": r"answer|places",
    "12": r"number|lanes\[\d\]\.(candidates|share|temperature)",
}


def nudged(value: TracedValue, cell: int | None, printed: bool) -> TracedValue | None:
    """Another value, so near that widths, order and scales stay as they are; None where there is none."""
    if cell is not None:
        numbers = list(value.numbers)
        if not numbers[cell] or abs(numbers[cell]) >= sorted(map(abs, numbers))[-2]:
            return None
        numbers[cell] *= -1 if min(numbers) < 0 else 0.5
        return replace(value, value=tuple(numbers))
    if value.form == "text":
        letter = re.search("(?<=[a-z])[aeou](?=[a-z])", value.text)  # inside: the ends make the width
        if letter is None or value.own is not None:
            return None
        other = {"a": "e", "e": "a", "o": "u", "u": "o"}[letter[0]]
        return replace(value, value=value.text[: letter.start()] + other + value.text[letter.end() :])
    text = Wording().printed(value.value, value.form)
    if text is None or value.form in ("bytes", "count", "dollars", "significant"):
        return None
    if not printed:  # but told by shade or length
        if value.form == "percent":
            return replace(value, value=value.number + (0.3 if value.number < 0.5 else -0.3))
        return replace(value, value=round(value.number * 1.4))
    digit = text.rstrip("%")[-1]
    if digit not in OTHERS:
        return None
    step = Wording().rounding(value.value, value.form) or 1
    number = value.number + step * (OTHERS[digit] - int(digit))
    return replace(value, value=round(number) if value.form == "integer" else number)


def printed_in(scene: Any) -> set[str]:
    """The paths of the values that stand in the still as text."""
    told = {id(mark.value) for each, mark in shown(scene.mobjects) if isinstance(each, Label)}
    return {path for path, value in traced_values(scene.content) if id(value) in told}


def lines_with(scene: Any, path: str) -> Iterator[Sequence[float]]:
    """The boxes of the lines that print the value: all of one moves where it stands flush right."""
    value = at(scene.content, path)
    for each, mark in shown(scene.mobjects):
        if isinstance(each, Label) and mark.value is value:
            whole = show(each.copy(), value)
            yield from places(boxes([whole], scene.content, scene.style.frame.units)[path])


def candidates(scene: Any) -> Iterator[tuple[str, int | None]]:
    """The values of the still that may be nudged, a few of each kind, and cells of lists."""
    printed = printed_in(scene)
    kinds: dict[Any, list[tuple[str, int | None]]] = {}
    spreads = SPREADS.get(str(scene.number), "$^")
    for path, where in scene.boxes.items():
        if re.match(spreads, path):
            continue
        cells = [place for place, box in enumerate(where.get("cells", [])) if box is not None]
        if cells:  # of those whose colour is easily told from half of it
            numbers = at(scene.content, path).numbers
            cells = sorted(cells, key=lambda place: abs(numbers[place]))[-max(3, len(cells) // 5) : -2]
        cell = random.Random(path).choice(cells) if cells else None
        if nudged(at(scene.content, path), cell, path in printed) is not None:
            kinds.setdefault(re.sub(r"\d+", "", path), []).append((path, cell))
    for some in kinds.values():
        yield from random.Random(len(some)).sample(some, min(2, len(some)))


@pytest.mark.parametrize(
    ("number", "shape"),
    [
        pytest.param(number, shape, marks=[pytest.mark.full] if shape == "narrow" else [])
        for number, shape in PICTURES
    ],
)
def test_another_value_changes_its_boxes_and_nothing_else(
    number: str, shape: str, drawn: Callable[[str, str], Still]
) -> None:
    scene, pixels = drawn(number, shape)
    scene.number = number
    tried = 0
    for path, cell in candidates(scene):
        where = scene.boxes[path]
        other = put(scene.content, path, nudged(at(scene.content, path), cell, path in printed_in(scene)))
        _, changed = still(number, other, shape)
        difference = np.abs(pixels - changed).max(axis=-1)
        differs = difference > 24
        inside = np.zeros_like(differs)
        for box in (*(places(where) if cell is None else [where["cells"][cell]]), *lines_with(scene, path)):
            inside[window(box, pixels, more=4)] = True
        assert difference[inside].max() > 3, path
        beside = np.argwhere(differs & ~inside)
        assert not len(beside), f"{path} changes {len(beside)} pixels elsewhere, at {beside[0]}"
        tried += 1
    assert tried

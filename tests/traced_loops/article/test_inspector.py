"""Every value of a still says what it is, to every reader: by pointer, touch, keys, without a script."""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from scenes.catalogue import DEFAULTS
from tests.conftest import Open
from tests.folders import picture
from tests.loops import entry
from tests.traced_loops.article import site
from tests.traced_loops.article.audit import assert_accessible
from tests.traced_loops.article.loop import button, is_still, loop, plays
from traced_loops.article.hosts import standalone
from traced_loops.article.page import write_page
from traced_loops.jobs.layout import complete
from traced_loops.rendering import outputs

LOOP, FIGURE = "#loop-04", "#figure-f01"
HAND = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
Box = list[float]


@pytest.fixture(scope="module")
def answering(cuts: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A loop and a figure in both themes and shapes, whose values have sentences and places."""
    folder = site.copy(cuts, tmp_path_factory.mktemp("answering"))
    site.answer(folder)
    write_page(folder, "en", force=True)
    return folder


def told(folder: Path, number: str = "04", shape: str = "") -> list[dict[str, Any]]:
    values: list[dict[str, Any]] = site.said(folder / shape, number)["values"]
    return values


def marked(values: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], Box, int | None]]:
    """Each place of each value, with the cell's where it is one of a list."""
    for value in values:
        boxes = value.get("cells") or value.get("boxes") or [value.get("box")]
        for cell, box in enumerate(boxes):
            if box:
                yield value, box, cell if "cells" in value else None


def inspect(page: Page, which: str = LOOP) -> Locator:
    """The figure with its values open to be asked for."""
    figure = loop(page, which)
    figure.get_by_role("button", name="Inspect").click()
    expect(figure.locator("[data-value]").first).to_be_attached()
    return figure


def card(figure: Locator) -> Locator:
    return figure.locator("[data-card]")


def spot(figure: Locator, box: Box) -> tuple[float, float]:
    """The middle of a box of the still, in the window."""
    still = figure.locator(".stage img").bounding_box()
    assert still is not None
    left, top, width, height = box
    return still["x"] + (left + width / 2) * still["width"], still["y"] + (top + height / 2) * still["height"]


def is_beside(page: Page, figure: Locator, x: float, y: float) -> bool:
    """Whether the card lies in the window and not over this place."""
    shown, window = card(figure).bounding_box(), page.viewport_size
    assert shown is not None
    assert window is not None
    within = shown["x"] >= 0 and shown["x"] + shown["width"] <= window["width"]
    within = within and shown["y"] >= 0 and shown["y"] + shown["height"] <= window["height"]
    over = shown["x"] <= x <= shown["x"] + shown["width"] and shown["y"] <= y <= shown["y"] + shown["height"]
    return within and not over


@pytest.mark.parametrize("number", ["04", "f01"])
def test_pointing_at_a_value_opens_its_card_beside_it(
    number: str, open_page: Open, answering: Path, errors: list[str]
) -> None:
    """From a folder, without a server."""
    page = open_page((answering / "index.html").as_uri())
    figure = inspect(page, f"#{'figure' if number == 'f01' else 'loop'}-{number}")
    places = list(marked(told(answering, number)))
    assert figure.locator("[data-value]").count() == len(places)
    for value, box, cell in places:
        if cell is not None and cell % 7 != 1:
            continue
        x, y = spot(figure, box)
        page.mouse.move(x, y)
        expect(card(figure).locator(".said")).to_have_text(value["said"])
        raw = card(figure).locator(".raw").inner_text()
        if cell is None:
            assert json.loads(raw) == value["value"], "unrounded"
        else:
            assert float(raw) == pytest.approx(value["value"][cell], rel=6e-4)
            assert card(figure).locator(".nth").inner_text() == f"{cell + 1} / {len(value['value'])}"
        assert value["from"]["sources"][0]["tensor"] in card(figure).locator(".from").inner_text()
        assert is_beside(page, figure, x, y)
    page.mouse.move(4, 4)
    expect(card(figure)).to_be_hidden()
    assert errors == []


def test_keys_alone_go_through_the_values_and_back(open_page: Open, answering: Path) -> None:
    page = open_page((answering / "index.html").as_uri())
    figure = loop(page, LOOP)
    inspect_button = figure.get_by_role("button", name="Inspect")
    inspect_button.focus()
    page.keyboard.press("Enter")
    assert inspect_button.get_attribute("aria-pressed") == "true"
    focused = page.locator(":focus")
    values = [value for value in told(answering) if {"box", "boxes", "cells"} & set(value)]
    first, second = values[:2]
    expect(focused).to_have_attribute("aria-label", first["said"])
    expect(card(figure).locator(".said")).to_have_text(first["said"])
    page.keyboard.press("ArrowRight")
    expect(focused).to_have_attribute("aria-label", second["said"])
    assert figure.locator("[data-value][tabindex='0']").count() == 1, "the Tab key stops at the values once"
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowDown")
    expect(focused).to_have_attribute("aria-label", re.compile(re.escape(values[6]["said"])))
    page.keyboard.press("End")
    expect(focused).to_have_attribute("aria-label", re.compile(re.escape(values[-1]["said"])))
    page.keyboard.press("Home")
    expect(focused).to_have_attribute("aria-label", first["said"])

    page.keyboard.press("Enter")
    page.mouse.move(*spot(figure, next(box for value, box, _ in marked(values) if value is second)))
    page.wait_for_timeout(250)
    assert card(figure).locator(".said").inner_text() == first["said"], "it is pinned"
    seen = set()
    for _ in range(12):
        page.keyboard.press("Tab")
        seen.add(
            page.evaluate("(document.activeElement.closest('button, summary, a') || {}).textContent?.trim()")
        )
    assert {"Copy", "Play", "Transcript"} <= seen, "there is a way in and out"
    card(figure).get_by_role("button", name="Copy").focus()
    page.keyboard.press("Escape")
    expect(card(figure)).to_be_hidden()
    expect(focused).to_have_attribute("aria-label", first["said"])
    page.keyboard.press("Escape")
    expect(inspect_button).to_be_focused()
    assert figure.locator("[data-value]").count() == 0
    assert inspect_button.get_attribute("aria-pressed") == "false"


def test_in_the_hand_the_card_is_a_sheet_from_below(
    open_page: Open, answering: Path, errors: list[str]
) -> None:
    page = open_page((answering / "index.html").as_uri(), **HAND)
    figure = loop(page, LOOP)
    figure.get_by_role("button", name="Inspect").tap()
    places = list(marked(told(answering, shape="narrow")))
    assert figure.locator("[data-value]").count() == len(places)
    for value, box, cell in (places[0], places[len(places) // 2], places[-1]):
        page.touchscreen.tap(*spot(figure, box))
        expect(card(figure).locator(".said")).to_have_text(value["said"])
        page.wait_for_timeout(250)
        assert is_beside(page, figure, *spot(figure, box)), (value["path"], cell)
        shown = card(figure).bounding_box()
        assert shown is not None
        assert (shown["x"], shown["width"], shown["y"] + shown["height"]) == (0, 360, 740)
        assert page.evaluate("document.documentElement.scrollWidth") == 360
        card(figure).get_by_role("button", name="Close").tap()
        expect(card(figure)).to_be_hidden()
    assert errors == []


def test_nothing_answers_while_it_plays_and_play_ends_it(open_page: Open, answering: Path) -> None:
    page = open_page((answering / "index.html").as_uri())
    figure = loop(page, LOOP)
    assert plays(figure)
    _, box, _ = next(marked(told(answering)))
    page.mouse.move(*spot(figure, box))
    page.wait_for_timeout(300)
    assert page.locator("[data-value], [data-card]").count() == 0
    assert not figure.locator("video").evaluate("v => v.paused"), "pointing pauses nothing"
    inspect(page)
    assert is_still(figure, 400)
    video = figure.locator("video")
    assert video.evaluate("v => [v.currentTime, getComputedStyle(v).opacity]") == [0, "0"], (
        "the still is seen"
    )
    button(figure).click()
    assert page.locator("[data-value], [data-card]").count() == 0
    assert plays(figure)
    assert video.evaluate("v => getComputedStyle(v).opacity") == "1"


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360), ("dark", 1280)])
def test_axe_finds_nothing_with_an_open_card(
    scheme: str, width: int, open_page: Open, answering: Path
) -> None:
    window = {"width": width, "height": 740}
    page = open_page((answering / "index.html").as_uri(), color_scheme=scheme, viewport=window)
    figure = inspect(page)
    page.mouse.click(*spot(figure, next(marked(told(answering, shape="narrow" if width == 360 else "")))[1]))
    card(figure).get_by_role("button", name="Where else?").click()
    assert_accessible(page)
    expect(card(figure)).to_be_visible()


def test_where_else_marks_the_same_recorded_value(open_page: Open, answering: Path) -> None:
    page = open_page((answering / "index.html").as_uri())
    figure, other = inspect(page), page.locator(FIGURE)
    shown, there = told(answering), told(answering, "f01")
    origins = [value["from"] for value in there if {"box", "boxes"} & set(value)]
    value, box, _ = next(each for each in marked(shown) if each[0]["from"] in origins)
    page.mouse.click(*spot(figure, box))
    card(figure).get_by_role("button", name="Where else?").click()
    same = [each["said"] for each, _, _ in marked(there) if each["from"] == value["from"]]
    found = other.locator("[data-value].same").evaluate_all(
        "all => all.map(m => m.getAttribute('aria-label'))"
    )
    assert sorted(found) == sorted(same)
    card(figure).get_by_role("link", name="f01").click()
    expect(card(other).locator(".said")).to_have_text(same[0])
    expect(card(other)).to_be_in_viewport()
    expect(page.locator(":focus")).to_have_attribute("aria-label", same[0])
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(other.get_by_role("button", name="Inspect")).to_be_focused()

    only = next(
        (each, box)
        for each, box, _ in marked(shown)
        if each["from"]["sources"][0]["tensor"] == "generation/top_probabilities"
    )
    figure = loop(page, LOOP)
    page.mouse.click(*spot(figure, only[1]))
    expect(card(figure).locator(".said")).to_have_text(only[0]["said"])
    expect(card(figure).get_by_role("button", name="Where else?")).to_be_hidden()


@pytest.mark.parametrize("clipboard", [True, False])
def test_a_value_is_copied_with_its_source(clipboard: bool, open_page: Open, answering: Path) -> None:
    page = open_page("about:blank", permissions=["clipboard-read", "clipboard-write"] if clipboard else [])
    if not clipboard:
        page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto((answering / "index.html").as_uri())
    page.evaluate("document.addEventListener('copy', () => { window.copied = document.activeElement.value })")
    figure = inspect(page)
    values = [each for each in marked(told(answering)) if each[0]["form"] == "percent"]
    value, box, _ = values[0]
    page.mouse.click(*spot(figure, box))
    copy = card(figure).get_by_role("button", name="Copy")
    copy.click()
    expect(card(figure).get_by_role("button", name="Copied")).to_be_focused()
    expect(figure.get_by_role("status")).to_have_text("Copied")
    text = page.evaluate("navigator.clipboard.readText()" if clipboard else "window.copied")
    raw, _, source = text.partition(" · ")
    assert float(raw) == value["value"]
    assert source.startswith(value["from"]["sources"][0]["tensor"])


def test_marks_follow_the_window(open_page: Open, answering: Path, errors: list[str]) -> None:
    """The narrow cut has other places; each mark stands on its value to the pixel."""
    with site.served(answering, site.STRICT) as server:
        page = open_page("about:blank")
        page.add_init_script(
            "window.refused = []; document.addEventListener('securitypolicyviolation',"
            " e => refused.push(e.violatedDirective + ' ' + e.blockedURI))"
        )
        page.goto(f"{server}/index.html")
        figure = inspect(page)
        for shape, window in (
            ("", {"width": 1280, "height": 800}),
            ("narrow", {"width": 360, "height": 740}),
        ):
            page.set_viewport_size({"width": window["width"], "height": window["height"]})
            page.wait_for_timeout(200)
            expected = sorted(spot(figure, box) for _, box, _ in marked(told(answering, shape=shape)))
            middles = figure.locator("[data-value]").evaluate_all(
                """all => all.map(mark => mark.getBoundingClientRect()).map(
                ({ x, y, width, height }) => [x + width / 2, y + height / 2])"""
            )
            found = sorted(map(tuple, middles))
            assert len(found) == len(expected)
            # cells of a run may be off by a ten-thousandth of the frame
            for one, other in zip(sorted(found), expected, strict=True):
                assert one == pytest.approx(other, abs=1.2)
        assert page.evaluate("refused") == []
        assert errors == []


def test_without_a_script_there_is_a_table(open_page: Open, answering: Path) -> None:
    page = open_page((answering / "index.html").as_uri(), java_script_enabled=False)
    figure = page.locator(LOOP)
    assert not figure.locator("[data-inspect]").is_visible()
    figure.get_by_text("All values and their sources").click()
    rows = [row.split("\t") for row in figure.locator("tbody tr").all_inner_texts()]
    values = told(answering)
    assert [row[0] for row in rows] == [value["said"] for value in values], (
        "in reading order, unseen ones last"
    )
    assert all(len(row) == 3 and all(row) for row in rows)
    assert figure.get_by_role("link", name="JSON file").is_visible()


def test_a_sentence_that_tries_to_get_out_stays_text(
    open_page: Open, answering: Path, errors: list[str], tmp_path: Path
) -> None:
    folder = site.copy(answering, tmp_path)
    site.answer(folder, site.HOSTILE)
    page = open_page(write_page(folder, "en", force=True).as_uri())
    figure = inspect(page)
    value, box, _ = next(marked(told(folder)))
    page.mouse.click(*spot(figure, box))
    shown = card(figure).locator(".said").evaluate("p => p.textContent")
    assert shown == site.printable(value["said"]).strip()
    assert page.locator("traced-loop script, [data-card] :not(p, span, button, svg, path)").count() == 0
    assert page.title() != "stolen"
    assert errors == []


def test_a_notebook_answers_too(open_page: Open, answering: Path, errors: list[str]) -> None:
    page = open_page("about:blank")
    page.set_content(f"<!doctype html><title>x</title><main>{standalone(answering)['04']}</main>")
    figure = page.locator("traced-loop")
    figure.get_by_role("button", name="Inspect").click()
    value, box, _ = next(marked(told(answering)))
    page.mouse.move(*spot(figure, box))
    expect(card(figure).locator(".said")).to_have_text(value["said"])
    assert errors == []


def test_files_of_before_have_a_table_and_no_marks(cuts: Path, tmp_path: Path) -> None:
    folder = site.copy(cuts, tmp_path)
    site.answer(folder)
    for file in folder.rglob(f"{entry('04').stem}.json"):
        before = json.loads(file.read_text(encoding="utf-8"))
        for value in before["values"]:
            for key in ("said", "box", "boxes", "cells"):
                value.pop(key, None)
        file.write_text(json.dumps({**before, "schema_version": 2}))
    html = write_page(folder, "en", force=True).read_text(encoding="utf-8")
    assert html.count("<table") == 2
    assert html.count("data-inspect") == 1, "the figure's alone"


def test_the_values_of_all_pictures_are_light(tmp_path: Path) -> None:
    """As many as the default texts have, in two shapes, with numbers that do not repeat."""
    chance = random.Random(1)
    for each in DEFAULTS:
        values = [
            {
                "path": f"steps[{place // 5}].candidates[{place % 5}].probability",
                "value": chance.random(),
                "form": "percent",
                "from": {
                    "sources": [{"tensor": "generation/top_probabilities", "index": [place // 5, place % 5]}],
                    "formula": "value",
                },
            }
            for place in range(45)
        ]
        values += [
            {
                "path": f"updates[{place}]",
                "value": [chance.gauss(0, 1) for _ in range(30)],
                "form": "colour",
                "from": {
                    "sources": [{"tensor": "generation/resid_pre", "index": [place]}],
                    "formula": "mean",
                },
            }
            for place in range(7)
        ]
        outputs.put(each, picture(each.number, values=values, facts={}), tmp_path)
    complete({tmp_path: list(DEFAULTS)}, [])
    site.answer(tmp_path, ", after token 5, 1st of 49,152")
    html = write_page(tmp_path, "en").read_text(encoding="utf-8")
    without = re.sub("<table.*?</table>", "", html, flags=re.DOTALL)
    sizes = [len(gzip.compress(text.encode(), mtime=0)) for text in (html, without)]
    assert sizes[0] - sizes[1] <= 40_000, sizes

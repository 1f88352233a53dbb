"""The whole set of one prompt, made by one command: it is all there, and goes where it is meant to."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import av
import imageio.v3 as iio
import jsonschema
import pytest

from scenes.catalogue import DEFAULTS
from scenes.wording import Wording
from tests.command import DRAFT, run
from tests.conftest import Open
from tests.loops import frames
from tests.traced_loops.article import site
from tests.traced_loops.article.audit import assert_accessible
from traced_loops import rendering

PROMPT = "Größe ist"
LOOPS = [entry for entry in DEFAULTS if not entry.is_figure]
SCHEMAS = Path(rendering.__file__).parent

# the files that the article of 2020 shows, by their names there
VIDEOS = (
    "01-gpt3-language-model-overview",
    "02-gpt3-training-language-model",
    "03-gpt3-training-step-back-prop",
    "04-gpt3-generate-tokens-output",
    "05-gpt3-generate-output-context-window",
    "06-gpt3-embedding",
    "07-gpt3-processing-transformer-blocks",
    "08-gpt3-tokens-transformer-blocks",
    "09-gpt3-generating-react-code-example",
    "10-gpt3-fine-tuning",
)
IMAGES = ("gpt3-training-examples-sliding-window", "gpt3-parameters-weights")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a whole run."""
    folder = tmp_path_factory.mktemp("made")
    done = run("--prompt", PROMPT, "--output", folder, *DRAFT)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def german(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same in German."""
    folder = tmp_path_factory.mktemp("german")
    done = run("--prompt", PROMPT, "--language", "de", "--shape", "wide", "--output", folder, *DRAFT)
    assert done.returncode == 0, done.stderr
    return folder


def provenance(made: Path, stem: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads((made / f"{stem}.json").read_text(encoding="utf-8"))
    return told


def test_a_prompt_becomes_the_loops_and_a_second_run_draws_nothing(made: Path) -> None:
    for entry in LOOPS:
        said = json.loads((made / f"{entry.stem}.json").read_text(encoding="utf-8"))
        if entry.needs == "text":
            assert said["recording"]["generation"]["prompt"] == PROMPT
        if entry.needs == "training":
            assert said["recording"]["training"]["text"].startswith(PROMPT)
        assert said["recording"]["model"]["name"] == "SmolLM2-135M-Instruct"
        assert frames(made / f"{entry.stem}.webm")
        assert (made / "narrow" / f"{entry.stem}.webm").is_file()
    for stem in IMAGES:
        assert iio.imread(made / f"{stem}.png").shape == (1080, 1920, 3)
        svg = ElementTree.parse(made / f"{stem}.svg").getroot()
        assert len(list(svg.iter("{http://www.w3.org/2000/svg}path"))) > 50
    loops = json.loads((made / "manifest.json").read_text(encoding="utf-8"))["loops"]
    assert [loop["loop"] for loop in loops] == [entry.number for entry in LOOPS]
    page = (made / "index.html").read_text(encoding="utf-8")
    assert PROMPT in page
    assert all(f"{loop['video']}" in page for loop in loops)
    before = {file: file.stat().st_mtime_ns for file in made.glob("*.webm")}
    again = run("--prompt", PROMPT, "--output", made, *DRAFT)
    assert again.returncode == 0
    assert "already there" in again.stdout
    assert before == {file: file.stat().st_mtime_ns for file in made.glob("*.webm")}


def test_a_page_of_2020_plays_the_files_unchanged(
    made: Path, open_page: Open, errors: list[str], tmp_path: Path
) -> None:
    """The same names, tags and looping script as that article has, and nothing else."""
    place = "/images/how-gpt3-works"
    tags = [f'<video id="video-{stem[:2]}" src="{place}/{stem}.webm" autoplay></video>' for stem in VIDEOS]
    tags += [f'<img src="{place}/{stem}.png" alt="">' for stem in IMAGES]
    script = """
        let videos = [...Array(10).keys()].map(n => "video-" + String(n + 1).padStart(2, "0"))
        for (let v of videos) { document.getElementById(v).addEventListener('ended', looper, false); }
        function looper(e) { setTimeout(function () { document.getElementById(e.target.id).play(); }, 2000); }
    """
    head = '<!doctype html><meta charset="utf-8"><title>x</title><link rel="icon" href="data:,">'
    html = f"{head}{''.join(tags)}<script>{script}</script>"
    (tmp_path / "index.html").write_text(html, encoding="utf-8")
    (tmp_path / place[1:]).parent.mkdir()
    (tmp_path / place[1:]).symlink_to(made)
    with site.served(tmp_path) as server:
        page = open_page(f"{server}/index.html")
        for video in page.locator("video").all():
            video.evaluate(
                "v => { v.again = 0; v.addEventListener('playing', () => { v.again += v.ended_once || 0 });"
                " v.addEventListener('ended', () => { v.ended_once = 1 }); v.playbackRate = 8; v.play() }"
            )
        page.wait_for_function(
            "() => [...document.querySelectorAll('video')].every(v => v.again > 0 && v.currentTime > 0)",
            timeout=60_000,
        )
        sizes = page.locator("img").evaluate_all("all => all.map(i => [i.naturalWidth, i.naturalHeight])")
        assert sizes == [[1920, 1080]] * 2
        assert errors == []


@pytest.mark.parametrize("width", [320, 1280])
def test_the_whole_page_is_for_every_reader(width: int, made: Path, open_page: Open) -> None:
    page = open_page((made / "index.html").as_uri(), viewport={"width": width, "height": 800})
    assert page.locator("traced-loop").count() == len(VIDEOS) + len(IMAGES)
    assert_accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("stem", [*VIDEOS, *IMAGES])
def test_the_provenance_is_what_its_schema_says(stem: str, made: Path) -> None:
    schema = json.loads((SCHEMAS / "provenance.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(provenance(made, stem), schema, jsonschema.Draft202012Validator)


def test_the_manifest_is_what_its_schema_says(made: Path) -> None:
    schema = json.loads((SCHEMAS / "manifest.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(schema)
    manifest = json.loads((made / "manifest.json").read_text(encoding="utf-8"))
    jsonschema.validate(manifest, schema, jsonschema.Draft202012Validator)
    assert {item["provenance"] for item in (*manifest["loops"], *manifest["figures"])} == {
        f"{stem}.json" for stem in (*VIDEOS, *IMAGES)
    }


@pytest.mark.parametrize("stem", VIDEOS)
def test_a_videos_tags_are_its_provenances(stem: str, made: Path) -> None:
    said = provenance(made, stem)
    with av.open(str(made / f"{stem}.webm")) as video:
        tags = {name.lower(): value for name, value in video.metadata.items()}
    assert set(tags) == {"title", "language", "model", "prompt", "encoder"}
    assert said["tags"] == {name: value for name, value in tags.items() if name != "encoder"}
    assert tags["language"] == said["language"]
    assert tags["title"] == said["idea"]


@pytest.mark.parametrize("stem", [*VIDEOS, *IMAGES])
@pytest.mark.parametrize("folder", ["made", pytest.param("german", marks=pytest.mark.full)])
def test_a_transcript_and_the_values_beside_it_are_the_same(
    folder: str, stem: str, request: pytest.FixtureRequest
) -> None:
    """Every number of the words is a value of the file, a place or a count there, and every value is told."""
    said = provenance(request.getfixturevalue(folder), stem)
    told = numbers_told(said)
    printed = {value["printed"] for value in said["values"] if value["form"] != "text" and "printed" in value}
    values = {number for text in printed for number in numbers(text)}
    assert values <= set(told)
    others = {int(number) for number in told if number not in values}
    assert others <= set(places_and_counts(said))


def numbers_told(said: dict[str, Any]) -> list[str]:
    """The numbers of a transcript, but those within a quoted text or a model's name."""
    told = said["transcript"]
    text = " ".join([told["paragraph"], *(step["text"] for step in told["steps"])])
    text = re.sub("[“„][^“”„]*[”“]", "", text)
    for name in (Wording(said["language"]).model(said["recording"]["model"]["label"]), said["subject"]):
        text = text.replace(name, "")
    return numbers(text)


def numbers(text: str) -> list[str]:
    return re.findall(r"\d+(?:[.,]\d+)*", text)


def places_and_counts(said: dict[str, Any]) -> Iterator[int]:
    """What may be counted in the file: items of the picture, and places in the tensors."""
    yield 0  # the middle of a scale of colours
    for value in said["values"]:
        yield from (int(place) + 1 for place in re.findall(r"\[(\d+)\]", value["path"]))
        for source in value.get("from", {}).get("sources", ()):
            for index in source["index"]:
                yield len(index) if isinstance(index, list) else index + 1

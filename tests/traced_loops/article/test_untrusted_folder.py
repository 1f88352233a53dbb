"""A folder from anybody: its page, or one line that says what is wrong; nothing outside is touched."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.command import run
from tests.folders import NUMBERS, fill, held, list_anew, listed, picture, sha256
from tests.loops import entry
from traced_loops import rendering
from traced_loops.article.hosts import HOSTS, write_for
from traced_loops.article.page import PageError, write_page
from traced_loops.rendering import outputs
from traced_loops.rendering.jobs import Job
from traced_loops.storage import manifest_schema
from traced_loops.storage.addresses import OutputError

STEM = entry("02").stem
SECRET = b"nobody else's business"
OUTSIDE = (
    "../secret.png",
    "../../x",
    "/etc/passwd",
    "sub/../../secret.png",
    "..",
    ".",
    "",
    "a\\b",
    "a\0b",
    "a\n",
)
ANYTHING: tuple[Any, ...] = (
    None, True, -1, 0, 1.5, 2**70, 1e308, float("nan"), "", "x", "../../x", "\ud800", "x" * 10**5, [], [1],
    {}, {"x": 1}, "tlh", "en\n", "<b>", "light", "02", "f99",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished folder, beside it a file that is nobody else's business."""
    (tmp_path / "secret.png").write_bytes(SECRET)
    finished = fill(tmp_path / "out", page=True)
    for number in ("02", "04"):
        (finished / f"{entry(number).stem}.webp").write_bytes(b"moves")
    return finished


def set_at(said: Any, path: Sequence[Any], value: Any) -> None:
    *way, last = path
    for part in way:
        said = said[part]
    said[last] = value


def paths(said: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value."""
    parts = said.items() if isinstance(said, dict) else enumerate(said) if isinstance(said, list) else ()
    for part, inner in parts:
        yield (*way, part)
        yield from paths(inner, (*way, part))


def assert_contained(folder: Path) -> None:
    """A page for every place, or one line each; the folder's surroundings are as they were."""
    for host in ("html", *HOSTS):
        try:
            write_for(host, folder, force=True)
        except (PageError, OutputError) as error:
            assert "\n" not in str(error)
            assert len(str(error)) < 2000
    everything = held(folder.parent)
    assert SECRET not in [content for name, content in everything.items() if name != "secret.png"]
    assert {name.partition("/")[0] for name in everything} == {"secret.png", folder.name}
    assert everything["secret.png"] == SECRET


NAMES = (
    ("loops", 0, "video"),
    ("loops", 0, "still"),
    ("loops", 0, "descriptions"),
    ("loops", 0, "provenance"),
    ("figures", 0, "image"),
    ("figures", 0, "vectors"),
    ("figures", 0, "provenance"),
)


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("path", NAMES)
def test_a_name_that_leads_out_of_the_folder_is_refused_with_its_key(
    path: tuple[Any, ...], name: str, folder: Path
) -> None:
    manifest = listed(folder)
    set_at(manifest, path, name)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    before = held(folder.parent)
    for host in ("html", *HOSTS):
        with pytest.raises(PageError, match=r"manifest\.json is not a manifest ") as refused:
            write_for(host, folder, force=True)
        assert ".".join(map(str, path)) in str(refused.value)
        assert "\n" not in str(refused.value)
    assert held(folder.parent) == before


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("loops", 0, "language"), "tlh", "loops.0.language"),
        (("loops", 0, "language"), "../de", "loops.0.language"),
        (("loops", 1, "language"), 7, "loops.1.language"),
        (("loops", 0, "theme"), "neon", "loops.0.theme"),
        (("loops", 0, "loop"), "77", "loops.0"),
        (("loops", 0, "loop"), "7", "loops.0.loop"),
        (("loops", 0, "loop"), "04", "twice"),
        (("figures", 0, "figure"), "f77", "figures.0"),
        (("loops", 0, "size"), [16], "loops.0.size"),
        (("loops", 0, "size", 1), "9", "loops.0.size.1"),
        (("loops", 0, "seconds"), "2", "loops.0.seconds"),
        (("loops", 0, "media"), {"../x": "0" * 64, "y": "0" * 64}, "loops.0.media"),
        (("loops", 0, "media"), [], "loops.0.media"),
        (("loops", 0, "script"), "<b>", "loops.0.script"),
        (("files", "../x"), "0" * 64, "files"),
        (("schema_version"), 3, "schema_version"),
        (("loops",), {}, "loops"),
    ],
)
def test_what_is_wrong_with_a_manifest_is_named(
    path: tuple[Any, ...], value: Any, says: str, folder: Path
) -> None:
    manifest = listed(folder)
    set_at(manifest, [path] if isinstance(path, str) else path, value)
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(PageError) as refused:
        write_page(folder)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("key", ["theme", "language", "still", "provenance", "size", "media", "loop"])
def test_a_missing_key_is_named(key: str, folder: Path) -> None:
    manifest = listed(folder)
    del manifest["loops"][1][key]
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(PageError, match=rf"loops\.1\.{key} is missing"):
        write_page(folder)


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("recording", "model"), "SmolLM2", "recording.model"),
        (("recording",), {}, "lacks recording.model"),
        (("recording", "model", "label"), ["x"], "recording.model.label"),
        (("recording", "model", "layers"), "2", "recording.model.layers"),
        (("recording", "generation", "prompt"), 7, "recording.generation.prompt"),
        (("recording",), None, "recording"),
        (("transcript", "steps"), "s", "transcript.steps"),
        (("transcript", "steps", 0, "start"), float("inf"), "transcript.steps.0.start"),
        (("values", 0, "value"), "many", "values.0"),
        (("values", 0, "fact"), "elsewhere", "facts lacks"),
        (("facts",), [], "facts"),
        (("subject",), {"a": 1}, "subject"),
        (("loop",), "04", "is of loop 04, not 02"),
        (("media",), {"../x": "0" * 64, "y": "0" * 64}, "media"),
        (("media",), {"x": "0" * 64, "y": "0" * 64}, "media"),
        (("schema_version",), 4, "schema_version"),
        (("schema_version",), 3, "a value lacks said"),
        (("values", 0, "said"), "", "values.0.said"),
        (("values", 0, "said"), "x" * 10_001, "values.0.said"),
        (("values", 0, "value"), float("inf"), "values.0.value"),
        (("values", 0, "value"), True, "values.0.value"),
        (("values", 0, "value"), [1, "2"], "values.0.value"),
        (("values", 0, "from"), {"sources": [], "formula": "value"}, "values.0.from.sources"),
        (("values", 0, "from"), {"sources": [{"tensor": "q", "index": [-1]}], "formula": "value"}, "index.0"),
        (("values", 0, "box"), [0, 0, 1], "values.0.box"),
        (("values", 0, "box"), [0, 0, 1, -0.1], "values.0.box.3"),
        (("values", 0, "box"), [0, 0, 1, 1.5], "values.0.box.3"),
        (("values", 0, "box"), [0, 0, 1, float("nan")], "values.0.box.3"),
        (("values", 0, "box"), [0.5, 0, 0.6, 1], "out of the frame"),
        (("values", 0, "box"), [0, 0, True, 1], "values.0.box.2"),
        (("values", 0, "boxes"), [[0, 0, 1, 1]] * 101, "values.0.boxes"),
        (("values", 0, "cells"), [[0, 0, 1, 1]], "cells are not one for each number"),
        (("values",), [{"path": "a", "value": 1}] * 10_001, "values"),
    ],
)
def test_what_is_wrong_with_a_provenance_file_is_named(
    path: tuple[Any, ...], value: Any, says: str, folder: Path
) -> None:
    file = folder / f"{STEM}.json"
    said = json.loads(file.read_bytes())
    set_at(said, path, value)
    file.write_text(json.dumps(said))
    with pytest.raises(PageError, match=STEM) as refused:
        write_page(folder)
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("text", ["", "{", "[" * 10**5, "null", '"x"', "\0", "\udcff", "1" * 5000])
@pytest.mark.parametrize("name", ["manifest.json", f"{STEM}.json"])
def test_what_is_no_json_is_one_line(text: str, name: str, folder: Path) -> None:
    (folder / name).write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(PageError, match=name) as refused:
        write_page(folder)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "name", ["manifest.json", f"{STEM}.json", f"{STEM}.png", f"{STEM}.webm", f"{STEM}.vtt"]
)
def test_a_link_out_of_the_folder_is_not_followed(name: str, folder: Path) -> None:
    (folder / name).rename(folder.parent / "moved")
    (folder / name).symlink_to("../moved")
    with pytest.raises(PageError, match=name):
        write_for("hugo", folder)
    assert not (folder / "hugo").exists()
    (folder / name).unlink()
    (folder / name).symlink_to("/dev/zero")
    with pytest.raises(PageError, match=name):
        write_page(folder, force=True)


def test_the_other_theme_is_not_looked_for_outside(folder: Path) -> None:
    fill(folder.parent / "elsewhere", theme="dark")
    (folder / "dark").symlink_to("../elsewhere")
    with pytest.raises(PageError, match="dark leads out of"):
        write_page(folder)


def test_a_provenance_file_makes_no_run_read_or_write_elsewhere(folder: Path) -> None:
    """A run takes what it finds of a picture to be kept: its media could be anywhere."""
    job = Job(entry("02"), "{}", "light", "en", rendering.jobs.Quality(16, 9, 5))
    said = json.loads(picture("02")[f"{STEM}.json"])
    said["made_of"]["picture"] = job.digest
    for name in ("../secret.png", f"{STEM}.x/../../secret.png", str(folder.parent / "secret.png")):
        said["media"] = {name: sha256(SECRET), f"{STEM}.png": sha256(b"png of one")}
        (folder / f"{STEM}.json").write_text(json.dumps(said))
        assert outputs.kept(job, folder) is None
        assert not outputs.is_current(job, folder)
    said["media"] = {f"{STEM}.{ending}": sha256(f"{ending} of one".encode()) for ending in ("png", "webm")}
    (folder / f"{STEM}.json").write_text(json.dumps(said))
    assert outputs.kept(job, folder) is not None


def test_the_command_says_it_in_one_line(folder: Path) -> None:
    manifest = listed(folder)
    manifest["loops"][0]["still"] = "/etc/passwd"
    (folder / "manifest.json").write_text(json.dumps(manifest))
    before = held(folder.parent)
    done = run("page", "--host", "hugo", "--output", folder)
    assert done.returncode == 2
    assert done.stderr.startswith("error: ") and len(done.stderr.splitlines()) == 1
    assert "loops.0.still" in done.stderr
    assert held(folder.parent) == before


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_mutation_gets_out(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = tmp_path_factory.mktemp("fuzz")
    (place / "secret.png").write_bytes(SECRET)
    folder = fill(place / "out")
    name = data.draw(
        st.sampled_from(["manifest.json", *(f"{entry(number).stem}.json" for number in NUMBERS)])
    )
    said = json.loads((folder / name).read_bytes())
    for _ in range(data.draw(st.integers(1, 3))):
        where = list(paths(said))
        if not where:
            break
        path = data.draw(st.sampled_from(where))
        value = data.draw(st.sampled_from([*ANYTHING, *OUTSIDE]) | st.text(max_size=20) | st.just("GONE"))
        if value == "GONE":
            *way, last = path
            inner = said
            for part in way:
                inner = inner[part]
            del inner[last]
        else:
            set_at(said, path, copy.deepcopy(value))
    (folder / name).write_text(json.dumps(said))
    assert_contained(folder)


def test_the_schema_that_is_published_is_the_one_that_is_checked(folder: Path) -> None:
    """Written anew by: python -m rendering.schema > traced_loops/rendering/manifest.schema.json"""
    file = Path(rendering.__file__).parent / "manifest.schema.json"
    published = json.loads(file.read_text(encoding="utf-8"))
    assert published == manifest_schema.json_schema()
    jsonschema.validate(listed(folder), published, jsonschema.Draft202012Validator)
    for number in ("01", "99"):
        manifest = listed(folder)
        manifest["loops"][0]["loop"] = number
        jsonschema.validate(manifest, published, jsonschema.Draft202012Validator)
    for path in NAMES:
        manifest = listed(folder)
        set_at(manifest, path, "../x")
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(manifest, published, jsonschema.Draft202012Validator)


def test_what_is_right_is_a_page_for_every_place(folder: Path) -> None:
    assert_contained(folder)
    for number in NUMBERS:
        assert entry(number).stem in (folder / "index.html").read_text()
    assert (folder / "markdown" / "loops.md").is_file()
    list_anew(folder, listed(folder))
    assert "theme" in listed(folder)["loops"][0]

"""A loop is a folder: one that is put under ``scenes/`` is there everywhere, and no other file changes."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.command import DRAFT, ROOT, copied, run
from tests.loops import frames
from traced_loops import rendering

SAMPLE = ROOT / "tests" / "sample_loop"
ICON = "loops.svg"  # the page's
STEM = "77-first-token"
# Prints the digest of what the sample is drawn with.
DIGEST = "from traced_loops import code_digest as c; print(c.drawing_digest('scenes.s77_sample.scene'))"


def python(program: Path, *arguments: str) -> str:
    """What a Python process prints in the folder of this program."""
    command = [sys.executable, *arguments]
    done = subprocess.run(command, cwd=program, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program and its tests, with the sample among its loops."""
    program = copied(tmp_path_factory.mktemp("new") / "program")
    left_out = shutil.ignore_patterns("__pycache__", "from_0_1")
    shutil.copytree(ROOT / "tests", program / "tests", ignore=left_out)
    shutil.copytree(SAMPLE, program / "scenes" / "s77_sample", ignore=left_out)
    return program


@pytest.fixture(scope="module")
def made(program: Path, kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sample and a figure, drawn in a second theme too, and their page."""
    folder = tmp_path_factory.mktemp("made")
    there = {"program": program, "cwd": program}
    drawn = run("videos", "77", "f01", "--trace", kept, "--output", folder, *DRAFT, **there)
    assert drawn.returncode == 0, drawn.stderr
    page = run("page", "--output", folder, **there)
    assert page.returncode == 0, page.stderr
    return folder


def test_it_is_listed(program: Path) -> None:
    listed = run("list", program=program, cwd=program).stdout
    assert f"77  {STEM}.webm\n    After the prompt, each token has a probability.\n" in listed


def test_its_text_is_among_the_default_ones(program: Path) -> None:
    assert '[77]\nprompt = "Once upon a"\n' in run("texts", program=program, cwd=program).stdout


def test_it_is_drawn_and_put_into_words(made: Path) -> None:
    shown = frames(made / f"{STEM}.webm")
    assert len(shown) >= 30
    assert any((one != shown[0]).any() for one in shown)
    assert "gives “" in (made / f"{STEM}.vtt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["manifest", STEM])
def test_its_files_are_what_the_schemas_say(name: str, made: Path) -> None:
    schema = f"{'manifest' if name == 'manifest' else 'provenance'}.schema.json"
    published = json.loads(Path(rendering.__file__).with_name(schema).read_text(encoding="utf-8"))
    written = json.loads((made / f"{name}.json").read_text(encoding="utf-8"))
    jsonschema.validate(written, published, jsonschema.Draft202012Validator)


def test_it_has_its_place_on_the_page(made: Path) -> None:
    _, page = (made / "index.html").read_text(encoding="utf-8").split("<body")
    words = (
        "A single sentence makes many such examples.",  # of the figure, which stands before it
        "The first token</h2>",
        "A prompt goes in, and one token comes out.",
        f"{STEM}.webm",
        "The first token with its probability.",
    )
    places = [page.find(each) for each in words]
    assert -1 not in places
    assert places == sorted(places)


def test_a_change_of_any_module_of_it_draws_it_again(program: Path) -> None:
    before = python(program, "-c", DIGEST)
    content = program / "scenes" / "s77_sample" / "content.py"
    with content.open("a", encoding="utf-8") as file:
        file.write("# Changed.\n")
    assert python(program, "-c", DIGEST) != before


def test_its_words_go_to_the_translators(program: Path) -> None:
    python(program, "-m", "scenes.wording.catalogues")
    for name in ("loops.pot", "de/LC_MESSAGES/loops.po"):
        catalogue = (program / "scenes" / "wording" / name).read_text(encoding="utf-8")
        assert 'msgid "After the prompt, each token has a probability."' in catalogue
        assert 'msgid "{model} gives {token} as the next token."' in catalogue
        assert 'msgid "A prompt goes in, and one token comes out."' in catalogue


def test_the_tests_that_go_over_the_catalogue_take_it(program: Path) -> None:
    tests = ("scenes", "test_texts.py", "traced_loops/rendering")
    collected = python(
        program, "-m", "pytest", "--collect-only", "-q", "-n", "0", *(f"tests/{test}" for test in tests)
    )
    covering = {line.partition("::")[0] for line in collected.splitlines() if "[77" in line}
    names = ("any_prompt", "contrast", "layout", "perturbation", "provenance", "subject", "transcripts")
    assert covering >= {f"tests/scenes/test_{name}.py" for name in names}


def test_an_extra_is_made_when_it_is_asked_for(kept: Path, tmp_path: Path) -> None:
    """In a catalogue of one figure and one extra, so that all of it is soon drawn."""
    program = copied(tmp_path / "program")
    for folder in (program / "scenes").glob("[sf][0-9][0-9]_*"):
        if folder.name != "f01_sliding_window":
            shutil.rmtree(folder)
    extra = Path(shutil.copytree(SAMPLE, program / "scenes" / "s77_sample"))
    entry = extra / "__init__.py"
    entry.write_text(entry.read_text(encoding="utf-8").replace('number="77"', 'number="77", extra=True'))

    def made(*arguments: str) -> set[str]:
        folder = tmp_path / "-".join(arguments)
        options = ("--trace", kept, "--output", folder, *DRAFT)
        done = run(*arguments, *options, program=program, cwd=program)
        assert done.returncode == 0, done.stderr
        return {
            file.name for file in folder.iterdir() if file.suffix in (".webm", ".svg") and file.name != ICON
        }

    figure = "gpt3-training-examples-sliding-window.svg"
    assert f"{STEM}.webm (extra)" in run("list", program=program, cwd=program).stdout
    assert made("all") == {figure}
    assert made("all", "--extras") == {figure, f"{STEM}.webm"}
    assert made("videos", "77") == {f"{STEM}.webm"}

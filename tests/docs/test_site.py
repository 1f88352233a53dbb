"""The documentation as a reader meets it: built without a warning, complete, and readable everywhere."""

from __future__ import annotations

import re
import shlex
from html import unescape
from pathlib import Path

import pytest

from docs import build, gallery, generated
from scenes.catalogue import CATALOGUE
from tests.command import run
from tests.conftest import Open
from tests.traced_loops.article.audit import assert_accessible
from traced_loops.cli.commands import app

ROOT = Path(__file__).parents[2]
PAGES = ("index", "guides/embedding")


def read(page: Path) -> str:
    """The page's text."""
    return unescape(re.sub(r"<[^>]+>", "", page.read_text(encoding="utf-8")))


def test_it_builds_without_a_warning_and_says_that_it_shows_drafts(site: Path) -> None:
    gallery = (site / "gallery.html").read_text(encoding="utf-8")
    assert gallery.count("<traced-loop ") == len(build.DRAFTS)
    assert "make gallery" in read(site / "gallery.html")


def test_the_gallery_shows_every_loop_there_is(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "manifest.json").write_text("{}")
    text = generated.gallery(tmp_path)
    called = re.findall(r"^:::\{traced-loop\} (\w+)\n:::", text, re.MULTILINE)
    assert sorted(called) == sorted(entry.number for entry in CATALOGUE)
    assert text.count(":folder: prompts/") == 2 * len(gallery.PROMPTS)


def test_a_link_that_leads_nowhere_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text(
        '<a href="b.html#x">b</a><a href="c.html">c</a><img src="d.png"><a href="#e">'
    )
    (tmp_path / "b.html").write_text('<p id="y">')
    (tmp_path / "c.html").write_text("")
    assert [link.split()[1] for link in build.broken_links(tmp_path)] == ["#e", "b.html#x", "d.png"]


def test_every_command_and_option_is_in_the_reference(site: Path) -> None:
    text = read(site / "reference" / "commands.html")
    sections = {command.name: command for command in generated.read_commands()}
    for name in app:
        if name in ("--help", "-h", "--version"):
            continue
        described = " ".join(option.name for option in sections[name].options)
        for argument in app[name].assemble_argument_collection():
            if argument.parse and not argument.children:
                assert argument.name in described, (name, argument.name)
                assert argument.name in text, argument.name


def test_every_tensor_has_its_shape_and_meaning(site: Path) -> None:
    page = (site / "reference" / "trace.html").read_text(encoding="utf-8")
    known = generated.read_tensors()
    assert sum(map(len, known.values())) == page.count("<tr") - len(known)
    assert [part for part in known if f"{part}/" not in page] == []


def test_every_key_of_the_provenance_that_holds_a_text_or_number_is_explained() -> None:
    """Of what has a table of its own, or holds others, its name says enough."""
    row = r"^\| `([\w.\[\]]+)` \| (.+?) \| (?:yes)? *\| *(.*?) *\|$"
    rows = re.findall(row, generated.schema("provenance"), re.MULTILINE)
    plain = [(key, what) for key, kind, what in rows if re.match("(string|integer|number|boolean)\\b", kind)]
    assert len(plain) > 30
    assert [key for key, what in plain if not what] == []


def test_the_start_pages_lead_to_what_they_say(tmp_path: Path) -> None:
    """Its commands are typed as they stand there, but for those that install or make everything."""
    text = (ROOT / "docs" / "start.md").read_text(encoding="utf-8")
    typed = re.findall(r"^traced-loops ((?:videos|page) .+)$", text, re.MULTILINE)
    commands = [shlex.split(line) for line in typed]
    assert [command[0] for command in commands] == ["videos", "page"]
    for command in commands:
        done = run(*command, cwd=tmp_path)
        assert done.returncode == 0, done.stderr
    named = re.findall(r"^\| `([\w.-]+)` \|", text, re.MULTILINE)
    assert len(named) == 6
    assert [name for name in (*named, "index.html") if not (tmp_path / "france" / name).is_file()] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("width", [360, 1280])
def test_a_page_is_accessible_and_fits_a_phone(
    page: str, width: int, address: str, open_page: Open, errors: list[str]
) -> None:
    scheme = "dark" if width == 360 else "light"
    opened = open_page(
        f"{address}/{page}.html", viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    assert_accessible(opened)
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert errors == []

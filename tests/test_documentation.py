"""What README and docs/ tell people to type exists, and their links lead somewhere."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from traced_loops.cli import commands
from traced_loops.cli.arguments import joined

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *(page for page in sorted(DOCS.rglob("*.md")) if "_gallery" not in page.parts),
    *sorted((ROOT / "examples").rglob("README.md")),
]
BLOCK = re.compile(r"^```(?:sh|console)\n(.*?)^```$|^((?: {4,}.*\n)+)", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^ *(?:python render\.py|(?:\.venv/bin/)?traced-loops) +(.+)$", re.MULTILINE)
OPTIONS = {
    argument.name
    for name in commands.app
    if not name.startswith("-")
    for argument in commands.app[name].assemble_argument_collection()
} | {"--help", "--version", "--install-completion"}


def typed() -> Iterator[tuple[str, list[str]]]:
    """Every command in a block of code, once, with the page it stands on."""
    seen = set()
    for page in PAGES:
        for fenced, indented in BLOCK.findall(page.read_text(encoding="utf-8")):
            for line in {*COMMAND.findall(fenced or indented)} - seen:
                seen.add(line)
                yield page.name, shlex.split(line.split(" > ")[0], comments=True)


def test_every_command_can_be_typed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "drafts.toml").write_text('quality = "l"\n')
    seen = set()
    for page, arguments in typed():
        try:
            commands.app.parse_args(joined(arguments), print_error=False, exit_on_error=False)
        except Exception as error:
            pytest.fail(f"{page}: {shlex.join(arguments)}: {error}")
        seen.add(arguments[0])
    assert {"all", "videos", "figures", "trace", "show", "verify", "page", "batch", "cache"} <= seen


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_option_and_link_on_a_page_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = set(re.findall(r"`(--[a-z][a-z-]+)", text)) | set(re.findall(r"`[a-z]+ (--[a-z][a-z-]+)", text))
    assert named <= OPTIONS, named - OPTIONS
    for link in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", text):
        assert (page.parent / link).exists(), link


def test_the_readme_fits_a_screen_and_its_picture_a_page() -> None:
    assert len(PAGES[0].read_text(encoding="utf-8").splitlines()) <= 60
    picture = (ROOT / "docs" / "loops.webp").read_bytes()
    assert b"ANIM" in picture[:64]
    assert len(picture) <= 1_000_000


def test_every_option_is_documented_somewhere() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    rare = {
        "--version",
        "--device",
        "--dtype",
        "--top-p",
        "--max-new-tokens",
        "--fps",
        "--jobs",
        "--reference",
        "--quiet",
    }
    long = {name for name in OPTIONS if name.startswith("--")} - rare
    lacking = [name for name in sorted(long) if name not in text]
    assert lacking == []


def test_every_variable_of_ours_is_documented() -> None:
    """But for those by which a run finds its own temporary folder."""
    from model_trace.files import _TEMPORARY, _WARNED

    code = "".join(
        file.read_text(encoding="utf-8")
        for package in ("model_trace", "scenes", "traced_loops")
        for file in (ROOT / package).rglob("*.py")
    )
    of_options = {f"TRACED_LOOPS_{name.strip('-').replace('-', '_').upper()}" for name in OPTIONS}
    named = set(re.findall(r"TRACED_LOOPS_[A-Z_]+[A-Z]", code)) - {_TEMPORARY, _WARNED} - of_options
    text = (DOCS / "reference" / "configuration.md").read_text(encoding="utf-8")
    assert named
    assert [name for name in sorted(named) if name not in text] == []


def test_each_place_has_a_picture_light_enough_and_described() -> None:
    """The Sphinx section shows a loop itself: it is a page made by Sphinx."""
    for page in (DOCS / "guides" / "embedding.md", DOCS / "de" / "embedding.md"):
        text = page.read_text(encoding="utf-8")
        shown = re.findall(r"^```\{image\} (\S+)\n:alt: .{30,}\n```$", text, re.MULTILINE)
        assert len(shown) == text.count("```{image}")
        pictures = {(page.parent / name).resolve() for name in shown}
        assert pictures == set((DOCS / "guides" / "places").glob("*.webp"))
        assert all(picture.stat().st_size <= 60_000 for picture in pictures)

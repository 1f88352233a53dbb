"""The same recording and options give the same bytes, whatever else the machine is like."""

from __future__ import annotations

from pathlib import Path

import fontpkg
import pytest
from fontTools.ttLib import TTFont

from scenes import fonts
from tests.command import ROOT, copied, run

ENDINGS = {".webm", ".webp", ".png", ".svg", ".vtt", ".json", ".html", ".css", ".js"}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Another user's home, with a font that calls itself ours and looks otherwise, and is preferred."""
    home = tmp_path / "home"
    (home / ".fonts").mkdir(parents=True)
    with TTFont(fontpkg.path(fonts.MONO)) as other:
        for record in other["name"].names:
            record.string = record.toUnicode().replace("Plex Mono", "Plex Sans")
        other.save(home / ".fonts" / "another.ttf")
    (home / "fonts.conf").write_text(
        f"<fontconfig><dir>{home / '.fonts'}</dir><dir>/usr/share/fonts</dir></fontconfig>"
    )
    return home


def test_other_surroundings_give_the_same_bytes(kept: Path, home: Path, tmp_path: Path) -> None:
    one = made(kept, tmp_path / "one", "--jobs", "1", "--cache-size", "0", LC_ALL="C.UTF-8", TZ="UTC")
    assert {Path(name).suffix for name in one} == ENDINGS
    elsewhere = {
        "LC_ALL": "tr_TR.UTF-8",
        "LANGUAGE": "tr",
        "TZ": "Pacific/Kiritimati",
        "HOME": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "FONTCONFIG_FILE": str(home / "fonts.conf"),
        "PYTHONHASHSEED": "7",
    }
    cold = made(kept, tmp_path / "cold", "--jobs", "2", cwd=home, **elsewhere)
    assert cold == one
    assert list((home / "cache").rglob("loops/*"))
    warm = made(kept, tmp_path / "warm", "--jobs", "2", cwd=home, **elsewhere)
    assert warm == one


@pytest.mark.parametrize("cwd", [Path("/"), ROOT])
def test_the_code_that_draws_is_the_commands_own(cwd: Path, kept: Path, tmp_path: Path) -> None:
    """Not what is installed, and not what lies in the working folder."""
    program = copied(tmp_path / "program")
    with (program / "traced_loops" / "rendering" / "drawing.py").open("a") as code:
        code.write("\n\ndef draw_loop(*asked: object) -> Drawn:\n    raise ValueError(__file__)\n")
    arguments = ("videos", "4", "--trace", kept, "--output", tmp_path / "out", "--cache-size", "0")
    done = run(*arguments, program=program, cwd=cwd)
    assert done.returncode == 1
    assert f"04: ValueError: {program}" in done.stderr


def made(
    kept: Path, folder: Path, *wishes: str, cwd: Path = Path("/"), **environment: str
) -> dict[str, bytes]:
    """The files of a loop, a figure and their page, drawn in these surroundings."""
    arguments = ("videos", "4", "f01", "--trace", kept, "--quality", "l", "--fps", "1", "--output", folder)
    for command in ((*arguments, *wishes), ("page", "--output", folder)):
        done = run(*command, cwd=cwd, **environment)
        assert done.returncode == 0, done.stderr
    return {file.name: file.read_bytes() for file in folder.iterdir()}

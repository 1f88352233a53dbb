"""Any text can be drawn: as letters where a font of ours has them, else as code points; nothing vanishes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes import fonts
from scenes.display_token import DisplayToken
from scenes.fonts import MONO, SANS, use_bundled_fonts
from scenes.parts.label import Label
from scenes.parts.outline import EM, outline
from scenes.parts.paragraph import Paragraph
from scenes.parts.spelling import cut, signs
from scenes.parts.token import TokenChip, TokenText
from scenes.style import Style
from scenes.traced_value import Recorded, TracedValue

_STRUT = 8  # points

SCRIPTS = {
    "Arabic": "مرحبا بالعالم",
    "Hebrew": "שָׁלוֹם",
    "Hindi": "नमस्ते क्षत्रिय",
    "Bengali": "বাংলা",
    "Tamil": "தமிழ்",
    "Thai": "สวัสดีที่นี่",
    "Khmer": "ខ្មែរ",
    "Tibetan": "བོད་སྐད",
    "Chinese": "中文直骨",
    "Japanese": "日本語です",
    "Korean": "한국어",
    "Georgian": "ქართული",
    "Ethiopic": "አማርኛ",
    "Vietnamese": "Tiếng Việt",
    "Polytonic": "ᾄδω",
    "symbols": "∀x→𝒜☃",
}


@pytest.fixture(autouse=True)
def our_fonts() -> None:
    use_bundled_fonts()


def ink(text: str, family: str = MONO) -> int:
    """How many points the letters have."""
    return len(outline(text, family, "NORMAL", exact=True)) - _STRUT


def spelt(text: str) -> list[str]:
    """What stands in the picture, sign by sign."""
    return [sign.drawn for sign in signs(text, MONO, exact=True)]


@pytest.mark.parametrize("text", SCRIPTS.values(), ids=SCRIPTS.keys())
def test_scripts_are_drawn_as_letters(text: str) -> None:
    assert all(sign.font for sign in signs(text, MONO))
    assert ink(text)


@pytest.mark.parametrize("text", ["في", "שלום", "سلام"])
def test_a_single_word_from_right_to_left_is_there(text: str) -> None:
    assert ink(text) > 50
    assert Label(text, 42, "#000000").width > 0


def test_arabic_letters_join() -> None:
    assert ink("سلام") != sum(map(ink, "سلام"))
    # unjoined, by the sign that keeps letters apart
    assert ink("بب") != ink("ب\u200cب")


def test_marks_stand_on_their_letters() -> None:
    assert np.array_equal(outline("e\u0301", MONO, "NORMAL"), outline("é", MONO, "NORMAL"))
    assert spelt("e\u0301") == ["e\u0301"]


@pytest.mark.parametrize("mark", ["\u0301", "\u093f", "\u0e48", "\u064e"])
def test_a_mark_without_a_letter_stands_on_a_circle(mark: str) -> None:
    assert spelt(mark) == [f"◌{mark}"]
    assert spelt(f" {mark}") == [" ", f"◌{mark}"]
    assert ink(mark) == ink(f"◌{mark}") > 0


def test_piled_up_marks_do_not_leave_the_line() -> None:
    text = "Z" + "".join(chr(0x0300 + place) for place in range(40))
    heights = outline(text, MONO, "NORMAL")[:, 1] / EM
    assert heights.min() > -0.51 and heights.max() < 1.03
    assert "U+0327" in spelt(text)


@pytest.mark.parametrize(
    "character",
    ["\0", "\x1b", "\r", "\x7f", "\x85", "\xad", "\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u2028",
     "\u00a0", "\u3000", "\ufe0f", "\u034f", "\u3164", "\u2800", "\ue000", "\U0010ffff", "\u0378", "😀", "🇩",
     "🀄"],
)  # fmt: skip
def test_what_draws_nothing_or_has_no_glyph_is_spelt_as_its_code_point(character: str) -> None:
    assert spelt(character) == [f"U+{ord(character):04X}"]
    assert ink(character) > ink(f"U+{ord(character):04X}")  # its frame
    assert ink(f"a{character}b") == ink("a") + ink("b") + ink(character)


def test_number_and_unit_are_set_with_their_space() -> None:
    apart, together = (Label(text, 42, "#000000").width for text in ("12\u00a0%", "12%"))
    assert apart > together


@pytest.mark.parametrize(("text", "face"), [("中。「」、", "SC"), ("です。・（！", "JP"), ("한국。", "KR")])
def test_signs_between_chinese_characters_are_of_their_font(text: str, face: str) -> None:
    """Mongolian and Yi have some of them too, narrow and in the middle of the line."""
    assert {sign.font for sign in signs(text, SANS)} == {f"Noto Sans CJK {face}"}


@pytest.mark.parametrize("text", ["fi", "ffl", "=>", "!=", "->", "www", "://"])
def test_no_letter_is_lost_in_a_ligature(text: str) -> None:
    for family in (MONO, SANS):
        assert ink(text, family) == sum(ink(letter, family) for letter in text)


@pytest.mark.parametrize("text", ["<b>x</b>", "&lt;", "&", "'\"<!--", "<span color='red'>", "{{}}", "%s{x}"])
def test_markup_is_drawn_as_it_is_written(text: str) -> None:
    assert ink(text) == sum(map(ink, text))


def test_spaces_tabs_and_line_ends_have_marks() -> None:
    style = Style()
    for text, marks in (("  a", 2), (" ", 1), ("a b", 1), ("\t\n", 2), ("   ", 3)):
        found = [part for part in TokenText(text, style) if not isinstance(part, Label)]
        assert len(found) == marks, text
        assert all(part.width > 0 for part in found)


def test_a_cut_text_ends_in_an_ellipsis_and_keeps_its_signs_whole() -> None:
    assert cut("abcdef", 6, MONO) == "abcdef"
    assert cut("abcdefg", 6, MONO) == "abcde…"
    assert cut("ab😀", 6, MONO) == "ab…"
    assert cut("ab😀", 9, MONO) == "ab😀"
    assert cut("e\u0301" * 4, 3, MONO) == "e\u0301" * 2 + "…"
    assert cut("x" * 10_000, 24, MONO) == "x" * 23 + "…"


def test_letters_of_every_script_stand_inside_their_chip_on_one_baseline() -> None:
    style = Style()
    capitals = []
    for text in ("Hx", "Åg", *SCRIPTS.values()):
        chip = TokenChip(DisplayToken(TracedValue(text, "text", Recorded(())), "input"), style)
        assert chip.height == pytest.approx(style.px(style.chip_height), rel=0.05), text
        capitals.append(chip.letters.line_box.get_y())
    assert np.allclose(capitals, capitals[0])


def test_a_text_from_right_to_left_begins_at_the_right() -> None:
    words = Paragraph("مرحبا " * 12 + "ab", Style(), size=42, color="#000000", width=600, lines=9)
    assert len(words.lines) > 2
    assert np.allclose([line.get_right()[0] for line in words], words.get_right()[0])


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
def test_of_any_text_every_sign_is_drawn(text: str) -> None:
    found = signs(text, MONO, exact=True)
    assert "".join(sign.text for sign in found) == text
    for sign in found:
        assert sign.drawn == " " or ink(sign.text), sign


def test_other_fonts_on_the_system_change_nothing(tmp_path: Path) -> None:
    """One that claims to be ours, where a system's user puts fonts."""
    impostor = TTFont(fonts._noto()["Noto Sans Hebrew"])
    for place in ("share/fonts", "home/.fonts", "home/.local/share/fonts"):
        folder = tmp_path / place
        folder.mkdir(parents=True)
        for family in ("IBM Plex Mono", "Noto Sans Arabic", "Noto Sans"):
            for record in impostor["name"].names:
                if record.nameID in (1, 4, 16):
                    record.string = family
            impostor.save(folder / f"{family}.ttf")
    code = (
        "from scenes.fonts import use_bundled_fonts as use; use()\n"
        "import hashlib, sys; from manimpango import list_fonts; from scenes.parts.outline import outline\n"
        "points = [outline(text, 'IBM Plex Mono', 'MEDIUM').tobytes() for text in sys.argv[1:]]\n"
        "print(hashlib.sha256(b''.join(points)).hexdigest(), sorted(list_fonts()))"
    )
    answers = set()
    for changes in ({}, {"HOME": f"{tmp_path}/home", "XDG_DATA_HOME": f"{tmp_path}/share"}):
        environment = {**os.environ, **changes, "XDG_CACHE_HOME": str(tmp_path / "cache")}
        command = [sys.executable, "-c", code, *SCRIPTS.values(), "plain"]
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        answers.add(run.stdout)
    assert len(answers) == 1
    offered = answers.pop()
    assert "Noto Sans Arabic" in offered
    assert "Noto Serif'" not in offered and "DejaVu" not in offered

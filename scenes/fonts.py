"""Use the same fonts on every machine: IBM Plex from its packages, Noto where Plex lacks a script."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import fontpkg

SANS = "IBM Plex Sans"
MONO = "IBM Plex Mono"

# Debian's fonts-noto-core and fonts-noto-cjk. These families and no others, in this order, so that what else
# lies in the folders changes nothing: living scripts, then symbols, then Chinese, Japanese and Korean.
_NOTO = Path("/usr/share/fonts/truetype/noto")
_CJK = Path("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc")
_SCRIPTS = (
    "Arabic", "Hebrew", "Devanagari", "Bengali", "Gurmukhi", "Gujarati", "Oriya", "Tamil", "Telugu",
    "Kannada", "Malayalam", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Ethiopic", "Armenian",
    "Georgian", "Cherokee", "CanadianAboriginal", "Mongolian", "Syriac", "Thaana", "NKo", "Tifinagh",
    "Javanese", "Balinese", "Sundanese", "Batak", "Buginese", "Cham", "Lepcha", "Limbu", "OlChiki",
    "MeeteiMayek", "Chakma", "Saurashtra", "TaiLe", "NewTaiLue", "TaiTham", "TaiViet", "Tagalog",
    "Hanunoo", "Buhid", "Tagbanwa", "Vai", "Yi", "Lisu", "Bamum", "Adlam", "Osage", "Coptic", "Gothic",
    "Ogham", "Runic", "Math", "Symbols", "Symbols2",
)  # fmt: skip
_FACES = {"Noto Sans CJK JP": 0, "Noto Sans CJK KR": 1, "Noto Sans CJK SC": 2}


def folders() -> tuple[Path, ...]:
    """Return the fonts' folders: Plex always, Noto if the system has it."""
    return (*_plex_folders(), *(folder for folder in (_NOTO, _CJK.parent) if folder.is_dir()))


def _plex_folders() -> tuple[Path, ...]:
    return tuple(fontpkg.path(name).parent for name in (SANS, MONO))


@functools.cache
def _noto() -> dict[str, Path]:
    """Return the families that are there with their files, in the order in which they are tried."""
    files = {"Noto Sans": _NOTO / "NotoSans-Regular.ttf"}
    files |= {_family(name): _NOTO / f"NotoSans{name}-Regular.ttf" for name in _SCRIPTS}
    files["Noto Serif Tibetan"] = _NOTO / "NotoSerifTibetan-Regular.ttf"
    files |= dict.fromkeys(_FACES, _CJK)
    return {family: file for family, file in files.items() if file.is_file()}


def _family(name: str) -> str:
    """Return the font's name for a script: Noto Sans Canadian Aboriginal for CanadianAboriginal."""
    spaced = "".join(f" {letter}" if letter.isupper() else letter for letter in name)
    return "Noto Sans NKo" if name == "NKo" else f"Noto Sans{spaced}"


@functools.cache
def use_bundled_fonts() -> None:
    """Let Pango see our fonts and no others; call it before the first text is laid out.

    Fontconfig reads one file that names our files alone, so that another font on the system cannot
    change a glyph. It and what fontconfig finds are of this process alone (to look takes a tenth of a
    second): nothing that was kept can be altered. Off Linux Pango does not ask fontconfig: there the files
    are registered.
    """
    import manimpango

    with tempfile.TemporaryDirectory(prefix="traced-loops-fonts-") as folder:
        file = Path(folder) / "fonts.conf"
        file.write_text(_configuration(Path(folder)), encoding="utf-8")
        os.environ["FONTCONFIG_FILE"] = str(file)
        manimpango.list_fonts()  # the file is read now, or never
    if sys.platform != "linux":
        for font in _plex_files():
            manimpango.register_font(str(font))


def _configuration(cache: Path) -> str:
    """Return the fontconfig file that accepts our fonts and rejects all others.

    What was read is not looked for again: there the files are gone.
    """
    places = "".join(f"<dir>{escape(str(folder))}</dir>" for folder in folders())
    files = [*_plex_files(), *dict.fromkeys(_noto().values())]
    accepted = "".join(f"<glob>{escape(str(file))}</glob>" for file in files)
    return (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig>{places}<cachedir>{escape(str(cache))}</cachedir>"
        "<config><rescan><int>0</int></rescan></config><selectfont>"
        f"<acceptfont>{accepted}</acceptfont><rejectfont><glob>*</glob></rejectfont>"
        "</selectfont></fontconfig>\n"
    )


@functools.cache
def _plex_files() -> tuple[Path, ...]:
    return tuple(file for folder in _plex_folders() for file in sorted(folder.glob("*.ttf")))


@functools.cache
def digests() -> dict[str, str]:
    """Return the fonts' digests: SHA-256 of each Plex file, and one of all Noto files together."""
    found = {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in _plex_files()}
    noto = hashlib.sha256()
    for file in dict.fromkeys(_noto().values()):
        noto.update(hashlib.sha256(file.read_bytes()).digest())
    return {**found, f"Noto, {len(_noto())} families": noto.hexdigest()}


def family_of(characters: str, first: str, chinese: str = "SC") -> str | None:
    """Return the first family that has a visible glyph for each of the characters, trying ``first`` first.

    ``chinese``: whose forms of the Chinese characters are taken, those of SC (Mainland China), JP or KR. None
    where no family has them all: what it lacks must be spelt another way.
    """
    for family in (first, *_others(characters, chinese)):
        if all(_draws(family, character) for character in characters):
            return family
    return None


def _others(characters: str, chinese: str) -> Iterator[str]:
    here = [f"Noto Sans CJK {chinese}"] if _has_cjk() else []
    # other fonts have some of its signs too, for their own scripts
    first = here if any(_is_east_asian(character) for character in characters) else []
    yield from first
    yield from (family for family in _noto() if family not in _FACES)
    yield from here


@functools.cache
def _has_cjk() -> bool:
    return _CJK in _noto().values()


def _is_east_asian(character: str) -> bool:
    """Return whether it is a sign, kana or wide form that is set with Chinese characters."""
    return (
        "\u2e80" <= character <= "\u33ff"
        or "\ufe30" <= character <= "\ufe4f"
        or "\uff00" <= character <= "\uffef"
    )


@functools.cache
def _draws(family: str, character: str) -> bool:
    # imported where it is needed: a run that draws nothing wants the files' digests alone
    from fontTools.pens.boundsPen import BoundsPen

    font = _font(family)
    name = font.getBestCmap().get(ord(character))
    if name is None:
        return False
    glyphs = font.getGlyphSet()
    pen = BoundsPen(glyphs)
    glyphs[name].draw(pen)
    return pen.bounds is not None


@functools.cache
def _font(family: str) -> Any:
    from fontTools.ttLib import TTCollection, TTFont

    if family in _FACES:
        return TTCollection(_CJK, lazy=True).fonts[_FACES[family]]
    return TTFont(_noto().get(family) or fontpkg.path(family), lazy=True)

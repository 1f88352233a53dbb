"""The fonts, the same on every machine: IBM Plex from its packages, Noto where Plex lacks a script."""

from __future__ import annotations

import functools
import hashlib
import os
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

import fontpkg
import platformdirs
from fontTools.ttLib import TTCollection, TTFont

SANS = "IBM Plex Sans"
MONO = "IBM Plex Mono"
_NOTO_FOLDERS = (Path("/usr/share/fonts/truetype/noto"), Path("/usr/share/fonts/opentype/noto"))
_NOTO_FILES = ("NotoSans*-Regular.ttf", "NotoSansCJK-Regular.ttc")


def folders() -> tuple[Path, ...]:
    """Where the fonts lie: Plex always, Noto if the system has it."""
    plex = tuple(fontpkg.path(name).parent for name in (SANS, MONO))
    return plex + tuple(folder for folder in _NOTO_FOLDERS if folder.is_dir())


@functools.cache
def use_bundled_fonts() -> None:
    """Let Pango see our fonts and no others; call it before the first text is laid out.

    Fontconfig reads one file that names our folders alone, so that another font on the system cannot
    change a glyph. Off Linux Pango does not ask fontconfig: there the files are registered.
    """
    lines = "".join(f"<dir>{escape(str(folder))}</dir>" for folder in folders())
    cache = platformdirs.user_cache_path("traced-loops") / "fonts"
    text = (
        '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">'
        f"<fontconfig>{lines}<cachedir>{escape(str(cache))}</cachedir></fontconfig>\n"
    )
    file = cache / f"fonts-{hashlib.sha256(text.encode()).hexdigest()[:16]}.conf"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=cache, delete=False, encoding="utf-8") as partial:
            partial.write(text)
        Path(partial.name).replace(file)
    os.environ["FONTCONFIG_FILE"] = str(file)
    if sys.platform != "linux":
        import manimpango

        for folder in folders()[:2]:
            for font in sorted(folder.glob("*.ttf")):
                manimpango.register_font(str(font))


@functools.cache
def digests() -> dict[str, str]:
    """SHA-256 of each Plex file, by file name: what a picture's letters depend on."""
    files = sorted(file for folder in folders()[:2] for file in folder.glob("*.ttf"))
    return {file.name: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def covers(character: str, family: str) -> bool:
    """Whether some font of ours has a glyph for ``character``; otherwise it must be spelt another way."""
    code = ord(character)
    return code in _plex(family) or any(code in _letters(file) for file in _noto())


@functools.cache
def _plex(family: str) -> frozenset[int]:
    return _letters(fontpkg.path(family))


@functools.cache
def _noto() -> tuple[Path, ...]:
    return tuple(
        file for folder in folders()[2:] for pattern in _NOTO_FILES for file in sorted(folder.glob(pattern))
    )


@functools.cache
def _letters(file: Path) -> frozenset[int]:
    if file.suffix == ".ttc":
        return frozenset(TTCollection(file, lazy=True).fonts[0].getBestCmap())
    return frozenset(TTFont(file, lazy=True).getBestCmap())

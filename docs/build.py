"""Build the documentation: ``python -m docs.build``, or ``make docs``.

The loops come from ``docs/_gallery``, which ``make gallery`` fills, or are drafts. Warnings are errors, and
so are links that lead nowhere within the site.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sphinx.cmd.build import build_main

DOCS = Path(__file__).parent
GALLERY = DOCS / "_gallery"
DRAFTS = ("04", "06", "07")


def draw_drafts(folder: Path) -> None:
    """Draw three loops in both themes, small; those that are there already are kept."""
    from traced_loops.cli import main

    options = ("--quality", "l", "--fps", "5", "--theme", "light,dark", "--output", str(folder), "--quiet")
    if main.run(["videos", *DRAFTS, *options]):
        raise SystemExit("the drafts could not be drawn: see what is wrong above")


def build(loops: Path, site: Path, *, builder: str = "html") -> bool:
    """Build the site with the loops of a folder; returns whether nothing was wrong."""
    doctrees = site.with_name(f"{site.name}-doctrees")
    strict = ["-W", "--keep-going", "-q", "-b", builder, "-d", str(doctrees)]
    wrong = build_main([*strict, "-D", f"traced_loops_output={loops}", str(DOCS), str(site)])
    broken = broken_links(site)
    for link in broken:
        print(link, file=sys.stderr)
    return not wrong and not broken


class _Links(HTMLParser):
    """What a page links to and loads, and the places in it that others can link to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self.links += [said[name] or "" for name in ("href", "src", "srcset", "data-track") if name in said]
        if identifier := said.get("id"):
            self.places.add(identifier)


def broken_links(site: Path) -> list[str]:
    """Every link within the site that leads nowhere, with the page it stands on."""
    pages = {file.resolve(): _Links(file.read_text(encoding="utf-8")) for file in site.rglob("*.html")}
    return sorted(set(_broken(site, pages)))


def _broken(site: Path, pages: dict[Path, _Links]) -> Iterator[str]:
    for file, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc or not (parts.path or parts.fragment):
                continue
            to = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            if not to.exists():
                yield f"{file.relative_to(site.resolve())}: {link} is not there"
            elif parts.fragment and to in pages and unquote(parts.fragment) not in pages[to].places:
                yield f"{file.relative_to(site.resolve())}: {link} leads to no place on that page"


def main() -> int:
    """Build the site in ``build/docs``; returns the exit code."""
    place = DOCS.parent / "build"
    loops = GALLERY
    if not (GALLERY / "manifest.json").exists() and not (GALLERY / "en" / "manifest.json").exists():
        loops = place / "drafts"
        draw_drafts(loops)
        print("docs/_gallery is not there, so drafts of three loops are shown: make gallery makes all")
    site = place / "docs"
    shutil.rmtree(site, ignore_errors=True)
    if not build(loops, site):
        return 1
    print(site / "index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())

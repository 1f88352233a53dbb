"""Take the pictures of the embedding guide: a loop in each place, as it was really built there.

``python -m docs.places LOOPS`` takes the folder of drawn loops, loop 04 among them with ``--also webp``.
"""

from __future__ import annotations

import io
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

from markdown_it import MarkdownIt
from PIL import Image
from playwright.sync_api import sync_playwright

from tests.traced_loops.article import builds
from tests.traced_loops.article.site import served
from traced_loops.article.hosts import write_for

PICTURES = Path(__file__).parent / "guides" / "places"
NUMBER = "04"
SIZE = {"width": 900, "height": 700}


def bare(folder: Path, root: Path, server: str) -> str:
    """A page with a video and nothing else."""
    shutil.copytree(folder, root)
    stem = next(folder.glob(f"{NUMBER}-*.webm")).stem
    (root / "bare.html").write_text(
        "<!doctype html><title>x</title><body style='font: 16px serif; max-width: 46em; margin: 2em auto'>"
        "<h1>My page</h1><p>A language model writes one token at a time.</p>"
        f'<video muted loop playsinline width="100%" poster="{stem}.poster.webp"></video>'
    )
    return f"{server}/bare.html"


def markdown(folder: Path, root: Path, server: str) -> str:
    """The Markdown as a reader that knows no video shows it."""
    shutil.copytree(write_for("markdown", folder), root)
    text = MarkdownIt("commonmark", {"html": True}).render((root / "loops.md").read_text(encoding="utf-8"))
    style = "font: 16px/1.5 system-ui; max-width: 52em; margin: 2em auto"
    head = '<!doctype html><meta charset="utf-8"><title>x</title>'
    (root / "shown.html").write_text(f'{head}<body style="{style}">{text}', encoding="utf-8")
    return f"{server}/shown.html"


PLACES = {
    "html": bare,
    "hugo": partial(builds.hugo, numbers=[NUMBER]),
    "mkdocs": partial(builds.mkdocs, numbers=[NUMBER], directories=True),
    "notebook": partial(builds.notebook, numbers=[NUMBER]),
    "markdown": markdown,
}


def main(loops: Path) -> None:
    """Build each place, look at it, and keep what is seen."""
    PICTURES.mkdir(exist_ok=True)
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        for name, make in PLACES.items():
            root, folder = Path(scratch, name), Path(scratch, f"{name}-loops")
            shutil.copytree(loops, folder)
            with served(root) as server:
                page = browser.new_page(viewport=SIZE, reduced_motion="reduce")
                page.goto(make(folder, root, server))
                page.wait_for_load_state("networkidle")
                seen = Image.open(io.BytesIO(page.screenshot()))
            seen.thumbnail((720, 720))
            seen.save(PICTURES / f"{name}.webp", quality=60, method=6)
            print(PICTURES / f"{name}.webp")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

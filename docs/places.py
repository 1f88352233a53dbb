"""Take the pictures of the embedding guide: a loop in each place, as it was really built there.

``python -m docs.places LOOPS`` takes the folder of drawn loops, loop 04 among them with ``--also webp,gif``;
``python -m docs.places LOOPS mail`` takes one of the pictures. They need Hugo; npm, which fetches reveal.js;
pdflatex and pypdfium2.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import sys
import tarfile
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
EXAMPLES = Path(__file__).parents[1] / "examples"
NUMBER = "04"
SIZE = {"width": 900, "height": 700}
ARTICLE = r"""\documentclass[12pt]{article}
\usepackage[margin=2.5cm]{geometry}
\usepackage{graphicx}
\begin{document}
\section{One token at a time}
A language model reads a text and says of each token of its vocabulary how probable it is as the next one. One
is chosen and appended, and the text is read again (figure~\ref{loop}).
\begin{figure}[h]
  \includegraphics[width=\linewidth]{STILL}
  \caption{Each token is chosen from the probabilities that the model gave.}
  \label{loop}
\end{figure}
\end{document}
"""


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


def material(folder: Path, root: Path, server: str) -> str:
    """The course of the examples, in MkDocs Material, with one loop."""
    course = root.with_name(f"{root.name}-course")
    shutil.copytree(EXAMPLES / "mkdocs-course", course)
    shutil.copytree(write_for("mkdocs", folder), course, dirs_exist_ok=True)
    page = course / "docs" / "index.md"
    page.write_text(page.read_text(encoding="utf-8").replace("[traced-loop 07]\n", ""), encoding="utf-8")
    subprocess.run([sys.executable, "-m", "mkdocs", "build", "-q", "-d", root], cwd=course, check=True)
    return f"{server}/"


def slides(folder: Path, root: Path, server: str) -> str:
    """A slide of reveal.js."""
    shutil.copytree(folder, root)
    packed = subprocess.run(
        ["npm", "pack", "--silent", "reveal.js@6"], cwd=root, capture_output=True, text=True, check=True
    )
    with tarfile.open(root / packed.stdout.strip()) as archive:
        archive.extractall(root, filter="data")
    stem = next(folder.glob(f"{NUMBER}-*.webm")).stem
    video = f'<video src="{stem}.webm" poster="{stem}.png" data-autoplay loop muted></video>'
    (root / "slides.html").write_text(
        '<!doctype html><meta charset="utf-8"><title>x</title>'
        '<link rel="stylesheet" href="package/dist/reveal.css">'
        '<link rel="stylesheet" href="package/dist/theme/white.css">'
        f'<div class="reveal"><div class="slides"><section><h3>One token at a time</h3>{video}</section>'
        '</div></div><script src="package/dist/reveal.js"></script><script>Reveal.initialize()</script>'
    )
    return f"{server}/slides.html"


def mail(folder: Path, root: Path, server: str) -> str:
    """A message with the GIF in its text, in a program that does not play it."""
    root.mkdir()
    Image.open(next(folder.glob(f"{NUMBER}-*.gif"))).save(root / "first.png")
    (root / "message.html").write_text(
        '<body style="font: 16px/1.5 sans-serif; max-width: 44em; margin: 2em"><p>Dear all,</p>'
        "<p>this is what a language model does between two words:</p>"
        '<p><img src="first.png" width="600" alt=""></p><p>See you on Tuesday!</p>'
    )
    return f"{server}/message.html"


def latex(folder: Path, root: Path, server: str) -> str:
    """The first page of an article, set by pdflatex."""
    import pypdfium2

    root.mkdir()
    still = next(folder.glob(f"{NUMBER}-*.png"))
    shutil.copy(still, root)
    (root / "article.tex").write_text(ARTICLE.replace("STILL", still.name))
    for _ in range(2):  # the second time it knows the figure's number
        subprocess.run(["pdflatex", "-interaction=batchmode", "article"], cwd=root, check=True)
    paper = pypdfium2.PdfDocument(root / "article.pdf")[0].render(scale=1.51).to_pil()
    paper.crop((0, 0, SIZE["width"], SIZE["height"])).save(root / "article.png")
    (root / "article.html").write_text('<body style="margin: 0"><img src="article.png" alt="">')
    return f"{server}/article.html"


PLACES = {
    "html": bare,
    "hugo": partial(builds.hugo, numbers=[NUMBER]),
    "mkdocs": partial(builds.mkdocs, numbers=[NUMBER], directories=True),
    "material": material,
    "notebook": partial(builds.notebook, numbers=[NUMBER]),
    "markdown": markdown,
    "slides": slides,
    "mail": mail,
    "latex": latex,
}


def main(loops: Path, *names: str) -> None:
    """Build each place, or those named, look at it, and keep what is seen."""
    PICTURES.mkdir(exist_ok=True)
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found)
        for name in names or PLACES:
            make = PLACES[name]
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
    main(Path(sys.argv[1]), *sys.argv[2:])

"""Real sites with loops in them, built by the tools that writers use."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from traced_loops.article.hosts import write_for

SUBPATH = "blog/how it works"
MKDOCS = {"name": "mkdocs", "highlightjs": False}
MATERIAL = {
    "name": "material",
    "font": False,
    "palette": [
        {"scheme": scheme, "toggle": {"icon": "material/eye", "name": "Other theme"}}
        for scheme in ("default", "slate")
    ],
}
NUMBERS = ("02", "03", "f01", "02")  # one of them twice
TYPED = ("2", "03", "F1", "002")  # the same as people type them


def hugo(folder: Path, root: Path, server: str, numbers: Sequence[str] = TYPED) -> str:
    """A Hugo site that allows no raw HTML, under a subpath; returns the address of its page."""
    if shutil.which("hugo") is None:
        pytest.skip("Hugo is not installed")
    site = root.with_name(f"{root.name}-hugo")
    shutil.copytree(write_for("hugo", folder), site)
    base = f"{server}/{SUBPATH.replace(' ', '%20')}/"
    config = f'baseURL = "{base}"\ntitle = "x"\n[markup.goldmark.renderer]\nunsafe = false\n'
    (site / "config.toml").write_text(config)
    (site / "layouts" / "_default").mkdir()
    head = '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>x</title></head>'
    (site / "layouts" / "_default" / "single.html").write_text(
        f"{head}<body>{{{{ .Content }}}}</body></html>"
    )
    post = site / "content" / "posts" / "a.md"
    post.parent.mkdir(parents=True)
    post.write_text(f"---\ntitle: a\n---\n{_calls('{{{{< traced-loop {} >}}}}', numbers)}\n")
    _run(site, "hugo", "--quiet", "--destination", root / SUBPATH)
    return f"{base}posts/a/"


def mkdocs(
    folder: Path,
    root: Path,
    server: str,
    numbers: Sequence[str] = TYPED,
    *,
    directories: bool = True,
    theme: Mapping[str, object] = MKDOCS,
) -> str:
    """A MkDocs site under a subpath, its addresses ending in directories or in files."""
    site = root.with_name(f"{root.name}-mkdocs")
    shutil.copytree(write_for("mkdocs", folder), site)
    config = {
        "site_name": "x",
        "theme": theme,
        "hooks": ["traced_loops.py"],
        "use_directory_urls": directories,
    }
    (site / "mkdocs.yml").write_text(json.dumps(config))
    page = site / "docs" / "guide" / "a.md"
    page.parent.mkdir()
    page.write_text(f"# a\n\n{_calls('[traced-loop {}]', numbers)}\n\nWritten `[traced-loop 02]`.\n")
    (site / "docs" / "index.md").write_text("# x\n")
    _run(site, sys.executable, "-m", "mkdocs", "build", "--quiet", "--strict", "-d", root / SUBPATH)
    return f"{server}/{SUBPATH.replace(' ', '%20')}/guide/a{'/' if directories else '.html'}"


def notebook(folder: Path, root: Path, server: str, numbers: Sequence[str] = TYPED) -> str:
    """A notebook that was run, converted to HTML and moved away from its files."""
    import nbformat

    place = root.with_name(f"{root.name}-notebook")
    shutil.copytree(write_for("notebook", folder), place)
    new = nbformat.v4
    cells = [new.new_code_cell("from traced_loops import loop")]
    cells += [new.new_code_cell(f"loop({number!r})") for number in numbers]
    nbformat.write(new.new_notebook(cells=cells), place / "a.ipynb")
    convert = (sys.executable, "-m", "nbconvert", "--log-level", "ERROR", "--to", "html")
    # these two would come from elsewhere
    without = ("--HTMLExporter.mathjax_url=", "--HTMLExporter.require_js_url=")
    _run(place, *convert, "--execute", *without, "--output-dir", root / SUBPATH, "a.ipynb")
    return f"{server}/{SUBPATH.replace(' ', '%20')}/a.html"


def _calls(call: str, numbers: Sequence[str]) -> str:
    """A call for each loop in a paragraph of its own, and for the last one within a line."""
    *alone, last = map(call.format, numbers)
    return "\n\n".join([*(f"Then\n\n{each}" for each in alone), f"Then {last} in a line."])


def _run(place: Path, *command: str | Path) -> None:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=place,
        capture_output=True,
        text=True,
        timeout=300,
        env={
            **os.environ,
            "IPYTHONDIR": str(place / "ipython"),
            "JUPYTER_NO_CONFIG": "1",
            "NO_MKDOCS_2_WARNING": "1",
        },
    )
    assert done.returncode == 0, done.stdout + done.stderr

"""A finished output folder for tests of the page, and the ways to look at it."""

from __future__ import annotations

import functools
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from article.page import write_page

TRANSCRIPT = {
    "paragraph": "An untrained model guesses at random: “ obey” has a probability of 0.0010%.",
    "steps": [
        {"beat": "clear", "text": "The example “a robot must” goes in.", "start": 0.1, "end": 0.5},
        {"beat": "answer", "text": "Its guess for the next token is “ harsh”.", "start": 0.5, "end": 6.0},
    ],
}
CAPTIONS = "WEBVTT\n\n00:00.100 --> 00:06.000\nThe example “a robot must” goes in.\n"


def edit(folder: Path, stem: str, **changes: Any) -> None:
    """Change keys of a provenance file; ``recording`` is merged into what is there."""
    file = folder / f"{stem}.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    changes["recording"] = {**said["recording"], **changes.get("recording", {})}
    file.write_text(json.dumps({**said, **changes}), encoding="utf-8")


def both_themes(folder: Path) -> None:
    """Put copies of the folder's pictures into ``dark``, as another run would."""
    dark = folder / "dark"
    shutil.copytree(folder, dark, ignore=shutil.ignore_patterns("index.html", "loops.*", "dark"))
    manifest = json.loads((dark / "manifest.json").read_text())
    for item in (*manifest["loops"], *manifest["figures"]):
        item["theme"] = "dark"
    (dark / "manifest.json").write_text(json.dumps(manifest))


def copy(folder: Path, to: Path) -> Path:
    """A copy of the folder to change, with its page written anew by ``write_page`` afterwards."""
    shutil.copytree(folder, to, dirs_exist_ok=True)
    return to


def page_of(folder: Path) -> str:
    """The page of the folder as it is now."""
    return write_page(folder, "en").read_text(encoding="utf-8")


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@contextmanager
def served(root: Path) -> Iterator[str]:
    """The address of ``root``, served on this machine alone."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()

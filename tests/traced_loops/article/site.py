"""A finished output folder for tests of the page, and the ways to look at it."""

from __future__ import annotations

import functools
import gzip
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.folders import list_anew, listed
from tests.loops import entry
from traced_loops.article.page import write_page
from traced_loops.article.pictures import printable

# tries to get out of HTML, attributes, templates, Markdown, scripts, comments and its own line
HOSTILE = (
    "</p></details><script>document.title='stolen'</script><img src=x onerror=alert(1)>\" ' {{ 7 * 7 }} "
    "{{< traced-loop 02 >}} {{% x %}} {% raw %} {model} %s ${a} [x](javascript:alert(1)) ![y](z) `code` "
    "\x00\x1b[31m\u202e\u2066 \ud800 --> <!-- ]]> \\ </script>\n\n# title\n1. <b>one</b>\n\n    two\n"
    "| a | b |\n|---|---|\n~~~\n*x* _y_ &lt; &#0; https://example.org a@example.org [^1] [traced-loop 02]"
)
SHOWN = printable(" ".join(HOSTILE.split()))


def said(folder: Path, number: str) -> dict[str, Any]:
    """The provenance of a picture."""
    told: dict[str, Any] = json.loads((folder / f"{entry(number).stem}.json").read_text(encoding="utf-8"))
    return told


def edit(folder: Path, stem: str, **changes: Any) -> None:
    """Change keys of a provenance file; ``recording`` is merged into what is there."""
    file = folder / f"{stem}.json"
    said = json.loads(file.read_text(encoding="utf-8"))
    changes["recording"] = {**said["recording"], **changes.get("recording", {})}
    file.write_text(json.dumps({**said, **changes}), encoding="utf-8")


def tell(folder: Path, text: str) -> None:
    """Have every picture of the folder recorded of ``text``, and say it in its transcript."""
    steps = [{"beat": "x", "text": text, "start": 0, "end": 1}]
    for number in ("02", "03", "f01"):
        edit(
            folder,
            entry(number).stem,
            recording={"training": {"text": text}, "generation": {"prompt": text}},
            transcript={"paragraph": text, "steps": steps},
        )


def both_themes(folder: Path) -> None:
    """Put copies of the folder's pictures into ``dark``, as another run would."""
    dark = folder / "dark"
    shutil.copytree(folder, dark, ignore=shutil.ignore_patterns("index.html", "loops.*", "dark"))
    manifest = listed(dark)
    for item in (*manifest["loops"], *manifest["figures"]):
        item["theme"] = "dark"
    list_anew(dark, manifest)


def copy(folder: Path, to: Path) -> Path:
    """A copy of the folder to change, with its page written anew by ``write_page`` afterwards."""
    shutil.copytree(folder, to, dirs_exist_ok=True)
    return to


def page_of(folder: Path) -> str:
    """The page of the folder as it is now."""
    return write_page(folder, "en").read_text(encoding="utf-8")


# nothing but files of the site itself, nothing inline
STRICT = "default-src 'none'; " + "; ".join(
    f"{kind}-src 'self'" for kind in ("script", "style", "img", "media")
)


class _Handler(SimpleHTTPRequestHandler):
    def __init__(self, *args: Any, policy: str | None, **more: Any) -> None:
        self.policy = policy
        super().__init__(*args, **more)

    def end_headers(self) -> None:
        if self.policy:
            self.send_header("Content-Security-Policy", self.policy)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        pass


class _Compressing(_Handler):
    def do_GET(self) -> None:
        file = Path(self.translate_path(self.path))
        if file.suffix not in (".html", ".css", ".js", ".svg"):
            super().do_GET()
            return
        content = gzip.compress(file.read_bytes())
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(file)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


@contextmanager
def served(root: Path, policy: str | None = None, *, compressed: bool = False) -> Iterator[str]:
    """The address of ``root``, served on this machine alone, under a content security policy.

    Texts are ``compressed``, as every public server has it.
    """
    kind = _Compressing if compressed else _Handler
    handler = functools.partial(kind, directory=str(root), policy=policy)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def answer(folder: Path, say: str = "") -> None:
    """Give every value of the folder's pictures a sentence and, but for the last, a place in the still.

    They stand in rows; every fourth is there twice, and of a list's cells the third is not drawn.
    """
    for file in folder.rglob("*.json"):
        told = json.loads(file.read_text(encoding="utf-8"))
        if "values" not in told:
            continue
        columns = 6 if told.get("shape", "wide") == "wide" else 4
        step = 0.94 / columns
        for place, value in enumerate(told["values"]):
            for key in ("box", "boxes", "cells"):
                value.pop(key, None)
            value["said"] = f"“{value.get('printed') or 'drawn'}”: {value['path']}{say}"
            if place == len(told["values"]) - 1:
                continue
            left, top = 0.03 + place % columns * step, 0.05 + place // columns * 0.045
            box = [round(left, 4), round(top, 4), round(step * 0.4, 4), 0.03]
            if isinstance(value["value"], list):
                width = step * 0.9 / len(value["value"])
                value["cells"] = [
                    None if cell == 2 else [round(left + cell * width, 4), box[1], round(width, 4), 0.03]
                    for cell in range(len(value["value"]))
                ]
            elif place % 4 == 1:
                value["boxes"] = [box, [round(left + step * 0.5, 4), *box[1:]]]
            else:
                value["box"] = box
        told["schema_version"] = 3
        told["recording"]["trace"] = "0" * 64
        file.write_text(json.dumps(told), encoding="utf-8")

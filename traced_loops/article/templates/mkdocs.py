"""Traced loops in MkDocs: a paragraph that says ``[traced-loop 04]`` becomes that loop.

In mkdocs.yml: ``hooks: [traced_loops.py]``. Where there are several languages: ``[traced-loop 04 de]``.
"""

import json
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.utils import get_relative_url

CALL = re.compile(r"<p>\[traced-loop (\w+)(?: (\w+))?\]</p>")


def on_page_content(html: str, page: Any, config: Any, **_: Any) -> str:
    """The page with its loops, whose files are found from wherever the page stands."""
    place = Path(config.docs_dir) / "traced-loops"

    def figure(call: re.Match[str]) -> str:
        number = call[1]
        language = call[2] or min(path.parent.name for path in place.glob("*/figures.json"))
        figures = json.loads((place / language / "figures.json").read_text(encoding="utf-8"))
        if number not in figures:
            raise PluginError(
                f"{page.file.src_uri}: there is no loop {number}; there are {', '.join(figures)}"
            )
        base: str = get_relative_url(f"traced-loops/{language}/", page.url)
        return base.join(figures[number])

    return CALL.sub(figure, html)

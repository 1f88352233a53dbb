"""Traced loops in MkDocs: ``[traced-loop 04]`` in a page becomes that loop.

In mkdocs.yml: ``hooks: [traced_loops.py]``. Where there are several languages: ``[traced-loop 04 de]``.
"""

import json
import re
from pathlib import Path
from typing import Any

from mkdocs.exceptions import PluginError
from mkdocs.utils import get_relative_url

CALL = r"\[traced-loop\b(?P<words>[^\]<]*)\]"
# a call in its own paragraph, or in a line of text; what is code, a comment or within a tag is none
FOUND = re.compile(
    r"<(?P<code>pre|code|script|style|textarea)\b.*?</(?P=code)>|<!--.*?-->"
    rf"|<(?P<heading>h[1-6])\b.*?</(?P=heading)>|<p>\s*{CALL}\s*</p>|{CALL.replace('words', 'inline')}"
    r"""|<[a-zA-Z/!](?:"[^"]*"|'[^']*'|[^"'>])*>""",
    re.DOTALL | re.IGNORECASE,
)
WORDS = re.compile(r"\s+(?P<figure>f?)0*(?P<number>\d+)(?:\s+(?P<language>\w+))?\s*", re.IGNORECASE)


def on_page_content(html: str, page: Any, config: Any, **_: Any) -> str:
    """The page with its loops, whose files are found from wherever the page stands."""
    place = Path(config.docs_dir) / "traced-loops"
    languages = sorted(path.parent.name for path in place.glob("*/figures.json"))

    def refuse(why: str) -> PluginError:
        return PluginError(f"{page.file.src_uri}: {why}")

    def figure(words: str) -> str:
        call = WORDS.fullmatch(words)
        if call is None:
            raise refuse(f"[traced-loop{words}] names no loop: write [traced-loop 04] or [traced-loop 04 de]")
        if not languages:
            raise refuse(f"{place} holds no loops: copy the whole mkdocs folder over your project")
        language = call["language"] or languages[0]
        if language not in languages:
            raise refuse(f"there are no loops in {language}; there are some in {', '.join(languages)}")
        figures = json.loads((place / language / "figures.json").read_text(encoding="utf-8"))
        number = f"{call['figure'].lower()}{int(call['number']):02}"
        if number not in figures:
            raise refuse(f"there is no loop {number}; there are {', '.join(figures)}")
        base: str = get_relative_url(f"traced-loops/{language}/", page.url)
        return base.join(figures[number])

    def replaced(found: re.Match[str]) -> str:
        words = found["words"] if found["words"] is not None else found["inline"]
        if words is not None:
            return figure(words)
        if found["heading"] and (call := re.search(CALL, found[0])):
            raise refuse(f"{call[0]} stands in a heading: give it a paragraph of its own")
        return found[0]

    return FOUND.sub(replaced, html)

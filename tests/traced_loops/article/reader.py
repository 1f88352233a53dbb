"""A page's HTML as a reader meets it."""

from __future__ import annotations

from html.parser import HTMLParser

SAID = (
    *("alt", "aria-label", "aria-description", "content", "label", "title"),
    *("data-pause", "data-play", "data-marks", "data-copy", "data-copied"),
)


class Reader(HTMLParser):
    """What a reader sees or hears, and what the page loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.loads: list[str] = []
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self._text = ""
        self._script = False
        self.feed(html)
        self._end_of_text()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "span":
            self._end_of_text()
        self._script = tag == "script"
        given = dict(attrs)
        self.tags.append(tag)
        self.attributes |= set(given)
        if tag != "meta" or given.get("name") == "description":
            self.texts += [value for name in SAID if (value := given.get(name))]
        names = ("src", "srcset", "href", "data-track")
        self.loads += [value for name in names if (value := given.get(name))]

    def handle_endtag(self, tag: str) -> None:
        if tag != "span":
            self._end_of_text()
        self._script = False

    def handle_data(self, data: str) -> None:
        self._text += "" if self._script else data

    def _end_of_text(self) -> None:
        if text := " ".join(self._text.split()):
            self.texts.append(text)
        self._text = ""

"""The default texts of the loops, and how they are read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

ARTICLE = Path(__file__).with_name("article.toml")


@dataclass(frozen=True)
class Text:
    """A loop's prompt, the continuation if it is given, and how long the model may write if it is not.

    ``article`` says that the text is the article's, so that the picture can say so.
    """

    prompt: str
    completion: str | None = None
    max_new_tokens: int | None = None
    article: bool = False


def article_texts() -> dict[str, Text]:
    """Loop number -> its default text."""
    entries = tomllib.loads(ARTICLE.read_text(encoding="utf-8"))
    return {number: Text(**fields) for number, fields in entries.items()}

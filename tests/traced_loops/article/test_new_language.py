"""A language is a file: one that is made up on the spot goes through the page and every host."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scenes.wording import catalogues
from tests.pseudo import lengthened, make_up
from traced_loops.article.hosts import HOSTS, write_for


def sentences() -> list[str]:
    """What the page and its figures say, in English, but for names of one word or two."""
    places = ("traced_loops/article", "page.py")
    return [
        message.id
        for message in catalogues.extracted()
        if isinstance(message.id, str)
        and message.id.count(" ") > 2
        and all(any(place in name for place in places) for name, _ in message.locations)
    ]


@pytest.mark.parametrize("host", ["html", *(host for host in HOSTS if host != "markdown")])
def test_a_made_up_language_goes_through_the_page_and_the_hosts(
    host: str, finished: Path, catalogue_folder: Path, tmp_path: Path
) -> None:
    make_up("fr")
    folder = shutil.copytree(finished, tmp_path / "folder")
    written = write_for(host, folder, "fr")
    files = [written] if written.is_file() else [each for each in written.rglob("*") if each.is_file()]
    text = "\n".join(each.read_text() for each in files if each.suffix in (".html", ".json"))
    text = text.replace("\\n", "\n")
    shown = [message for message in sentences() if "{" not in message]
    assert not [message for message in shown if message in text]
    translated = [message for message in shown if lengthened(message) in text]
    assert len(translated) >= (10 if host == "html" else 6)

"""What a page says of itself to machines: cards of places that link to it, search engines; its licences."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.loops import entry
from tests.traced_loops.article import site
from tests.traced_loops.article.reader import Reader
from traced_loops.article.page import PageError, write_page
from traced_loops.article.pictures import printable

BASE = "https://example.org/how%20it%20works/"


def tags(html: str) -> dict[str, str]:
    """The content of the cards' tags by name."""
    found = re.findall(r'<meta (?:name|property)="((?:og|twitter):[^"]+)" content="([^"]*)">', html)
    return {name: unescape(content) for name, content in found}


def videos(html: str) -> list[dict[str, Any]]:
    """The page's videos as search engines read them."""
    found = re.search(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert data["@context"] == "https://schema.org"
    graph: list[dict[str, Any]] = data["@graph"]
    return graph


def test_a_card_has_the_first_loops_still_in_its_size(finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    html = write_page(folder, "en", title="A & B", base_url=BASE.rstrip("/")).read_text(encoding="utf-8")
    said = tags(html)
    still = f"{entry('02').stem}.png"
    assert said["og:image"] == BASE + still
    width, height = Image.open(folder / still).size
    assert (said["og:image:width"], said["og:image:height"]) == (str(width), str(height))
    assert (said["og:url"], said["og:title"]) == (BASE, "A & B")
    assert said["twitter:card"] == "summary_large_image"


def test_each_video_is_described(finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    html = write_page(folder, "en", base_url=BASE).read_text(encoding="utf-8")
    found = videos(html)
    assert [video["contentUrl"] for video in found] == [
        f"{BASE}{entry(number).stem}.webm" for number in ("02", "03")
    ]
    told = site.said(folder, "02")
    video = found[0]
    assert video["@type"] == "VideoObject"
    assert video["name"] in Reader(html).texts
    assert video["description"] == told["transcript"]["paragraph"]
    assert float(video["duration"][2:-1]) == pytest.approx(
        told["frames"] / told["frames_per_second"], abs=0.06
    )
    assert video["license"] == "https://spdx.org/licenses/MIT.html"
    assert "uploadDate" not in video, "nobody here knows"


def test_without_an_address_nothing_that_needs_one_is_said(finished: Path, tmp_path: Path) -> None:
    html = site.page_of(site.copy(finished, tmp_path))
    assert set(tags(html)) == {"og:type", "og:title", "og:description", "twitter:card"}
    assert all(not {"contentUrl", "thumbnailUrl"} & set(video) for video in videos(html))


def test_a_text_does_not_leave_the_videos_data(finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    site.tell(folder, site.HOSTILE)
    html = site.page_of(folder)
    assert [printable(site.HOSTILE)] * 2 == [video["description"] for video in videos(html)]
    assert html.count("<script") == 2


@pytest.mark.parametrize(
    "address",
    ["example.org", "ftp://example.org", "https://", "https://a b.org", "https://x.org/?a=1", "//x.org", ""],
)
def test_a_base_that_is_no_address_is_refused(address: str, finished: Path, tmp_path: Path) -> None:
    folder = site.copy(finished, tmp_path)
    with pytest.raises(PageError, match=r"--base-url is .*: give the address of the folder"):
        write_page(folder, base_url=address)
    assert not (folder / "index.html").exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Anyone may use, change and publish the loops and figures under this licence:"),
        (
            "de",
            "Unter dieser Lizenz dürfen alle die Schleifen und Abbildungen verwenden, "
            "verändern und veröffentlichen:",
        ),
    ],
)
def test_the_foot_says_under_which_licences_it_stands(
    language: str, words: str, finished: Path, tmp_path: Path
) -> None:
    folder = site.copy(finished, tmp_path)
    for number in ("02", "03", "f01"):
        model = site.said(folder, number)["recording"]["model"]
        site.edit(
            folder,
            entry(number).stem,
            recording={"model": {**model, "name": "small", "licence": "Apache-2.0"}},
        )
    page = Reader(write_page(folder, language).read_text(encoding="utf-8"))
    assert words in page.texts
    assert "https://spdx.org/licenses/MIT.html" in page.loads
    (fonts,) = (text for text in page.texts if "SIL Open Font License" in text)
    assert "small" in fonts
    assert "Apache-2.0" in fonts

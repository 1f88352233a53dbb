"""What a page says of itself to machines: cards for places that link to it, videos for search engines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from scenes.wording import language_tag
from traced_loops.article.figure import Words
from traced_loops.article.pictures import PageError, Picture

_LICENCES = "https://spdx.org/licenses/{}.html"
_LICENCE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]*")


@dataclass(frozen=True)
class Cards:
    """Tags for the head: ``properties`` of OpenGraph, ``names`` of Twitter; ``data`` is schema.org's."""

    properties: Mapping[str, str]
    names: Mapping[str, str]
    data: Mapping[str, Any] | None


def checked_base(url: str | None) -> str | None:
    """The address of a published folder, with its last slash; None if there is none.

    Raises:
        PageError: it is no address of the web.
    """
    if url is None:
        return None
    try:
        parts = urlsplit(url)
        good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        good = False
    if not good or parts.query or parts.fragment or re.search(r"[\s<>\"'\\]", url):
        raise PageError(f"--base-url is {url}: give the address of the folder, https://example.org/loops/")
    return url.rstrip("/") + "/"


def cards(
    title: str, lead: str, told: Sequence[tuple[Picture, Words, str]], base_url: str | None = None
) -> Cards:
    """The cards of a page with these pictures, each with its words and the description of its video.

    Addresses in them have to be whole: without ``base_url``, where the page is published, there are none.
    """
    properties = {"og:type": "article", "og:title": title, "og:description": lead}
    names = {"twitter:card": "summary"}
    if base_url is not None:
        # videos first, and lying ones: that is what a card has room for
        picture, words, _ = min(
            told, key=lambda each: (not each[0].videos, each[0].cut.width <= each[0].cut.height)
        )
        still = urljoin(base_url, quote(picture.still))
        properties |= {
            "og:url": base_url,
            "og:image": still,
            "og:image:type": "image/png",
            "og:image:width": str(picture.cut.width),
            "og:image:height": str(picture.cut.height),
            "og:image:alt": words.alternative,
        }
        if picture.cut.width > picture.cut.height:
            names = {"twitter:card": "summary_large_image"}
    videos = [*_videos(told, base_url)]
    return Cards(properties, names, {"@context": "https://schema.org", "@graph": videos} if videos else None)


def licence_url(licence: str) -> str | None:
    """The address of a licence's text by its SPDX identifier; None if it is no such thing."""
    return _LICENCES.format(licence) if _LICENCE_ID.fullmatch(licence) else None


def _videos(told: Sequence[tuple[Picture, Words, str]], base_url: str | None) -> Iterator[dict[str, Any]]:
    """Each video as schema.org has it. When it was published nobody here knows, so that is not said."""
    for picture, words, description in told:
        if not picture.videos:
            continue
        video: dict[str, Any] = {
            "@type": "VideoObject",
            "name": words.caption,
            "description": description,
            "inLanguage": language_tag(picture.language),
            "duration": f"PT{picture.seconds:.1f}S",
            "width": picture.cut.width,
            "height": picture.cut.height,
        }
        if address := licence_url(picture.licence):
            video["license"] = address
        if base_url is not None:
            video["thumbnailUrl"] = urljoin(base_url, quote(picture.still))
            video["contentUrl"] = urljoin(base_url, quote(picture.videos[0]))
        yield video

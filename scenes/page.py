"""What the page says around a loop or figure. English is the source; the catalogues translate it.

A message may name figures in braces (``{layers}``). It is left out unless the pictures on the page know all
of them, so no sentence states a number that was not recorded or published with its source.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A picture's place on the page: each folder's ``page.py`` has one as ``SECTION``.

    Attributes:
        paragraphs: Text that leads to the picture.
        caption: Line below the picture, where its transcript has no finding.
        alternative: Description of the still, for readers who do not see it.
        heading: Begins a chapter, which lasts until the next heading, also if this picture is missing.
        steps: List below the paragraphs.
        instead: Text for when none of the paragraphs can be shown, for want of a figure.
        after: Number of the loop that it follows; without it, the loops' own order.
    """

    paragraphs: tuple[str, ...]
    caption: str
    alternative: str
    heading: str | None = None
    steps: tuple[str, ...] = ()
    instead: str | None = None
    after: str | None = None

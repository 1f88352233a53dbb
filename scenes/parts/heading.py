"""The line over a picture, which tells a loop's story a sentence at a time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

from manim import LEFT, UP, Animation, VGroup

from scenes.fade import FadeIn, FadeOut, at
from scenes.parts.paragraph import Paragraph
from scenes.style import Style

_TOP = 54  # pixels above it


class Heading(VGroup):
    """The sentences of a story, one at a time in the upper left corner, all in letters of one size.

    A figure has one. It shows the last of them, that of the finished picture, until it ``says`` another.
    The letters are as large as all sentences allow in one line of ``width`` pixels, or in at most ``lines``
    where one takes more. ``bottom`` is the height, in Manim's units, that none of them reaches below.
    """

    def __init__(
        self, sentences: Sequence[str], style: Style, *, width: float | None = None, lines: int = 1
    ) -> None:
        sizes = style.type
        looks = product(range(1, lines + 1), (sizes.title, sizes.heading, sizes.body))
        for most, size in looks:  # rather smaller letters than a second line
            self.sentences = [
                Paragraph(
                    sentence,
                    style,
                    size=size,
                    color=style.palette.text,
                    width=style.room if width is None else width,
                    lines=most,
                    weight="SEMIBOLD",
                )
                for sentence in sentences
            ]
            if not any(sentence.shortened for sentence in self.sentences):
                break
        corner = style.at(style.margin, _TOP)
        for sentence in self.sentences:
            sentence.align_to(corner, LEFT).align_to(corner, UP)
        self.bottom = min(float(sentence.get_bottom()[1]) for sentence in self.sentences)
        super().__init__(self.sentences[-1])

    def says(self, place: int, moment: float = 0) -> list[Animation]:
        """Return the animations that put this sentence in the place of the one that is shown.

        It does so from one frame to the next, at the ``moment``, a part of the move's time: whoever looks
        at the picture reads a whole sentence at any time.
        """
        old, new = self.submobjects[0], self.sentences[place]
        if old is new:
            return []
        self.submobjects = [new]
        turn = at(moment)
        return [FadeOut(old, rate_func=turn), FadeIn(new, rate_func=turn)]

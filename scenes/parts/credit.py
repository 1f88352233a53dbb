"""The line in the corner that names the model whose values are drawn."""

from __future__ import annotations

from collections.abc import Sequence

from manim import DOWN, LEFT, RIGHT, VGroup

from scenes.display_token import TextSource
from scenes.parts.label import Label
from scenes.parts.token import mark
from scenes.style import Style
from scenes.wording import Wording

_BELOW = 32  # pixels


def credit(
    model: str,
    text_source: TextSource | None,
    style: Style,
    wording: Wording,
    *,
    stands_for: str | None = None,
    spaced: bool = False,
    tokens_only: bool = False,
) -> VGroup:
    """Whose values these are; the text too, where it is not the model's own; if ``spaced``, the space's mark.

    One line in the lower right corner; where that is too wide, the last part takes a line of its own, and
    where that is, all of it two lines of about one length; only where these are, smaller letters.
    ``text_source`` is None where there is no text; ``stands_for`` is the model whose name the picture bears,
    where it is another one; ``tokens_only``: nothing but the tokens is the model's.
    """
    if tokens_only:
        values = wording("tokens: {model}", model=model)
    elif stands_for:
        values = wording("stand-in for {subject}: {model}", subject=stands_for, model=model)
    else:
        values = wording("values: {model}", model=model)
    parts: tuple[str, ...] = {
        None: (values,),
        "model": (values,),
        "continued": (wording("end of text passed over"), values),
        "article": (wording("text given"), values),
        "given": (wording("text given"), values),
    }[text_source]
    if spaced:
        parts = (wording("= space"), *parts)
    text = " · ".join(parts)
    choices = [[text], [" · ".join(parts[:-1]), parts[-1]], _halves(text)]
    sets = (_lines([line for line in lines if line], style, marked=spaced) for lines in choices)
    room = style.px(style.room)
    whole = next((each for each in sets if each.width <= room), None)
    if whole is None:
        whole = _lines(choices[-1], style, marked=spaced)
        whole.scale(room / whole.width)
    corner = style.at(style.right, style.frame.height - _BELOW)
    return whole.align_to(corner, RIGHT).align_to(corner, DOWN)


def _halves(text: str) -> list[str]:
    """Two lines of about the same length, or one where there is no space to break at."""
    halves = [[text[:place], text[place + 1 :]] for place, letter in enumerate(text) if letter == " "]
    return min(halves, key=lambda lines: max(map(len, lines)), default=[text])


def _lines(lines: Sequence[str], style: Style, *, marked: bool) -> VGroup:
    """The lines, flush right; before the first, if ``marked``, the sign that it explains."""
    whole = VGroup(*(Label(line, style.type.small, style.palette.muted) for line in lines))
    whole.arrange(DOWN, buff=style.px(10), aligned_edge=RIGHT)
    if marked:
        whole.add(mark(" ", style.type.small, style).next_to(whole[0], LEFT, buff=style.px(12)))
    return whole

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
    spaced: bool = False,
    tokens_only: bool = False,
    broken: bool = False,
) -> VGroup:
    """Whose values these are; the text too, where it is not the model's own; if ``spaced``, the space's mark.

    One line in the lower right corner; where that is too wide, the last part takes a line of its own.
    ``text_source`` is None where there is no text; ``tokens_only``: nothing but the tokens is the model's;
    ``broken``: the last part takes two lines rather than smaller letters.
    """
    name = wording.model(model)
    values = wording("tokens: {model}", model=name) if tokens_only else wording("values: {model}", model=name)
    given = wording("text given") if tokens_only else wording("the text is given, the model rates it")
    parts: tuple[str, ...] = {
        None: (values,),
        "model": (values,),
        "continued": (wording("end of text passed over"), values),
        "article": (wording("text as in the article"), values),
        "given": (given, values),
    }[text_source]
    if spaced:
        parts = (wording("space"), *parts)
    room = style.px(style.room)
    whole = _lines([parts], style, marked=spaced)
    if whole.width > room and len(parts) > 1:
        whole = _lines([parts[:-1], parts[-1:]], style, marked=spaced)
    if whole.width > room and broken:
        before = [parts[:-1]] if len(parts) > 1 else []
        whole = _lines([*before, *((line,) for line in _halves(parts[-1]))], style, marked=spaced)
    if whole.width > room:
        whole.scale(room / whole.width)
    corner = style.at(style.right, style.frame.height - _BELOW)
    return whole.align_to(corner, RIGHT).align_to(corner, DOWN)


def _halves(text: str) -> tuple[str, str]:
    """Two lines of about the same length."""
    halves = ((text[:place], text[place + 1 :]) for place, letter in enumerate(text) if letter == " ")
    return min(halves, key=lambda lines: max(map(len, lines)))


def _lines(lines: Sequence[Sequence[str]], style: Style, *, marked: bool) -> VGroup:
    """The parts in lines, flush right; before the first, if ``marked``, the sign that it explains."""
    whole = VGroup(*(Label(" · ".join(line), style.type.small, style.palette.muted) for line in lines))
    whole.arrange(DOWN, buff=style.px(10), aligned_edge=RIGHT)
    if marked:
        whole.add(mark(" ", style.type.small, style).next_to(whole[0], LEFT, buff=style.px(12)))
    return whole

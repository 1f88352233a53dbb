"""The corner line that says whose values these are."""

from __future__ import annotations

from manim import DR, LEFT, RIGHT, VGroup

from scenes.parts.label import Label
from scenes.parts.token import mark
from scenes.pieces import TextSource
from scenes.style import Style
from wording import Wording


def credit(
    model: str,
    text_source: TextSource | None,
    style: Style,
    wording: Wording,
    *,
    tokens_only: bool = False,
) -> VGroup:
    """What the space's mark is; where the text is not the model's own, whose; whose values these are.

    ``text_source`` is None where there is no text; ``tokens_only``: nothing but the tokens is the model's.
    """
    values = wording("tokens: {model}" if tokens_only else "values: {model}", model=model)
    parts: tuple[str, ...] = {
        None: (values,),
        "model": (values,),
        "article": (wording("text as in the article"), values),
        "given": (wording("text given, not generated"), values),
    }[text_source]
    if text_source is not None:
        parts = (wording("space"), *parts)
    label = Label(" · ".join(parts), style.type.small, style.palette.muted)
    whole = VGroup(label)
    if text_source is not None:
        whole.add(mark(" ", style.type.small, style).next_to(label, LEFT, buff=style.px(12)))
    room = style.px(1920 - 2 * style.margin)
    if whole.width > room:
        whole.scale(room / whole.width)
    return whole.to_corner(DR, buff=style.px(32)).align_to(style.at(1920 - style.margin, 0), RIGHT)

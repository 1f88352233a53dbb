"""In every theme what is read or looked at stands out from what it stands on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scenes.style import THEMES, Palette, Style
from tests.contrast import SHAPE, TEXT, contrast, rgb

# what is written, and where; a gradient's text stands on each of its colours
WRITTEN = {
    "text": "background input_fill output_fill output_faint output_full label_fill special_fill track_fill",
    "muted": "background special_fill",
    "track": "background",
    "error": "background",
    "label_edge": "background",
    "training_text": "background",
    "tuning_text": "background",
    "model_text": "trained",
    "untrained_text": "untrained",
    "panel_text": "panel",
    "window_text": "window",
    "window_bar_text": "window_bar",
    "page_text": "window page_button",
    "page_link": "window",
}

# shapes and edges; "a|b" is a line between two grounds that must stand out from one of them
DRAWN = {
    "mark": "background input_fill output_fill output_faint label_fill special_fill",
    "input_edge": "background",
    "output_edge": "background",
    "label_edge": "background special_fill",
    "special_edge": "background",
    "track": "background",
    "track_edge": "background special_fill",
    "track_deep": "background layer_first",
    "layer_edge": "background",
    "error": "background",
    "arrow": "background",
    "negative": "background zero",
    "positive": "background zero panel",
    "cell_edge": "background panel zero layer_first|layer_last",
    "model_edge": "background",
    "untrained_edge": "background",
    "training_edge": "background special_fill",
    "training_text": "background",
    "tuning_edge": "background panel|trained",
    "panel_edge": "panel|trained panel|untrained",
    "window_edge": "background|window window_bar",
    "page_button_edge": "window",
}


def colours(palette: Palette, name: str) -> tuple[str, ...]:
    value = getattr(palette, name)
    return (value,) if isinstance(value, str) else value


def pairs(table: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    for theme in THEMES:
        for name, grounds in table.items():
            for ground in grounds.split():
                yield theme, name, ground


def ratio(theme: str, name: str, ground: str) -> float:
    """The least contrast with any of the ground's colours; with the better of two grounds."""
    palette = THEMES[theme].palette
    ink = rgb(getattr(palette, name))
    return max(
        min(float(contrast(ink, rgb(color))) for color in colours(palette, side))
        for side in ground.split("|")
    )


@pytest.mark.parametrize(("theme", "name", "ground"), pairs(WRITTEN))
def test_text_is_readable(theme: str, name: str, ground: str) -> None:
    assert ratio(theme, name, ground) >= TEXT


@pytest.mark.parametrize(("theme", "name", "ground"), pairs(DRAWN))
def test_shapes_are_visible(theme: str, name: str, ground: str) -> None:
    assert ratio(theme, name, ground) >= SHAPE


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_colour_is_in_the_table(theme: str) -> None:
    texts = {name for name in vars(THEMES[theme].palette) if name.endswith("text") or name == "muted"}
    assert texts <= set(WRITTEN)


def test_transparent_is_the_light_palette_on_nothing() -> None:
    assert THEMES["transparent"] == Style(opaque=False)
    assert THEMES["transparent"].palette == THEMES["light"].palette
    assert all(THEMES[theme].opaque for theme in ("light", "dark"))


def test_a_hue_keeps_its_meaning_in_the_dark() -> None:
    """Each meaning's strongest channel is the same, light or dark."""
    for name in ("input_edge", "output_edge", "track", "label_edge", "negative", "positive", "training_edge"):
        light, dark = (rgb(getattr(THEMES[theme].palette, name)) for theme in ("light", "dark"))
        assert light.argmax() == dark.argmax(), name
        assert light.argmin() == dark.argmin(), name

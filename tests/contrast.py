"""How far two colours are apart for a reader: WCAG 2.2, relative luminance and contrast ratio."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Colours = npt.NDArray[np.float64]

TEXT, LARGE, SHAPE = 4.5, 3.0, 3.0


def rgb(name: str) -> Colours:
    """A colour's three parts, 0 to 1, from #RRGGBB."""
    return np.array([int(name[place : place + 2], 16) for place in (1, 3, 5)]) / 255


def luminance(colours: Colours) -> Colours:
    """Of colours [..., 3] from 0 to 1."""
    linear = np.where(colours <= 0.04045, colours / 12.92, ((colours + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear @ [0.2126, 0.7152, 0.0722])


def contrast(one: Colours, other: Colours) -> Colours:
    """From 1 to 21, of colours [..., 3]."""
    lights = np.stack(np.broadcast_arrays(luminance(one), luminance(other)))
    return np.asarray((lights.max(axis=0) + 0.05) / (lights.min(axis=0) + 0.05))

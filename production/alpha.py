"""Pixels with a see-through background, as files hold them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


def straight(pixels: Pixels) -> Pixels:
    """Cairo's pixels [height, width, 4], whose colours are multiplied by alpha, with the colours themselves.

    What cannot be seen becomes white: the encoder halves the colours' resolution, and the neighbour whose
    colour bleeds into an edge is then the ground that such pictures are made for. Opaque pictures come back
    as they are.
    """
    alpha = pixels[..., 3]
    if alpha.min() == 255:
        return pixels
    whole = np.maximum(alpha, 1)[..., None].astype(np.uint16)
    colours = np.minimum((pixels[..., :3].astype(np.uint16) * 255 + whole // 2) // whole, 255)
    colours[alpha == 0] = 255
    return np.concatenate([colours.astype(np.uint8), alpha[..., None]], axis=-1)

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
    whole = pixels.copy()
    whole[alpha == 0, :3] = 255
    partly = (alpha > 0) & (alpha < 255)
    share = alpha[partly, None].astype(np.uint16)
    whole[partly, :3] = np.minimum((pixels[partly, :3].astype(np.uint16) * 255 + share // 2) // share, 255)
    return whole

"""A poster is its still made light, whatever is on it."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from traced_loops.rendering.posters import MOST_BYTES, poster


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1350), (3840, 2160)])
def test_it_is_light_whatever_is_on_it(size: tuple[int, int]) -> None:
    width, height = size
    noise = np.random.default_rng(0).integers(0, 256, (height, width, 4), np.uint8)
    noise[..., 3] = 255
    made = poster(noise)
    assert len(made) <= MOST_BYTES
    assert opened(made).width / opened(made).height == pytest.approx(width / height, rel=0.02)


def test_it_is_the_still_with_its_transparency() -> None:
    still = np.zeros((480, 854, 4), np.uint8)
    still[..., :3] = 255
    still[100:200, 100:400] = (214, 49, 110, 255)
    clear = np.asarray(opened(poster(still)).convert("RGBA")).astype(int)
    assert np.abs(clear - still)[110:190, 110:390].max() < 12
    assert clear[300, 500, 3] == 0
    still[..., 3] = 255
    whole = opened(poster(still))
    assert whole.mode == "RGB"
    assert np.abs(np.asarray(whole).astype(int) - still[..., :3])[110:190, 110:390].max() < 12

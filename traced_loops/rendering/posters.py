"""A loop's poster: its still made light, to be seen on a page before the video has come."""

from __future__ import annotations

import io

from PIL import Image

from traced_loops.rendering.unpremultiply import Pixels

MOST_BYTES = 40_000
# A page shows a wide loop 960 CSS pixels across at most, a narrow one about 400 on a screen of high density.
_LONGEST = 1280
_QUALITIES = range(80, -1, -10)


def poster(still: Pixels) -> bytes:
    """The picture [height, width, 4] as WebP of at most ``MOST_BYTES``, as sharp as these allow."""
    opaque = still[..., 3].min() == 255
    image = Image.fromarray(still[..., :3] if opaque else still)
    while True:
        image.thumbnail((_LONGEST, _LONGEST), Image.Resampling.LANCZOS)
        for quality in _QUALITIES:
            file = io.BytesIO()
            image.save(file, "webp", quality=quality, method=4, use_sharp_yuv=True, exact=not opaque)
            if file.tell() <= MOST_BYTES:
                return file.getvalue()
        # noise, say: nothing that a scene draws comes here
        image = image.resize((max(1, image.width // 2), max(1, image.height // 2)))

"""Drawn pixels as the planes a video holds; only what changed is converted."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from traced_loops.rendering.unpremultiply import Pixels

# From a row to the one before another.
Rows = tuple[int, int]
# Rows compared, and converted, together; a strip is small enough for a processor's cache.
_STRIP = 60
# Rows above and below a strip that its conversion looks at, or leaves to its neighbours.
_HALO = 4


class YuvPlanes:
    """A frame in BT.709 that is kept and updated: ``frame`` in ``pixel_format``, of pixels like ``first``."""

    def __init__(self, first: Pixels, pixel_format: str) -> None:
        self.pixel_format = pixel_format
        self.shown = first.copy()
        # one for each height: set up anew for another takes longer than to convert
        self._reformatters: defaultdict[int, VideoReformatter] = defaultdict(VideoReformatter)
        self.frame = self._convert(first)

    def update(self, pixels: Pixels, rows: Iterable[Rows] | None = None) -> bool:
        """Show these pixels; whether they differ from those before, as they can in these ``rows`` alone."""
        height = len(pixels)
        looked_at = [(0, height)] if rows is None else rows
        starts = {start for top, bottom in looked_at for start in range(top - top % _STRIP, bottom, _STRIP)}
        changed = [
            start
            for start in sorted(starts)
            if not same(pixels[start : start + _STRIP], self.shown[start : start + _STRIP])
        ]
        for start in changed:
            self.shown[start : start + _STRIP] = pixels[start : start + _STRIP]
        if not changed:
            return False
        if self.pixel_format != "yuv420p" or height % 2:
            self.frame = self._convert(pixels)
            return True
        while changed:
            first = last = changed.pop(0)
            while changed and changed[0] == last + _STRIP:
                last = changed.pop(0)
            self._replace(pixels, max(0, first - _HALO), min(height, last + _STRIP + _HALO))
        return True

    def _replace(self, pixels: Pixels, top: int, bottom: int) -> None:
        """Convert the rows from ``top`` to ``bottom`` anew, both even."""
        above, below = max(0, top - _HALO), min(len(pixels), bottom + _HALO)
        strip = self._convert(np.ascontiguousarray(pixels[above:below]))
        for ours, theirs, share in zip(self.frame.planes, strip.planes, (1, 2, 2), strict=True):
            rows = slice((top - above) // share, (bottom - above) // share)
            _rows(ours)[top // share : bottom // share, : theirs.width] = _rows(theirs)[rows, : theirs.width]

    def _convert(self, pixels: Pixels) -> av.VideoFrame:
        return self._reformatters[len(pixels)].reformat(
            av.VideoFrame.from_numpy_buffer(pixels, format="rgba"),
            format=self.pixel_format,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
        )


def _rows(plane: av.video.plane.VideoPlane) -> Pixels:
    return np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)


def same(one: Pixels, other: Pixels) -> bool:
    """Whether two pictures are equal; comparing eight bytes at a time takes a quarter of the time."""
    if one.nbytes % 8:
        return np.array_equal(one, other)
    return np.array_equal(one.reshape(-1).view(np.uint64), other.reshape(-1).view(np.uint64))
